"""The kernel and the generator: true sequents pass; false ones and hostile data do not."""

import ast
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from symconv.core.errors import ParseError
from symconv.proof import overview, search
from symconv.proof.language import Fact, between, poly, quotient, symbols, tensors, total
from symconv.proof.library import checked, files, load, recheck
from symconv.proof.refuting import counterexample, without
from symconv.proof.theorem import Entails, Equal, entails, equal
from symconv.proof.trusted import certificates
from symconv.proof.trusted.kernel import Poly, Rejected, check
from symconv.proof.trusted.obligations import obligations
from symconv.proof.trusted.statement import Malformed

pytest.importorskip("scipy")
ENTRIES = [load(path) for path in files()]
KERNEL = [entry for entry in ENTRIES if not entry.only_rocq]
ROOT = Path(__file__).parents[2]
a, b, c, q = symbols("a b c q")


def fact(comparison):
    return comparison.comparison


def test_a_certificate_by_hand():
    """a >= 1 and b >= 2 give a b >= 2: (a-1)(b-2) + (b-2) + 2(a-1) + (1 - a b) = -1."""
    hypotheses = [fact(a >= 1), fact(b >= 2)]
    good = {"products": [(1, (0, 1)), (2, (0,)), (1, (1,)), (1, (2,))], "equalities": []}
    check(hypotheses, fact(a * b >= 2), good)
    for wrong in (
        {"products": [(1, (0, 1))], "equalities": []},
        {"products": [(-1, (0,))], "equalities": []},
        {"products": [(True, (0,))], "equalities": []},
        {"products": [], "equalities": [(Poly.of(1), 0)]},
        {"products": [], "equalities": []},
    ):
        with pytest.raises(Rejected):
            check(hypotheses, fact(a * b >= 2), wrong)
    with pytest.raises(Rejected, match="negative constant"):
        check(hypotheses, fact(a * b >= 3), good)


def test_a_split_needs_both_sides():
    obligation = entails(given=[a * a == a], then=[a * (a - 1) >= 0], split=[a])
    wanted = obligations(obligation)[0]
    found = search.find(wanted)
    check(wanted.hypotheses, wanted.goal, found)
    split = {"split": poly(a), "pos": found, "neg": found}
    with pytest.raises((Rejected, KeyError, IndexError)):
        check([fact(a >= 5)], fact(b >= 0), split)


def test_no_false_sequent_gets_a_certificate():
    """Every theorem with a known counterexample loses an obligation; so do random sequents."""
    tried = 0
    for entry in KERNEL:
        if entry.twin is not None:
            tried += 1
            assert any(search.find(o) is None for o in obligations(entry.twin)), entry.name
    chance = random.Random(1)
    names = [a, b, c]
    for _ in range(60):

        def linear():
            return sum((chance.randint(-2, 2) * n for n in names), chance.randint(-2, 2) + 0 * a)

        theorem = entails(given=[linear() >= 0, linear() * linear() >= 0], then=[linear() >= 0])
        if counterexample(theorem, 4000) is not None:
            tried += 1
            assert search.find(obligations(theorem)[0]) is None
    assert tried > 60


@pytest.mark.parametrize("entry", KERNEL, ids=lambda e: e.name)
def test_hypotheses_that_are_needed_cannot_be_proved_away(entry):
    for part in entry.parts:
        if not isinstance(part, (Entails, Equal)):
            continue
        for item in [g for g in part.given if isinstance(g, Fact)][:6]:
            less = without(part, tuple(g for g in part.given if g is not item))
            try:
                broken = counterexample(less, 1500)
            except (Malformed, ParseError):  # a divisor or a range was lost with the hypothesis
                broken = None
            if broken is not None:
                assert any(search.find(o) is None for o in obligations(less))


def leaves(certificate):
    if "ge" in certificate:
        return leaves(certificate["ge"]) + leaves(certificate["le"])
    if "split" in certificate:
        return leaves(certificate["pos"]) + leaves(certificate["neg"])
    return [certificate]


def total_of(hypotheses, goal, leaf):
    known = [*hypotheses, (">=", -goal[1] - 1)]
    found = Poly()
    for factor, places in leaf["products"]:
        product = Poly.of(factor)
        for place in places:
            product = product * known[place][1]
        found = found + product
    for multiple, place in leaf["equalities"]:
        found = found + multiple * known[place][1]
    return found


def copied(part):
    """A copy of a certificate that may be changed, sharing its immutable polynomials."""
    if isinstance(part, dict) and not isinstance(part, Poly):
        return {name: copied(value) for name, value in part.items()}
    return [copied(p) for p in part] if isinstance(part, list) else part


def test_changed_certificates_are_rejected_unless_they_still_add_up():
    chance = random.Random(2)
    rejected = accepted = 0
    for entry in KERNEL:
        known = certificates.read(entry.certificate)
        for obligation in entry.obligations:
            if obligation.goal[0] == "==":
                continue
            for _ in range(5):
                changed = copied(known[obligation.key])
                leaf = chance.choice(leaves(changed))
                if not leaf["products"]:
                    continue
                n = chance.randrange(len(leaf["products"]))
                factor, places = leaf["products"][n]
                leaf["products"][n] = chance.choice(
                    [
                        (factor + chance.choice([-1, 1, 2]), places),
                        (factor, (chance.randrange(len(obligation.hypotheses) + 1), *places[1:])),
                        (0, places),
                    ]
                )
                try:
                    check(obligation.hypotheses, obligation.goal, changed)
                    accepted += 1
                    sums = total_of(obligation.hypotheses, obligation.goal, leaf)
                    assert set(sums) == {()} and sums[()] < 0
                except Rejected:
                    rejected += 1
    assert rejected > 300 and accepted < rejected


def test_rechecking_needs_python_alone():
    """In an interpreter that cannot import anything else."""
    code = """
import sys, time
for name in ("sympy", "numpy", "scipy", "z3", "torch", "click"):
    sys.modules[name] = None
sys.path.insert(0, sys.argv[1])
from symconv.proof.library import files, load, recheck
found = [recheck(load(path)) for path in files()]
assert {s.status for s in found} == {"proved", "needs_engine"}, found
print(sum(s.status == "proved" for s in found))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(ROOT)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(KERNEL) >= 30


def test_the_kernel_is_short_and_stands_alone():
    """What a proof relies on imports nothing else of symconv, and can be read in an hour."""
    package = ROOT / "symconv" / "proof" / "trusted"
    for path in package.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                own = str(node.module).startswith("symconv.proof.trusted.")
                assert own or node.module.split(".")[0] in sys.stdlib_module_names, node.module
            elif isinstance(node, ast.Import):
                assert all(a.name in sys.stdlib_module_names for a in node.names)
    assert overview.trusted_lines() <= 900


W, X = tensors("w x")
I, T = symbols("i t")  # noqa: E741 - the index is called i
ONE = total(X[0], over=[T], where=[T == 0])
MANY = total(X[0], over=[I], where=[between(I, 0, c)])
SHIFTED = total(X[T + 1], over=[T], where=[between(T, 0, c)])
LONGER = total(X[T], over=[T], where=[between(T, 0, c + 1)])
PLAIN_SUM = total(X[I], over=[I], where=[between(I, 0, c)])


@pytest.mark.parametrize(
    ("left", "right", "forth", "back", "kind"),
    [
        (MANY, ONE, {"t": 0}, {"i": 0}, "there and back"),
        (PLAIN_SUM, SHIFTED, {"t": I}, {"i": T}, "same entry"),
        (PLAIN_SUM, LONGER, {"t": I}, {"i": T}, "guard"),
    ],
)
def test_each_kind_of_obligation_is_what_stops_a_falsehood(left, right, forth, back, kind):
    wanted = obligations(equal([c >= 1], left, right, forth, back))
    open_ = [o.name for o in wanted if search.find(o) is None]
    assert open_ and all(kind in name for name in open_)


def test_indices_may_not_be_captured():
    w, x = tensors("w x")
    left = total(w[a] * x[b], over=[a], where=[between(a, 0, c)])
    right = total(w[b] * x[b], over=[b], where=[between(b, 0, c)])
    with pytest.raises(Malformed, match="name of something outside"):
        obligations(equal([c >= 1], left, right, {"b": a}, {"a": b}))
    with pytest.raises(Malformed, match="name of something outside"):
        same = total(w[a] * x[c], over=[a], where=[between(a, 0, c)])
        other = total(w[q] * x[c], over=[q], where=[between(q, 0, c)])
        obligations(equal([a == 0], same, other, {"q": a}, {"a": q}))


def test_a_quotient_is_defined_before_it_is_used_and_once():
    for given in ([q >= 1, quotient(q, a, 2)], [quotient(q, a, 2), quotient(q, a, 3)]):
        with pytest.raises(Malformed, match="before it is defined"):
            obligations(entails(given=given, then=[a >= 0]))
    # it must be proved that the divisor is positive
    wanted = obligations(entails(given=[quotient(q, a, b)], then=[a >= q * b]))
    assert [search.find(o) is not None for o in wanted] == [False, True]


def test_mistakes_in_statements_are_told():
    w, x = tensors("w x")
    side = total(w[a], over=[a], where=[between(a, 0, c)])
    for wrong, message in (
        (lambda: entails(given=[True], then=[a >= 0]), "is not a fact"),
        (lambda: bool(a < b), "no truth value"),
        (lambda: bool(a), "no truth value"),
        (lambda: equal([], side, side, {}, {"a": a}), "the map to the right side gives nothing"),
        (
            lambda: equal([], side, total(x[b], over=[b], where=[]), {"b": a}, {"a": b}),
            "multiply different tensors",
        ),
        (lambda: symbols("a-b"), "not a valid name"),
        (lambda: a + 0.5, "is a float"),
    ):
        with pytest.raises((ParseError, Malformed), match=message):
            wrong()


def written(path, obligations_=None, **changed):
    data = {"schema": certificates.SCHEMA, "theorem": "t", "obligations": obligations_ or {}}
    path.write_text(json.dumps({**data, **changed}))
    return path


DEEP = "[" * 100_000 + "]" * 100_000
PLAIN = {"products": [[1, [0]]], "equalities": []}


@pytest.mark.parametrize(
    "hostile",
    [
        {"k": {"products": [[-1, [0]]], "equalities": []}},
        {"k": {"products": [[1.5, [0]]], "equalities": []}},
        {"k": {"products": [[True, [0]]], "equalities": []}},
        {"k": {"products": [[10**30, [0]]], "equalities": []}},
        {"k": {"products": [[1, [0] * 50]], "equalities": []}},
        {"k": {"products": [[1, ["0"]]], "equalities": []}},
        {"k": {"products": [[1, [-1]]], "equalities": []}},
        {"k": {"products": [], "equalities": [[[[1, *["a"] * 99]], 0]]}},
        {"k": {"products": [], "equalities": [[[[1, 7]], 0]]}},
        {"k": {"products": [[1, [0]]] * 100_00, "equalities": []}},
        {"k": {"ge": PLAIN}},
        {"k": {"split": [], "pos": PLAIN}},
        {"k": []},
        {"k": None},
        {"k": "x"},
        {
            "k": {
                "ge": {
                    "ge": {
                        "ge": {
                            "ge": {
                                "ge": {
                                    "ge": {"ge": {"ge": PLAIN, "le": PLAIN}, "le": PLAIN},
                                    "le": PLAIN,
                                },
                                "le": PLAIN,
                            },
                            "le": PLAIN,
                        },
                        "le": PLAIN,
                    },
                    "le": PLAIN,
                },
                "le": PLAIN,
            }
        },
    ],
)
def test_hostile_certificates_are_turned_away(hostile, tmp_path):
    with pytest.raises(Malformed, match="certificate"):
        certificates.read(written(tmp_path / "c.json", hostile))


def test_damaged_files_are_turned_away(tmp_path):
    path = tmp_path / "c.json"
    for text in (DEEP, "{", "[]", '{"schema": "other"}', f'{{"a": {"9" * 1_000_000}}}', ""):
        path.write_text(text)
        with pytest.raises(Malformed, match="certificate"):
            certificates.read(path)
    path.write_text(" " * (certificates.MOST_BYTES + 1))
    with pytest.raises(Malformed, match="larger than"):
        certificates.read(path)
    with pytest.raises(Malformed, match="is not a file"):
        certificates.read(tmp_path / "nothing.json")


def test_a_stale_certificate_and_an_edited_one_are_named(tmp_path):
    source = next(e for e in KERNEL if e.name == "size_inverse")
    copied = tmp_path / "size_inverse.py"
    copied.write_text(source.path.read_text())
    (tmp_path / "certificates").mkdir()
    place = tmp_path / "certificates" / "size_inverse.json"
    place.write_text(source.certificate.read_text())
    assert recheck(load(copied)).status == "proved"
    copied.write_text(
        source.path.read_text().replace("op < s, conv_size", "op < s, M >= 2, conv_size")
    )
    stale = recheck(load(copied))
    assert stale.status == "broken" and stale.stale and "divisor of q is positive" in stale.detail
    copied.write_text(source.path.read_text())
    data = json.loads(source.certificate.read_text())
    for part in data["obligations"].values():
        for leaf in leaves(part):
            leaf["products"] = leaf["products"][:-1]
    place.write_text(json.dumps(data))
    edited = recheck(load(copied))
    assert edited.status == "broken" and "rejected" in edited.detail
    assert checked(source.obligations, {})[0] == "stale"
