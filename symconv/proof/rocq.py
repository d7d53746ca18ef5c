"""Rocq as an independent checker of obligations, and compiler of the handwritten theory.

Each obligation is exported as a lemma over Z: the products and multiples in its certificate become
facts, and `lia` adds them up. The theory (`rocq/*.v`) is compiled as it is. The kernel relies on
none of this.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from symconv.core.errors import EngineMissing, Undecided
from symconv.proof.library import LibraryEntry, folder
from symconv.proof.trusted.kernel import Fact, Poly
from symconv.proof.trusted.obligations import Obligation
from symconv.proof.trusted.statement import Either, Entails, Floor
from symconv.proof.trusted.statement import Fact as StatedFact

SECONDS = 600
THEORY = ("Sizes.v", "Sums.v", "Form.v", "Axis.v", "Rank.v")
"""The files of the theory; each depends only on those before it."""
CLOSED = "Closed under the global context"


def compiler() -> str:
    """The path of coqc.

    Raises:
        EngineMissing: coqc is not installed.
    """
    found = shutil.which("coqc")
    if found is None:
        raise EngineMissing(
            "Rocq's coqc is not installed; on Debian: apt-get install coq libcoq-mathcomp-algebra"
        )
    return found


def lemma_name(entry: int, number: int) -> str:
    """The name of an obligation's lemma, by the numbers of its entry and of the obligation.

    The name of a file of statements need not be a valid name in Rocq.
    """
    return f"statement_{entry}_{number}"


def exported(entries: Mapping[str, tuple[Sequence[Obligation], Mapping[str, Any]]]) -> str:
    """The text of a Rocq file with a lemma for each obligation, proved from its certificate.

    `entries` maps names to their obligations and their certificates by key.
    """
    lines = ["Require Import ZArith Lia.", "Open Scope Z_scope."]
    for entry, (wanted, known) in enumerate(entries.values()):
        for n, obligation in enumerate(wanted):
            lines += _lemma(lemma_name(entry, n), obligation, known[obligation.key])
    return "\n".join(lines) + "\n"


def compiled(text: str) -> str | None:
    """Compile the text of a Rocq file; None if Rocq accepts it, else its error message.

    Raises:
        EngineMissing: coqc is not installed.
    """
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "Obligations.v"
        path.write_text(text)
        return _run(path, Path(place))[1]


def theory() -> dict[str, set[str]]:
    """Compile the handwritten theory: `{file: names of its lemmas}`, all proved without axioms.

    Raises:
        EngineMissing: coqc or MathComp is not installed.
        Undecided: Rocq rejects a file, or a lemma depends on axioms.
    """
    source = folder() / "rocq"
    found: dict[str, set[str]] = {}
    with tempfile.TemporaryDirectory() as text:
        place = Path(text)
        for name in THEORY:
            code = (source / name).read_text()
            lemmas = re.findall(r"^(?:Theorem|Lemma) (\w+)", code, re.M)
            asked = "".join(f"\nPrint Assumptions {lemma}." for lemma in lemmas)
            (place / name).write_text(code + asked + "\n")
            said, wrong = _run(place / name, place)
            if wrong is not None and "mathcomp" in wrong:
                raise EngineMissing(
                    "Rocq's MathComp is not installed; on Debian: apt-get install "
                    "libcoq-mathcomp-algebra"
                )
            if wrong is not None or said.count(CLOSED) != len(lemmas):
                raise Undecided(f"Rocq does not accept {name}: {(wrong or said)[:400]}")
            found[name] = set(lemmas)
    return found


def _run(path: Path, place: Path) -> tuple[str, str | None]:
    command = [compiler(), "-q", "-w", "none", "-R", str(place), "Symconv", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, cwd=place)
    except subprocess.TimeoutExpired:
        return "", f"no answer in {SECONDS} s"
    return done.stdout, None if done.returncode == 0 else done.stderr.strip() or "refused"


def other_statement(entry: LibraryEntry) -> str:
    """Why the lemma cited by a file does not state the file's theorem; "" if it does.

    The theorem is exported to Rocq, and `exact` with the lemma has to prove it.

    Raises:
        EngineMissing: coqc is not installed.
    """
    assert entry.rocq is not None
    file, lemma = entry.rocq
    parts = [part for part in entry.parts if isinstance(part, Entails)]
    if len(parts) != 1 or len(entry.parts) != 1 or len(parts[0].then) != 1:
        return (
            f"rocq = ({file!r}, {lemma!r}) is refused: only a theorem by entails(...) with one "
            "claim can be compared with a lemma"
        )
    with tempfile.TemporaryDirectory() as text:
        place = Path(text)
        for name in THEORY:
            (place / name).write_text((folder() / "rocq" / name).read_text())
            _run(place / name, place)
        goal = place / "Stated.v"
        goal.write_text(_stated(parts[0], file.removesuffix(".v"), lemma))
        _, wrong = _run(goal, place)
    if wrong is None:
        return ""
    return f"rocq = ({file!r}, {lemma!r}) is refused: that lemma does not state this theorem"


def _stated(theorem: Entails, module: str, lemma: str) -> str:
    facts = [f for item in theorem.given for f in _facts_of(item)]
    goal = theorem.then[0].comparison
    names = sorted({n for _, p in (*(f for c in facts for f in c), goal) for m in p for n in m})
    claims = [" \\/ ".join(f"({_statement(f)})" for f in choice) for choice in facts]
    every = f"forall {' '.join(map(_symbol, names))} : Z, " if names else ""
    body = " -> ".join([*(f"({c})" for c in claims), f"({_statement(goal)})"])
    return (
        f"Require Import ZArith Lia.\nFrom Symconv Require Import {module}.\nOpen Scope Z_scope.\n"
        f"Lemma stated : {every}{body}.\nProof. exact {lemma}. Qed.\n"
    )


def _facts_of(item: StatedFact | Either | Floor) -> list[list[Fact]]:
    if isinstance(item, Either):
        return [[f.comparison for f in item.facts]]
    if isinstance(item, Floor):
        positive = StatedFact(">=", item.denominator - 1)
        return [[f.comparison] for f in (positive, *item.facts)]
    return [[item.comparison]]


def proved_by_hand(entry: LibraryEntry, known: Mapping[str, set[str]]) -> bool:
    """Whether the entry cites lemmas and all of them are among the accepted ones, `known`."""
    wanted = entry.by_hand
    return bool(wanted) and all(lemma in known.get(file, ()) for file, lemma in wanted)


def _poly(poly: Poly) -> str:
    terms = ["*".join([f"({c})", *(_symbol(n) for n in m)]) for m, c in sorted(poly.items())]
    return " + ".join(terms) or "0"


def _symbol(name: str) -> str:
    # the prefix keeps names distinct from Rocq's keywords; marked names have a prefix of their own
    return f"q{name[:-1]}" if name.endswith("'") else f"v{name}"


def _statement(fact: Fact) -> str:
    return f"0 <= {_poly(fact[1])}" if fact[0] == ">=" else f"{_poly(fact[1])} = 0"


def _lemma(name: str, obligation: Obligation, certificate: Any) -> list[str]:
    facts = [*obligation.hypotheses, obligation.goal]
    names = sorted({n for _, p in facts for m in p for n in m})
    every = f"forall {' '.join(map(_symbol, names))} : Z, " if names else ""
    claim = " -> ".join(f"({_statement(f)})" for f in facts)
    heads = " ".join([*map(_symbol, names), *(f"H{n}" for n in range(len(facts) - 1))])
    lines = [f"Lemma {name} : {every}{claim}.", "Proof."]
    lines += [f"intros {heads}."] if heads else []
    lines += _proof(list(obligation.hypotheses), obligation.goal, certificate)
    return [*lines, "Qed."]


def _proof(known: list[Fact], goal: Fact | None, certificate: Any) -> list[str]:
    if goal is not None and goal[0] == "==":
        above, below = (">=", goal[1]), (">=", -goal[1])
        return [
            f"assert (Gge : {_statement(above)}).",
            "{",
            *_proof(known, above, certificate["ge"]),
            "}",
            f"assert (Gle : {_statement(below)}).",
            "{",
            *_proof(known, below, certificate["le"]),
            "}",
            "clear - Gge Gle. lia.",
        ]
    lines: list[str] = []
    if goal is not None:
        opposite = -goal[1] - 1
        lines += [
            "apply Z.nlt_ge; intro HN.",
            f"assert (H{len(known)} : 0 <= {_poly(opposite)}) by lia.",
        ]
        known = [*known, (">=", opposite)]
    if "split" in certificate:
        where, n = certificate["split"], len(known)
        lines += [f"destruct (Z_le_gt_dec 0 ({_poly(where)})) as [H{n} | HS]."]
        for branch, sign in (("pos", where), ("neg", -where - 1)):
            lines += ["{"]
            if branch == "neg":
                lines += [f"assert (H{n} : 0 <= {_poly(sign)}) by lia."]
            lines += [*_proof([*known, (">=", sign)], None, certificate[branch]), "}"]
        return lines
    used = []
    for n, (_, places) in enumerate(certificate["products"]):
        fact = f"H{places[0]}"
        for place in places[1:]:
            fact = f"(Z.mul_nonneg_nonneg _ _ {fact} H{place})"
        if len(places) > 1:
            lines.append(f"pose proof {fact} as M{n}.")
        used.append(f"M{n}" if len(places) > 1 else fact)
    for n, (multiple, place) in enumerate(certificate["equalities"]):
        lines.append(f"pose proof (f_equal (Z.mul ({_poly(multiple)})) H{place}) as E{n}.")
        used.append(f"E{n}")
    lines += [f"clear - {' '.join(dict.fromkeys(used))}."] if used else []
    return [*lines, "lia."]
