"""`symconv prove` on a user's files, on the library, and on identities at shapes."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import symconv
from symconv import Identity, conv, conv_transpose, identical, matrix
from symconv.cli.app import app
from symconv.core.errors import ParseError, ShapeError
from symconv.proof import guards, search
from symconv.proof.certificate_files import SCHEMA, file_text, write
from symconv.proof.library import files, load
from symconv.proof.proving import decide
from symconv.results.evidence import Outcome

pytest.importorskip("scipy")
HEAD = "from symconv.proof import *\n(q,) = symbols('q')\n"


def run(*arguments):
    return CliRunner().invoke(app, ["prove", *map(str, arguments)])


def claim(tmp_path, text, name="claim"):
    path = tmp_path / f"{name}.py"
    path.write_text(f'"""A claim. Source: here."""\n{HEAD}{text}\n')
    return path


FALSE = "theorem = entails([AXIS, either(op < s, op < d), conv_size(q)], [q + 1 == M])"
TRUE = "theorem = entails([AXIS, op < s, conv_size(q)], [q + 1 == M])"


def test_the_library_holds():
    done = run()
    assert done.exit_code == 0 and "false versions refuted" in done.stdout
    record = json.loads(run("--json").stdout)
    assert record["verdict"] == "holds"
    by = {row["status"] for row in record["theorems"]}
    assert by == {"proved", "needs_engine"}
    assert len(record["refuted_twins"]) >= 10
    assert all(row["counterexample"] for row in record["refuted_twins"])


def test_a_false_claim_is_refuted_with_numbers(tmp_path):
    done = run(claim(tmp_path, FALSE))
    assert done.exit_code == 1 and "REFUTED" in done.stdout
    assert "s = 1" in done.stdout and "d = 2" in done.stdout and "op = 1" in done.stdout
    assert not (tmp_path / "certificates").exists()


def test_a_true_claim_is_proved_once_and_re_checked_afterwards(tmp_path, monkeypatch):
    path = claim(tmp_path, TRUE)
    assert run(path).exit_code == 0
    assert (tmp_path / "certificates" / "claim.json").exists()
    monkeypatch.setattr(search, "find", None)  # must not be called again
    again = run(path)
    assert again.exit_code == 0 and "PROVED, all sizes (kernel)" in again.stdout
    record = json.loads(run(path, "--json").stdout)
    assert record["theorems"][0]["status"] == "proved" and record["refuted_twins"] == []


def test_a_certificate_edited_by_hand_is_rejected(tmp_path):
    path = claim(tmp_path, TRUE)
    run(path)
    place = tmp_path / "certificates" / "claim.json"
    place.write_text(place.read_text().replace("[1, [", "[2, [", 1))
    done = run(path)
    assert done.exit_code == 3 and "REJECTED" in done.stdout and "rejected" in done.stdout
    assert run(path, "--search").exit_code == 0


@pytest.mark.parametrize(
    ("text", "word", "code"),
    [
        ("theorem = entails([AXIS, op < s, op > s + 2], [M == 7])", "contradict each other", 3),
        ("theorem = entails([AXIS, M >= 50, M * M >= 2501], [M >= 51])", "", 0),
        ("theorem = entails([M >= 100, k >= 0], [M * k >= k])", "", 0),
        ("theorem = entails([M >= 1000], [M >= 1001])", "M = 1000", 1),
        ("theorem = entails([M >= 0, M * M == 1003 * 1003], [M < 5])", "", 1),
        ("theorem = entails([M >= 1, k >= 1], [M * M * M * M * M + k >= 1 + M])", "", 0),
    ],
)
def test_statements_are_decided_or_left_open(tmp_path, text, word, code):
    done = run(claim(tmp_path, text))
    assert word in " ".join(done.stdout.split())
    assert done.exit_code in (code, 3)  # a true one that search misses is undecided
    if code == 0:
        assert done.exit_code != 1


def test_a_certificate_cannot_make_an_empty_statement_hold(tmp_path):
    """Contradictory hypotheses prove everything: the certificate is valid, but the answer is no."""
    path = claim(tmp_path, "theorem = entails([M >= 1, M <= 0], [M == 7])")
    wanted = load(path).obligations
    text = file_text("claim", {o.key: search.find(o) for o in wanted})
    write(path.parent / "certificates" / "claim.json", text)
    done = run(path)
    assert done.exit_code == 3 and "contradict each other" in done.stdout
    for empty in ("entails([M >= 1], [])", "entails([either()], [M == 1])"):
        assert run(claim(tmp_path, f"theorem = {empty}")).exit_code == 2


def test_sums_of_ones_own(tmp_path):
    good = claim(
        tmp_path,
        """
i, j, a, b, t = symbols("i j a b t")
w, x = tensors("w x")
theorem = equal(
    given=[AXIS, between(j, 0, N)],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(w[b] * x[t], over=[b, t], where=[meets(j, t, b)]),
    forth={"b": a, "t": i},
    back={"a": b, "i": t},
)""",
        "good",
    )
    assert run(good).exit_code == 0
    wrong = tmp_path / "wrong.py"
    wrong.write_text(good.read_text().replace("right=total(w[b]", "right=total(w[b + 1]"))
    done = run(wrong)
    assert done.exit_code == 1 and "w[1]*x[0]" in done.stdout


@pytest.mark.parametrize("entry", [e for e in map(load, files()) if e.twin], ids=lambda e: e.name)
def test_twins_are_refuted_and_never_proved(entry, monkeypatch):
    from dataclasses import replace

    from symconv.proof import proving

    twin = replace(entry, parts=(entry.twin,))
    assert decide(twin, keep=False).status == "refuted"
    # also if enumeration finds nothing
    monkeypatch.setattr(proving, "counterexample", lambda part: None)
    assert decide(twin, keep=False).status in ("refuted", "unproved")


def test_without_scipy_a_new_proof_is_undecided(tmp_path, monkeypatch):
    for name in ("scipy", "scipy.optimize", "scipy.sparse", "z3"):
        monkeypatch.setitem(sys.modules, name, None)
    done = run(claim(tmp_path, TRUE))
    assert done.exit_code == 3 and "symconv[prove]" in done.stdout
    assert run(claim(tmp_path, FALSE)).exit_code == 1  # enumeration needs neither
    z3 = run("--z3")
    assert z3.exit_code == 3 and "symconv[prove]" in z3.stderr


def test_without_rocq_it_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "")
    done = run("--rocq", "adjoint")
    assert done.exit_code == 3 and "apt-get install coq" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("theorem = 5", "states no theorem"),
        ("", "states no theorem"),
        ("raise RuntimeError('no')", "cannot be run: RuntimeError: no"),
        ("theorem = entails([AXIS], [q])", "is not a fact"),
        ("theorem = entails([0 <= q < M], [M > 0])", "no truth value"),
        ("theorem =", "SyntaxError"),
    ],
)
def test_files_that_state_nothing(tmp_path, text, message):
    done = run(claim(tmp_path, text))
    assert done.exit_code == 2 and message in done.stderr


def test_bad_names(tmp_path):
    assert run("nothing").exit_code == 2
    assert run(tmp_path / "none.py").exit_code == 2
    assert run("adjoint", claim(tmp_path, TRUE)).exit_code == 2
    for at in ("pair", "x.py", "x.py:pair", str(claim(tmp_path, TRUE)) + ":nothing"):
        assert run("--at", at).exit_code == 2


def test_new_instances_agree_with_the_recorded_ones():
    entry = next(e for e in map(load, files()) if e.name == "size_inverse")
    assert guards.record(entry) == guards.read(entry)


def scatter(x, w):
    return conv_transpose(x, w, stride=2, padding=1)


def by_matrix(x, w):
    found = matrix(w, input_size=x.shape[1:], stride=2, padding=1)
    return (found.T @ x.ravel()).reshape(scatter(x, w).shape)


def flipped(x, w):
    return conv_transpose(x, w[..., ::-1, ::-1], stride=2, padding=1)


SWEEP = [((c, m, m + 1), (c, 2, k, k)) for c in (1, 2) for m in (2, 3) for k in (2, 3)]


def test_scatter_is_the_transposed_matrix_over_a_sweep():
    verdict = identical(scatter, by_matrix, SWEEP)
    assert verdict.outcome is Outcome.HOLDS and verdict.badge == "IDENTICAL at this shape"
    assert "8 shapes" in verdict.evidence.domain and "for all sizes" in verdict.cause


def test_differing_products_are_named():
    verdict = identical(scatter, flipped, SWEEP)
    assert verdict.outcome is Outcome.REFUTED
    assert "only left: w_0_0_1_1*x_0_0_0" in verdict.cause
    assert "only right: w_0_0_0_0*x_0_0_0" in verdict.cause
    with pytest.raises(symconv.core.errors.Refuted):
        verdict.require()


def test_adjointness_as_an_identity():
    def left(x, y, w):
        return (conv(x, w, stride=2) * y).sum()

    def right(x, y, w):
        return (x * conv_transpose(y, w, stride=2, output_padding=x.shape[0] % 2)).sum()

    sweep = [((5, 5), (2, 2), (2, 2)), ((4, 4), (2, 2), (2, 2))]
    assert identical(left, right, sweep).outcome is Outcome.HOLDS


def test_other_shapes_and_numbers_are_compared_too():
    assert identical(lambda x: x.sum(), lambda x: x[0] + x[1], [((2,),)]).outcome is Outcome.HOLDS
    assert identical(lambda x: 3, lambda x: 4, [((2,),)]).outcome is Outcome.REFUTED
    assert identical(lambda x: x, lambda x: x[:1], [((2,),)]).where == "shape"


def test_what_cannot_be_compared_is_told():
    with pytest.raises(ParseError, match="give shapes, such as"):
        identical(scatter, flipped, [])
    with pytest.raises(ParseError, match="2 arguments"):
        identical(scatter, flipped, [((2, 2),)])
    with pytest.raises(ParseError, match="more than"):
        identical(scatter, flipped, [((2, 200, 200), (2, 2, 2, 2))])
    with pytest.raises(ParseError, match="is not a shape"):
        identical(scatter, flipped, [((2, -1), (2, 2))])
    with pytest.raises(ShapeError, match="cannot be called with shapes"):
        identical(scatter, flipped, [((2, 2, 2), (3, 2, 2, 2))])
    with pytest.raises(ShapeError, match="fails at shapes"):
        identical(lambda x: x[9], lambda x: x, [((2,),)])
    with pytest.raises(ShapeError, match="exact numbers or symbolic entries"):
        identical(lambda x: "text", lambda x: x, [((2,),)])


def test_identities_from_a_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from symconv import Identity, conv_transpose\n"
        "def f(x, w): return conv_transpose(x, w)\n"
        "def g(x, w): return conv_transpose(w, x)\n"
        "def h(x, w): return conv_transpose(x, w[::-1])\n"
        "pair = (f, g, [((2, 3), (3, 2))])\n"
        "wrong = Identity(f, h, (((2, 3), (3, 2)),))\n"
        "other = 7\n"
    )
    held = run("--at", f"{path}:pair")
    assert held.exit_code == 0 and "IDENTICAL at this shape" in held.stdout
    broken = run("--at", f"{path}:wrong", "--json")
    assert broken.exit_code == 1 and "only left" in json.loads(broken.stdout)["cause"]
    assert run("--at", f"{path}:other").exit_code == 2
    path.write_text("import sys\nsys.exit(0)\n")
    assert run("--at", f"{path}:pair").exit_code == 2
    assert isinstance(Identity(scatter, flipped, ()), Identity)


def test_the_guide_is_true(tmp_path, monkeypatch):
    """The files shown in docs/proofs.md give the answers that it states."""
    text = (Path(__file__).parents[2] / "docs" / "proofs.md").read_text()
    blocks = [b.split("```")[0] for b in text.split("```python\n")[1:]]
    said = [b.split("```")[0] for b in text.split("```console\n")[1:]]
    assert len(blocks) >= 4
    monkeypatch.chdir(tmp_path)
    shown = iter(said)
    for block in blocks:
        name = block.partition("# ")[2].split()[0]
        Path(name).write_text(block)
        command, _, expected = next(shown).partition("\n")
        done = CliRunner().invoke(app, command.removeprefix("$ symconv ").split())
        for line in filter(None, (s.strip() for s in expected.split("...\n"))):
            assert line in done.output, (line, done.output)


SYMBOLS = "n, m, i, t, p, q = symbols('n m i t p q')\nx, = tensors('x')\n"
IMAGE_IN_MAPS = """
theorem = equal(given=[n >= 1, quotient(m, n, 100)],
    left=total(x[i], over=[i], where=[between(i, 0, n), quotient(p, i, 1)]),
    right=total(x[t + m], over=[t], where=[between(t, 0, n), quotient(q, t, 1)]),
    forth={"t": image(q) + 1}, back={"i": image(p) + 1})"""
OF_ITSELF = """
theorem = equal(given=[n >= 1, quotient(m, n, 10**6), either(m == 0, m == 1)],
    left=total(x[i], over=[i], where=[between(i, 0, n), quotient(q, m*q + m, 1)]),
    right=total(x[t + m], over=[t], where=[between(t, 0, n)]), forth={"t": i}, back={"i": t})"""
MARKED_ENTRY = """
theorem = equal(given=[n >= 1, quotient(m, n, 100)],
    left=total(x[image(q)*m], over=[i], where=[between(i, 0, n)]),
    right=total(x[q*m], over=[t], where=[between(t, 0, n), quotient(q, t + 7, 1)]),
    forth={"t": i}, back={"i": t})"""
MARKED_GUARD = """
theorem = equal(given=[n >= 1, quotient(m, n, 100)],
    left=total(x[i], over=[i], where=[between(i, 0, n)]),
    right=total(x[t], over=[t], where=[between(t, 0, n), quotient(q, t, 1), m*image(q) <= m*t,
                                       m*t <= m*image(q)]),
    forth={"t": i}, back={"i": t})"""
ENDLESS = """
theorem = equal(given=[either(n == 0, n == 1)],
    left=total(x[0], over=[i], where=[i == 0]),
    right=total(x[0], over=[t], where=[(1 - n)*t == 0]), forth={"t": n*i}, back={"i": 0})"""
OTHER_SIDE = ENDLESS.replace("n*i", "n*t")
HALF_OPEN = """
theorem = equal(given=[n >= 1], left=total(x[i], over=[i], where=[i >= 0]),
    right=total(x[t], over=[t], where=[t >= 0]), forth={"t": i}, back={"i": t})"""
UNDEFINED = """
theorem = equal(given=[n >= 1], left=total(x[i], over=[i], where=[between(i, 0, n),
    quotient(q, i, m)]), right=total(x[t], over=[t], where=[between(t, 0, n)]),
    forth={"t": i}, back={"i": t})"""
POWER = (
    "theorem = entails([n >= 0, m >= 0, i >= 0, t >= 0, p >= 0], [(n + m + i + t + p + 1)**6 >= 1])"
)
CASES = "theorem = entails([n >= 1] + 5*[either(m == 1, m == 2, m == 3)], [n >= 1])"


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ('theorem = in_rocq("Sums.v", "no_such_lemma", "0 = 1", "0 = 1")', 3, "NEEDS ROCQ"),
        (
            'theorem = (entails([n >= 1], [n >= 0]), in_rocq("Sums.v", "none", "0 = 1", "0 = 1"))',
            3,
            "NEEDS ROCQ",
        ),
        (IMAGE_IN_MAPS, 2, "image(q) stands in the statement or in a map"),
        (OF_ITSELF, 2, "q is used before it is defined"),
        (
            "theorem = entails([quotient(q, q + n, 1)], [n == 0])",
            2,
            "q is used before it is defined",
        ),
        (MARKED_ENTRY, 2, "image(q) stands in"),
        (MARKED_GUARD, 2, "image(q) stands in"),
        (ENDLESS, 3, "no finite range"),
        (OTHER_SIDE, 2, "belongs to the side that it leads to"),
        (HALF_OPEN, 2, "no guards give this index a finite range"),
        (UNDEFINED, 3, "the divisor of q is"),
        ("theorem = entails([n >= 2], [n ** -1 == 1])", 2, "must be an integer from 0"),
        (
            "theorem = on_axes(equal([n >= 1], total(x[i], over=[i], where=[between(i, 0, n)]), "
            "total(x[t + 1], over=[t], where=[between(t, 0, n)]), {'t': i}, {'i': t}), 0)",
            2,
            "1 to 9",
        ),
        ("theorem = entails([n >= 10**20], [n >= 1])", 2, "numbers must be at most"),
        ("theorem = entails([n >= 10**11], [10**11*n*n >= 1])", 0, ""),
        (POWER, 3, "not proved: goal"),
        (CASES, 2, "more than 64 cases"),
        (
            "theorem = entails([either(*between(n, 0, m), between(m, 0, 3))], [n >= 0])",
            2,
            "are not an alternative",
        ),
        (
            "theorem = entails([n >= 1], [n >= 1])\nlengths = {'K': 5}",
            2,
            "a name in the file is invalid",
        ),
        ("theorem = entails([n >= 1], [n >= 1])\nuses = 5", 2, "a name in the file is invalid"),
        ("theorem = entails([n >= 1], [n >= 1])\n__doc__ = 5", 2, "a name in the file is invalid"),
        ("import sys\nsys.exit(0)", 2, "SystemExit"),
    ],
)
def test_statements_that_would_trick_the_generator(tmp_path, text, code, word):
    """Each of these was once proved, crashed, or did not end."""
    done = run(claim(tmp_path, SYMBOLS + text))
    assert word in " ".join(done.output.split()), done.output
    assert done.exit_code == code or (code == 0 and done.exit_code == 3)


def test_the_verdict_and_the_exit_code_are_one(tmp_path):
    path = claim(tmp_path, SYMBOLS + 'theorem = in_rocq("Sums.v", "none", "0 = 1", "0 = 1")')
    done = run(path, "--json")
    assert done.exit_code == 3 and json.loads(done.stdout)["verdict"] == "undecided"


def test_two_files_of_one_name_are_not_mixed_up(tmp_path):
    places = []
    for folder, text in (
        ("aa", "entails([n >= 1], [n >= 1])"),
        ("bb", "entails([n >= 2], [n >= 3])"),
    ):
        (tmp_path / folder).mkdir()
        places.append(claim(tmp_path / folder, f"{SYMBOLS}theorem = {text}", "c"))
    done = run(*places)
    assert done.exit_code == 2 and "one name" in done.stderr
    assert run(places[0], "--list").exit_code == 2


def test_a_counterexample_comes_before_a_stored_certificate(tmp_path, monkeypatch):
    from symconv.cli import prove as verb
    from symconv.proof import library

    path = claim(tmp_path, SYMBOLS + "theorem = entails([n >= 1], [n >= 2])")
    write(path.parent / "certificates" / "claim.json", file_text("claim", {}))
    monkeypatch.setattr(library, "proved", lambda *arguments: [])
    assert run(path).exit_code == 1 and verb is not None


def test_a_page_says_what_its_file_says(tmp_path):
    text = "N = symbols('N')[0]\ntheorem = entails([AXIS, N == 5], [N >= 5])"
    done = run(claim(tmp_path, text))
    assert done.exit_code == 0 and "N = 5" in done.stdout and "where" not in done.stdout


def test_a_hostile_certificate_costs_little(tmp_path):
    path = claim(tmp_path, SYMBOLS + "theorem = entails([n >= 1], [n >= 1])")
    key = load(path).obligations[0].key
    wide = [[1, f"a{k}"] for k in range(500)]
    leaf = {"products": [[1, [2, 2, 2, 2]]], "equalities": []}
    place = tmp_path / "certificates" / "claim.json"
    place.parent.mkdir()
    for split in (wide, wide[:30]):
        part = {"split": split, "pos": leaf, "neg": leaf}
        place.write_text(json.dumps({"schema": SCHEMA, "obligations": {key: part}}))
        done = run(path)
        assert done.exit_code == 3 and "REJECTED" in done.stdout
