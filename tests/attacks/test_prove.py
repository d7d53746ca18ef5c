"""False statements that must not be proved, and true ones that must not be refuted.

Each attack is a file of statements, or several files given together; the answer is read from the
command line. Then the generator of obligations is attacked with mutants of the library.
"""

import json
import os
import random
from dataclasses import replace

import pytest
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.proof import library, search
from symconv.proof.certificate_files import file_text, write
from symconv.proof.instances import Unbounded
from symconv.proof.refuting import counterexample
from symconv.proof.theorem import as_data
from symconv.proof.trusted.kernel import Poly, Rejected, check
from symconv.proof.trusted.obligations import obligations
from symconv.proof.trusted.statement import (
    Either,
    Entails,
    Entry,
    Equal,
    Fact,
    Floor,
    Malformed,
    statement,
)
from symconv.proof.trusted.verdict import proved

pytest.importorskip("scipy")
HEAD = '"""A claim. Source: an attack."""\nfrom symconv.proof import *\n'
FALSE = "(q,) = symbols('q')\ntheorem = entails(given=[AXIS, conv_size(q)], then=[q + 1 == M])\n"
TRUE = "(q,) = symbols('q')\ntheorem = entails([AXIS, op < s, conv_size(q)], [q + 1 == M])\n"


def run(tmp_path, *texts, options=()):
    paths = []
    for n, text in enumerate(texts):
        paths.append(tmp_path / f"claim{n}.py")
        paths[-1].write_text(HEAD + text)
    done = CliRunner().invoke(app, ["prove", *map(str, paths), *options])
    assert not isinstance(done.exception, AssertionError)
    return done


SUMS = """
from symconv.proof.theorem import Equal
from symconv.proof.language import flat, named
a, b, c = symbols("a b c")
w, x = tensors("w x")
left = total(w[a], over=[a], where=[between(a, 0, k)])
right = total(x[b], over=[b], where=[between(b, 0, k)])
same = total(w[b], over=[b], where=[between(b, 0, k)])
"""
NOT_PROVED = {
    "a shared list is changed": ["AXIS.append(op == 0)\n" + FALSE],
    "a shared list is extended": [
        "given = AXIS\ngiven += [op == 0]\n" + FALSE.replace("given=[AXIS", "given=[AXIS")
    ],
    "one file changes it for the next": ["given = AXIS\ngiven += [op == 0]\n" + TRUE, FALSE],
    "a shared name is replaced": [
        "import symconv.proof as p_\np_.AXIS = (op == 0,)\ntheorem = entails([AXIS], [s >= 1])\n",
        FALSE,
    ],
    "a polynomial is changed in place": ["del N.poly[('op',)]\n" + TRUE, FALSE],
    "a polynomial is cleared": ["N.poly.clear()\n" + TRUE, FALSE],
    "a fact's polynomial is changed": ["AXIS[0].poly.update({('op',): -1})\n" + TRUE, FALSE],
    "a polynomial is made anew": ["N.poly.__init__({(): 5})\n" + TRUE, FALSE],
    "an expression gets another": ["N.poly = M.poly\n" + TRUE, FALSE],
    "an expression's slot is set": ["N._poly = M.poly\n" + TRUE, FALSE],
    "the shared parameters are changed": [
        "from symconv.proof.vocabulary import TORCH\nTORCH['stride'] = M\n" + TRUE,
        FALSE,
    ],
    "a law is replaced": [
        "from symconv.core import laws\nlaws.torch_crops = lambda **v: dict.fromkeys("
        "('crop_begin', 'crop_end'), 0)\n" + TRUE,
        FALSE,
    ],
    "a law is deleted": ["from symconv.core import laws\ndel laws.hit\n" + TRUE, FALSE],
    "torch's conditions are changed": [
        "from symconv.core.dialects.torch import TORCH_CONDITIONS\nTORCH_CONDITIONS[0] = 0\n"
        + TRUE,
        FALSE,
    ],
    "other tensors, by the constructor": [
        SUMS + "theorem = Equal(tuple(flat([AXIS])), left, right, named({'b': a}), named({'a': b}))"
    ],
    "other tensors, by replace": [
        SUMS + "from dataclasses import replace\n"
        "good = equal([AXIS], left, same, {'b': a}, {'a': b})\n"
        "theorem = replace(good, right=right)"
    ],
    "a map with a key too many": [
        SUMS + "from dataclasses import replace\n"
        "good = equal([AXIS, c == 5], left, same, {'b': a}, {'a': b})\n"
        "theorem = replace(good, forth=(('b', a.poly), ('c', a.poly)))"
    ],
    "a map that changes": [
        SUMS + "maps = {'b': a}\ngood = equal([AXIS], left, same, maps, {'a': b})\n"
        "good.forth['k'] = a.poly\ntheorem = good"
    ],
    "a map without its key": [SUMS + "theorem = Equal((), left, same, (), named({'a': b}))"],
    "a float coefficient": [
        "from symconv.proof.trusted.kernel import Poly\n"
        "from symconv.proof.trusted.statement import Entails, Fact\n"
        "theorem = Entails((Fact('>=', Poly({('s',): 1})),), (Fact('>=', Poly({('s',): 0.5})),))"
    ],
    "a split at a half": [
        "from symconv.proof.trusted.kernel import Poly\nfrom dataclasses import replace\n"
        "theorem = replace(entails([AXIS], [M >= 2]), split=(Poly({(): -0.5}),))"
    ],
    "not a number": [
        "from symconv.proof.trusted.kernel import Poly\n"
        "from symconv.proof.trusted.statement import Entails, Fact\n"
        "theorem = Entails((), (Fact('>=', Poly({(): float('nan')})),))"
    ],
    "a polynomial of another class": [
        "from symconv.proof.trusted.kernel import Poly\nfrom symconv.proof.language import Expr\n"
        "class Odd(Poly):\n    def __neg__(self): return Poly({(): 1})\n"
        "theorem = entails([AXIS], [Expr(Odd({('M',): -1})) >= 0])"
    ],
    "a fact of another class": [
        "from symconv.proof.trusted.statement import Fact\n"
        "class Odd(Fact):\n    comparison = property(lambda f: ('>=', s.poly))\n"
        "theorem = entails([AXIS], [Odd('>=', (-s).poly)])"
    ],
    "a theorem of another class": [
        "from symconv.proof.trusted.statement import Entails\nn = [0]\n"
        "class Odd(Entails):\n    def __getattribute__(self, name):\n"
        "        if name == 'then':\n            n[0] += 1\n"
        "            return (s >= 1,) if n[0] % 2 else (s >= 2,)\n"
        "        return super().__getattribute__(name)\n"
        "theorem = Odd(tuple(AXIS), (s >= 2,))"
    ],
    "a name that equals another": [
        "from symconv.proof.trusted.kernel import Poly\nfrom symconv.proof.language import Expr\n"
        "class Odd(str):\n    def __eq__(self, o): return True\n"
        "    def __hash__(self): return hash('s')\n"
        "theorem = entails([AXIS], [Expr(Poly({(Odd('zz'),): 1})) >= 1])"
    ],
    "an unknown relation": [
        "from symconv.proof.trusted.statement import Entails, Fact\n"
        "theorem = Entails(tuple(AXIS), (Fact('>', s.poly),))"
    ],
    "contradictory hypotheses": ["theorem = entails([M >= 1, M <= 0], [M == 7])"],
    "nothing is claimed": ["theorem = entails([M >= 1], [])"],
    "a title of another statement": ["theorem = entails([AXIS], [M >= 2])"],
    "captured index": [
        SUMS + "theorem = equal([AXIS, between(a, 0, 3)], left, same, {'b': a}, {'a': b})"
    ],
}


@pytest.mark.parametrize("texts", NOT_PROVED.values(), ids=NOT_PROVED)
def test_the_last_file_is_not_proved(tmp_path, texts):
    done = run(tmp_path, *texts)
    assert done.exit_code != 0
    # and on its own, right after: no state was left behind
    alone = run(tmp_path, FALSE)
    assert alone.exit_code == 1 and "REFUTED" in alone.output


def test_true_statements_stay_proved_beside_attacks(tmp_path):
    run(tmp_path, "AXIS = ()\ntheorem = entails([AXIS], [M >= 1])\n")
    assert run(tmp_path, TRUE).exit_code == 0


def test_a_name_with_a_hyphen_is_a_name(tmp_path):
    path = tmp_path / "my-claim.2 b.py"
    path.write_text(HEAD + "theorem = entails(given=[AXIS, p <= 0], then=[N >= M])\n")
    assert CliRunner().invoke(app, ["prove", str(path)]).exit_code == 0


@pytest.mark.engine
def test_a_name_with_a_hyphen_is_one_in_rocq(tmp_path, coqc):
    path = tmp_path / "my-claim.py"
    path.write_text(HEAD + "theorem = entails(given=[AXIS, p <= 0], then=[N >= M])\n")
    done = CliRunner().invoke(app, ["prove", str(path), "--rocq"])
    assert done.exit_code == 0 and "Rocq (sequents)" in done.output


@pytest.mark.engine
def test_an_unrelated_lemma_is_refused(tmp_path, coqc):
    text = "theorem = entails([AXIS, p <= 0], [N >= M])\nrocq = ('Rank.v', 'full_row_rank')\n"
    done = run(tmp_path, text, options=["--rocq"])
    assert done.exit_code == 3 and "does not state this theorem" in " ".join(done.output.split())


@pytest.mark.engine
def test_words_beside_a_lemma_are_not_proved(tmp_path, coqc):
    text = "theorem = in_rocq('Sums.v', 'bij_prod', '1 = 2', '1 = 2')\n"
    done = run(tmp_path, text, options=["--rocq"])
    said = " ".join(done.output.split())
    assert done.exit_code == 3 and "this is not compared with the words" in said
    assert "--rocq" not in said


@pytest.mark.parametrize("rocq", ["'Form.v'", "('Form.v',)", "(1, 2)"])
def test_a_lemma_is_a_pair_of_texts(tmp_path, rocq):
    done = run(tmp_path, f"{TRUE}rocq = {rocq}\n")
    assert done.exit_code == 2 and "two strings, (file, lemma)" in done.output


def test_a_stored_certificate_of_a_false_statement_is_not_believed(tmp_path):
    run(tmp_path, TRUE)
    stored = tmp_path / "certificates" / "claim0.json"
    kept = stored.read_text()
    done = run(tmp_path, FALSE)
    assert done.exit_code == 1
    stored.write_text(kept)
    assert run(tmp_path, FALSE).exit_code == 1


def test_a_certificate_that_is_not_a_file_gives_an_answer(tmp_path):
    (tmp_path / "certificates").mkdir()
    os.mkfifo(tmp_path / "certificates" / "claim0.json")
    assert run(tmp_path, TRUE).exit_code in (0, 3)


def test_sequents_are_told_apart_by_a_whole_digest():
    keys = {o.key for e in map(library.load, library.files()) for o in e.obligations}
    assert all(len(key) == 64 for key in keys) and len(keys) > 200


KERNEL = {
    "a float goal": ([], (">=", Poly({(): 0.5})), {"products": [], "equalities": []}),
    "an unknown relation": (
        [(">", Poly({(): 1}))],
        None,
        {"products": [(1, (0,))], "equalities": []},
    ),
    "a float multiple": (
        [("==", Poly({(): 2}))],
        None,
        {"products": [], "equalities": [(Poly({(): -0.5}), 0)]},
    ),
    "a negative factor": (
        [(">=", Poly({(): 1}))],
        None,
        {"products": [(-1, (0,))], "equalities": []},
    ),
    "a place that is not there": ([], None, {"products": [(1, (3,))], "equalities": []}),
    "no certificate": ([], (">=", Poly({(): -1})), {}),
    "an equation as an inequality": (
        [("==", Poly({(): -1}))],
        None,
        {"products": [(1, (0,))], "equalities": []},
    ),
}


@pytest.mark.parametrize("sequent", KERNEL.values(), ids=KERNEL)
def test_the_kernel_rejects(sequent):
    with pytest.raises(Rejected):
        check(*sequent)


def entry(name):
    return next(e for e in map(library.load, library.files()) if e.name == name)


def test_the_trusted_package_rejects_sums_of_different_tensors():
    """The obligations of such a pair could all be certified: none of them names a tensor."""
    whole = entry("gather")
    part = next(p for p in whole.parts if isinstance(p, Equal))
    data = as_data(part)
    data[3][0] = [[f"other_{name}", index] for name, index in data[3][0]]
    with pytest.raises(Malformed, match="different tensors"):
        statement(data)


def test_a_proof_needs_a_witness_and_every_certificate():
    whole = entry("size_inverse")
    data = [as_data(part) for part in whole.parts]
    known = {o.key: search.find(o) for o in whole.obligations}
    numbers = [library.term_witness(part) for part in whole.parts]
    assert proved(data, known, numbers)
    for wrong in ([None] * len(numbers), [dict.fromkeys(n, -7) for n in numbers], []):
        with pytest.raises((Rejected, Malformed)):
            proved(data, known, wrong)
    with pytest.raises(Rejected, match="no certificate"):
        proved(data, dict(list(known.items())[1:]), numbers)


def test_json_carries_the_hypotheses(tmp_path):
    done = run(tmp_path, TRUE, options=["--json"])
    (row,) = json.loads(done.stdout)["theorems"]
    (part,) = row["parts"]
    assert part["kind"] == "entails" and row["badge"] == "PROVED, all sizes (kernel)"
    assert any("q = floor(" in line for line in part["hypotheses"])
    assert len(part["hypotheses"]) == 7 and part["claims"]
    every = json.loads(CliRunner().invoke(app, ["prove", "--json"]).stdout)
    assert all(
        p.get("hypotheses") or p["kind"] == "rocq" or p["kind"] == "entails"
        for row in every["theorems"]
        for p in row["parts"]
    )


def test_what_only_rocq_checks_is_not_said_to_hold():
    done = CliRunner().invoke(app, ["prove", "adjoint", "--json"])
    found = json.loads(done.stdout)
    assert done.exit_code == 3 and found["verdict"] == "undecided"
    assert "kernel" not in found["evidence"]["method"]


ADVICE = {
    "theorem = entails([AXIS, s != 1], [s >= 2])": "either(a < b, a > b)",
    "theorem = entails([AXIS], [M // s >= 0])": "quotient(q, a, b)",
    "theorem = entails([AXIS], [M % s >= 0])": "a - q*b",
    "theorem = entails([AXIS], [abs(p) >= 0])": "both signs",
    "theorem = entails([AXIS], [max(s, d) >= 1])": "truth value",
    "theorem = entails([AXIS], [2 ** s >= 1])": "exponent",
    "theorem = entails([AXIS], [s ** d >= 1])": "exponent",
    "theorem = entails([AXIS], range(k))": "no value",
    "theorem = entails(M >= 1, [M >= 1])": "lists of facts",
    "theorem = entails([AXIS], [0 <= M < 3])": "between(i, 0, n)",
    "(q,) = symbols('q'); theorem = on_axes(entails([AXIS], [M >= 1]), 2)": "made by equal",
    "symbols('i i')": "twice",
}


@pytest.mark.parametrize("text", ADVICE)
def test_what_is_not_a_polynomial_says_how_to_write_it(tmp_path, text):
    done = run(tmp_path, text + "\n")
    assert done.exit_code == 2 and ADVICE[text] in " ".join(done.output.split()), done.output


def test_the_advice_for_open_sums_is_something_that_equal_accepts(tmp_path):
    text = SUMS + "far = total(w[b], over=[b], where=[between(b, 0, k), b * b <= 50 * k * k * k])\n"
    text += "theorem = equal([AXIS], left, far, {'b': a}, {'a': b})\n"
    done = run(tmp_path, text)
    said = " ".join(done.output.split())
    if done.exit_code == 3:
        assert "have_forth=[...]" in said and " have=[" not in said


MUTANTS = 400


def mutated(poly, chance):
    names = sorted({n for m in poly for n in m})
    if not poly or chance.random() < 0.3:
        return poly + chance.choice([-1, 1])
    monomial = chance.choice(sorted(poly))
    rest = Poly({m: c for m, c in poly.items() if m != monomial})
    kind = chance.randrange(3)
    if kind == 0:
        return poly + Poly({monomial: chance.choice([-1, 1])})
    if kind == 1 or not monomial:
        return rest
    other = list(monomial)
    other[chance.randrange(len(other))] = chance.choice([*names, "s", "d", "k", "M"])
    return rest + Poly({tuple(sorted(other)): poly[monomial]})


def mutated_fact(fact, chance):
    if chance.random() < 0.8:
        return Fact(fact.relation, mutated(fact.poly, chance))
    return Fact(">=" if fact.relation == "==" else "==", fact.poly)


def mutant(part, chance):
    """Change one hypothesis, claim, index, guard or map."""
    fields = ["given"] if part.given else []
    fields += ["then"] if isinstance(part, Entails) else ["entry", "guards", "maps"]
    field = chance.choice(fields)
    if field == "then":
        facts = list(part.then)
        n = chance.randrange(len(facts))
        facts[n] = mutated_fact(facts[n], chance)
        return replace(part, then=tuple(facts))
    if field == "given":
        items = list(part.given)
        n = chance.randrange(len(items))
        item = items[n]
        if isinstance(item, Either) or chance.random() < 0.4:
            del items[n]
        elif isinstance(item, Fact):
            items[n] = mutated_fact(item, chance)
        else:
            items[n] = Floor(item.name, mutated(item.numerator, chance), item.denominator)
        return replace(part, given=tuple(items))
    side = chance.choice(["left", "right"])
    one = getattr(part, side)
    if field == "entry":
        factors = [(name, list(index)) for name, index in one.entry.factors]
        name, index = chance.choice(factors)
        if not index:
            return part
        n = chance.randrange(len(index))
        index[n] = mutated(index[n], chance)
        made = Entry(tuple((name, tuple(index)) for name, index in factors))
        return replace(part, **{side: replace(one, entry=made)})
    if field == "guards" and one.guards:
        guards = list(one.guards)
        n = chance.randrange(len(guards))
        if chance.random() < 0.3:
            del guards[n]
        else:
            guards[n] = mutated_fact(guards[n], chance)
        return replace(part, **{side: replace(one, guards=tuple(guards))})
    way = "forth" if side == "left" else "back"
    maps = dict(getattr(part, way))
    if not maps:
        return part
    name = chance.choice(sorted(maps))
    maps[name] = mutated(maps[name], chance)
    return replace(part, **{way: tuple(maps.items())})


@pytest.mark.parametrize("share", range(4))
def test_mutants_that_are_certified_survive_enumeration(share):
    """The generator without enumeration: what the kernel certifies must have no counterexample."""
    chance = random.Random(share)
    parts = [
        part
        for whole in map(library.load, library.files())
        for part in whole.parts
        if isinstance(part, (Entails, Equal)) and len(obligations(part)) < 26
    ]
    tried = certified = 0
    while tried < MUTANTS // 4:
        part = chance.choice(parts)
        changed = mutant(part, chance)
        if chance.random() < 0.5:
            changed = mutant(changed, chance)
        if changed == part:
            continue
        tried += 1
        try:
            read = statement(as_data(changed))
            sequents = obligations(read)
            sure = all(search.find(o) is not None for o in sequents)
        except (Malformed, Rejected):
            continue
        if sure:
            certified += 1
            try:
                broken = counterexample(read, 20_000)
            except Unbounded:
                continue
            assert broken is None, (read, str(broken))
    assert certified >= 10


def test_a_planted_fault_in_the_generator_is_noticed(monkeypatch):
    """The obligations omit the guards of the other side: some mutant is then certified."""
    from symconv.proof.trusted import obligations as generator

    whole = entry("gather")
    part = next(p for p in whole.parts if isinstance(p, Equal))
    fewer = replace(part, right=replace(part.right, guards=part.right.guards[:-1]))
    found = {o.name for o in obligations(part)} - {o.name for o in obligations(fewer)}
    assert any("guard" in name for name in found)
    monkeypatch.setattr(generator, "_terms", lambda *arguments: None)
    factors = tuple((n, tuple(p + 1 for p in index)) for n, index in part.left.entry.factors)
    shifted = replace(part, left=replace(part.left, entry=Entry(factors)))
    assert all(search.find(o) is not None for o in obligations(shifted))
    assert counterexample(shifted) is not None


def test_a_certificate_of_ones_own_is_read_back(tmp_path, monkeypatch):
    """The written certificate is what counts: one that a faulty search made is rejected at once."""
    from symconv.proof import proving

    lie = {"products": [(1, (0,))], "equalities": []}
    monkeypatch.setattr(proving.search, "find", lambda obligation: lie)
    monkeypatch.setattr(proving, "counterexample", lambda part: None)
    done = run(tmp_path, TRUE)
    assert done.exit_code == 3 and "was rejected" in " ".join(done.output.split())
    assert file_text and write
