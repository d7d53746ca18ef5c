"""Reasons are data: every one is rendered in every format, and rewording decides nothing."""

import json

import pytest
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.core.errors import ParseError
from symconv.render.formats import formats, render
from symconv.render.tree import Badge, Document, paragraph
from symconv.results import words
from symconv.results.reasons import ReasonKind, because, key_of, reason_from_json, stated

HOSTILE = "a_b & <c> 100% $x$ \\cmd {d} ~ ^ # \"e\" 'f' | `g`"
FLAGS = {"backward", "from_inputs", "lenient", "zero"}
NUMBERS = {"wrong", "cells", "count", "total", "runs", "bytes", "code", "points", "of"}


def sample(field, *, flag=True, number=3):
    if field in FLAGS:
        return flag
    if field in NUMBERS:
        return number
    return 1e-3 if field == "largest" else HOSTILE


def samples(kind):
    for flag in (True, False):
        yield because(kind, **{field: sample(field, flag=flag) for field in kind.fields})


@pytest.mark.parametrize("kind", ReasonKind, ids=lambda kind: kind.name)
def test_every_kind_has_a_sentence_that_uses_its_values(kind):
    for reason in samples(kind):
        text = words.sentence(reason)
        assert text.strip() and not text.endswith(".")
        assert HOSTILE in text or not any(v == HOSTILE for v in reason.values)


@pytest.mark.parametrize("form", sorted(formats()))
def test_every_reason_is_rendered_in_every_format(form):
    reasons = [reason for kind in ReasonKind for reason in samples(kind)]
    blocks = [Badge("REFUTED", words.sentence(r)) for r in reasons]
    page = Document("Reasons", (*blocks, paragraph(words.sentences(reasons))))
    data = render(page, form)
    text = data if isinstance(data, str) else data.decode("latin-1")
    if form == "html":
        assert "<c>" not in text and "&lt;c&gt;" in text
    if form == "latex":
        assert r"\cmd" not in text and r"a\_b \& " in text
    if form == "ipynb":
        assert json.loads(text)["cells"]


@pytest.mark.parametrize("kind", ReasonKind, ids=lambda kind: kind.name)
def test_reasons_survive_json(kind):
    for reason in samples(kind):
        assert reason_from_json(json.loads(json.dumps(reason.to_json()))) == reason


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"kind": "nonsense"},
        {"kind": "shape"},
        {"kind": "shape", "got": "1"},
        {"kind": "shape", "got": [], "needed": "1"},
        {"kind": "signal", "signal": None},
    ],
)
def test_damaged_reasons_are_refused(data):
    with pytest.raises(ParseError, match="reason:"):
        reason_from_json(data)


def test_fields_are_checked():
    with pytest.raises(TypeError, match="SHAPE takes got, needed"):
        because(ReasonKind.SHAPE, got="1")


def test_labels_are_unique():
    assert len({kind.label for kind in ReasonKind}) == len(ReasonKind)


def test_a_key_leaves_out_what_differs_between_cases_of_one_fault():
    def raised(brief):
        return because(ReasonKind.RAISED, type="E", brief=brief, backward=False).key

    assert raised("E: 3 is not 4") == raised("E: 5 is not 6") != raised("E: no")
    dtypes = [because(ReasonKind.DTYPE, got=f"torch.float{n}", needed="x").key for n in (32, 64)]
    assert len(set(dtypes)) == 2, "a dtype is not a number that differs from case to case"
    assert key_of(()) == "" and key_of(stated("a")) == "stated: a"


def reworded(monkeypatch):
    """Add a marker to every sentence and remove its colons and semicolons."""
    plain = dict(words.SENTENCES)

    def other(kind):
        def sentence(reason):
            form = plain[kind]
            text = form.format(**reason.as_dict()) if isinstance(form, str) else form(reason)
            return "@@ " + text.replace(":", " -").replace(";", " -").replace("raised", "threw")

        return sentence

    for kind in ReasonKind:
        monkeypatch.setitem(words.SENTENCES, kind, other(kind))


COMMANDS = [
    "fuzz docs.examples.broken:second --cases 512 --workers 1 --seed 1",
    "fuzz tests.attacks.kernels:two_faults --cases 512 --workers 1 --seed 1",
    "fuzz tests.attacks.kernels:one_group --cases 256 --workers 1 --seed 1",
    "check docs.examples.broken:second",
    "check tests.attacks.kernels:one_group",
    "check tests.attacks.kernels:three_lines",
    "check docs.examples.broken:second --by symbolic --sweep 6",
    "check torch --by decode --input-size 2x2 --kernel-size 2x2",
]


def facts(command, folder):
    more = ["--store", str(folder)] if command.startswith("fuzz") else []
    done = CliRunner().invoke(app, [*command.split(), "--json", *more])
    record = json.loads(done.stdout)
    kept = ("kind", "signature", "alike", "unexamined", "verdict", "where", "rung", "case")
    findings = [{name: f[name] for name in kept if name in f} for f in record["findings"]]
    return done.exit_code, record["verdict"], record.get("counts"), findings, record


@pytest.mark.parametrize("command", COMMANDS)
def test_rewording_every_sentence_changes_no_verdict(command, tmp_path, monkeypatch):
    *before, plain = facts(command, tmp_path / "a")
    reworded(monkeypatch)
    *after, marked = facts(command, tmp_path / "b")
    assert before == after
    if plain["findings"]:
        assert json.dumps(marked).count("@@ ") > json.dumps(plain).count("@@ ")
