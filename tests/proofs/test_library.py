"""Every statement: its instances, both sides written out, its false twin, and torch."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.proof import guards, narrate, overview
from symconv.proof.library import files, load
from symconv.proof.opinions import twins
from symconv.proof.refuting import at, enumerated
from symconv.proof.theorem import Entails, Equal
from symconv.proof.trusted import certificates
from symconv.render import latex
from symconv.render.pdf import compile_latex
from symconv.render.tree import Badge

ENTRIES = {path.stem: load(path) for path in files()}
STATED = [e for e in ENTRIES.values() if any(isinstance(p, (Entails, Equal)) for p in e.parts)]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("entry", STATED, ids=lambda e: e.name)
def test_both_sides_agree_wherever_they_are_written_out(entry):
    for part in entry.parts:
        count, full = enumerated(part, 2, 25_000)
        assert count >= 3 and full >= 3


@pytest.mark.parametrize("entry", STATED, ids=lambda e: e.name)
def test_recorded_instances_hold_what_they_say(entry):
    data = guards.read(entry)
    assert guards.problems(entry, data) == []
    changed = {**data, "witness": [dict.fromkeys(v, -99) for v in data["witness"]]}
    assert guards.problems(entry, changed)


def test_at_least_ten_plausible_falsehoods_are_refuted():
    false = twins(list(ENTRIES.values()))
    assert len(false) >= 10 and all(seen is not None for _, seen in false)
    assert len({e.twin_says for e, _ in false}) == len(false)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda e: e.name)
def test_files_name_their_source_and_what_they_use(entry):
    assert entry.source and entry.title.endswith(".")
    assert set(entry.uses) <= set(ENTRIES)


def test_the_page_of_the_library_is_true():
    done = CliRunner().invoke(app, ["prove", "--list", "--format", "markdown"])
    assert done.exit_code == 0
    assert (ROOT / "proofs" / "README.md").read_text() == done.stdout


def numbers(name):
    return guards.read(ENTRIES[name])["twin"]


def sizes(v, **more):
    return {"stride": v.get("s", 1), "padding": v.get("p", 0), "dilation": v.get("d", 1), **more}


def test_twins_that_speak_of_torch_break_on_torch():
    torch = pytest.importorskip("torch")
    convt, conv = torch.nn.functional.conv_transpose1d, torch.nn.functional.conv1d

    v = numbers("size_inverse")  # torch takes the output padding, and conv does not come back
    x, w = torch.ones(1, 1, v["M"]), torch.ones(1, 1, v["k"])
    steps = sizes(v)
    y = convt(x, w, output_padding=v["op"], **steps)
    assert conv(y, w, **steps).shape[-1] != v["M"]

    v = numbers("size_conv_first")  # the same hyperparameters, another size
    x, w = torch.ones(1, 1, v["H"] + 3 * v["s"]), torch.ones(1, 1, v["k"])
    steps = sizes(v)
    assert convt(conv(x, w, **steps), w, **steps).shape != x.shape

    v = numbers("exact_upsampling")
    x, w = torch.ones(1, 1, v["M"]), torch.ones(1, 1, v["k"])
    assert convt(x, w, **sizes(v)).shape[-1] != v["s"] * v["M"]

    v = numbers("rotate")  # output padding breaks the symmetry: torch requires it below s or d
    x, w = torch.tensor([[[1.0, 2.0]]]), torch.tensor([[[1.0, 3.0]]])
    turned = convt(x.flip(2), w.flip(2), stride=2, output_padding=1)
    assert not torch.equal(convt(x, w, stride=2, output_padding=1).flip(2), turned)
    assert torch.equal(convt(x, w, stride=2).flip(2), convt(x.flip(2), w.flip(2), stride=2))

    v = numbers("swap")
    one, two = torch.tensor([[[1.0, 2.0]]]), torch.tensor([[[1.0, 3.0, 5.0]]])
    swapped = convt(two, one, stride=2, dilation=1)
    assert torch.equal(convt(one, two, stride=1, dilation=2), swapped)
    with pytest.raises((RuntimeError, AssertionError)):
        assert torch.equal(convt(one, two, dilation=2), convt(two, one, dilation=2))

    x = torch.arange(1.0, 5).reshape(1, 1, 4)  # composition with a crop between the layers
    w1, w2 = torch.tensor([[[1.0, 2.0]]]), torch.tensor([[[1.0, 1.0, 1.0]]])
    two_layers = convt(convt(x, w1, padding=1), w2)
    combined = convt(w1, w2)
    one_layer = convt(x, combined, padding=1)
    assert two_layers.shape == one_layer.shape and not torch.equal(two_layers, one_layer)
    free = convt(convt(x, w1), w2, padding=1)
    assert torch.equal(free, one_layer)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda e: e.name)
def test_every_page_is_written_in_every_format(entry):
    for kind in ("text", "markdown", "latex"):
        done = CliRunner().invoke(app, ["prove", entry.name, "--format", kind])
        assert done.exit_code == (3 if entry.only_rocq else 0), done.output
        plain = re.sub(r"[\\{}]", "", done.stdout)
        assert entry.title.split("`")[0][:30].strip() in plain
    text = CliRunner().invoke(app, ["prove", entry.name]).stdout
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.engine
def test_pages_compile_without_an_overfull_line(pdflatex):
    parts = []
    for entry in ENTRIES.values():
        known = {} if entry.only_rocq else certificates.read(entry.certificate)
        parts.append(latex.fragment(narrate.document(entry, known, Badge("PROVED", "here"))))
    _, log = compile_latex(
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
        + "\n\\clearpage\n".join(parts)
        + "\n\\end{document}\n"
    )
    assert re.findall(r"Overfull.*", log) == []


@pytest.mark.engine
def test_every_checker_agrees(coqc):
    """Kernel, z3 and Rocq on every entry that names them; no entry depends on one engine."""
    pytest.importorskip("z3")
    done = CliRunner().invoke(app, ["prove", "--z3", "--rocq", "--json"])
    assert done.exit_code == 0, done.output
    import json

    for row in json.loads(done.stdout)["theorems"]:
        entry = ENTRIES[row["name"]]
        assert row["status"] == "proved"
        assert ("kernel" in row["checkers"]) == ("z3" in row["checkers"]) == (not entry.only_rocq)
        assert ("Rocq (lemma)" if entry.only_rocq else "Rocq (sequents)") in row["checkers"]
        assert overview.checkers(entry)


@pytest.mark.engine
def test_rocq_refuses_what_is_false(coqc):
    from symconv.proof import rocq

    entry = ENTRIES["tap_unique"]
    good = rocq.exported({"t": (entry.obligations, certificates.read(entry.certificate))})
    assert rocq.compiled(good) is None
    assert rocq.compiled(good.replace("(va = 0)", "(va = 1)") + "Lemma l : 0 = 1. lia. Qed.")


def test_numbers_that_break_the_hypotheses_are_no_counterexample():
    twin = ENTRIES["size_inverse"].twin
    assert at(twin, {"M": 0, "k": 1, "s": 1, "d": 2, "op": 1, "q": 0}) is None
