"""z3 as an independent checker of obligations and a search for counterexamples. Untrusted."""

from __future__ import annotations

from typing import Any

from symconv.core.errors import EngineMissing
from symconv.proof.refuting import Instance, told
from symconv.proof.trusted.kernel import Fact, Poly
from symconv.proof.trusted.obligations import Obligation, cases
from symconv.proof.trusted.statement import Either, Entails, Floor

MILLISECONDS = 10_000


def load() -> Any:
    """The module z3.

    Raises:
        EngineMissing: z3 is not installed.
    """
    try:
        import z3
    except ImportError:
        raise EngineMissing(
            "z3 is not installed; install it with: pip install 'symconv[prove]'"
        ) from None
    return z3


def proves(obligation: Obligation) -> bool | None:
    """Whether z3 proves the obligation: True, False with a counterexample, None if it gives up.

    Raises:
        EngineMissing: z3 is not installed.
    """
    z3 = load()
    solver, symbols = _solver(z3)
    for fact in obligation.hypotheses:
        solver.add(_fact(z3, fact, symbols))
    solver.add(z3.Not(_fact(z3, obligation.goal, symbols)))
    answer = str(solver.check())
    return {"unsat": True, "sat": False}.get(answer)


def counterexample(theorem: Entails) -> Instance | None:
    """Integers of any size that satisfy the hypotheses but not the claim; None if none are found.

    Raises:
        EngineMissing: z3 is not installed.
    """
    z3 = load()
    for _, given in cases(theorem.given):
        for goal in theorem.then:
            solver, symbols = _solver(z3)
            for item in given:
                assert not isinstance(item, Either)
                facts = item.facts if isinstance(item, Floor) else (item,)
                for fact in facts:
                    solver.add(_fact(z3, fact.comparison, symbols))
                if isinstance(item, Floor):
                    solver.add(_poly(z3, item.denominator, symbols) >= 1)
            solver.add(z3.Not(_fact(z3, goal.comparison, symbols)))
            if str(solver.check()) == "sat":
                model = solver.model()
                values = {name: _number(model, s) for name, s in symbols.items()}
                return Instance(values, f"{told(goal)} fails")
    return None


def _solver(z3: Any) -> tuple[Any, dict[str, Any]]:
    solver = z3.Solver()
    solver.set("timeout", MILLISECONDS)
    return solver, {}


def _number(model: Any, symbol: Any) -> int:
    return int(model.eval(symbol, model_completion=True).as_long())


def _poly(z3: Any, poly: Poly, symbols: dict[str, Any]) -> Any:
    total = z3.IntVal(0)
    for monomial, coefficient in poly.items():
        product = z3.IntVal(coefficient)
        for name in monomial:
            product = product * symbols.setdefault(name, z3.Int(name))
        total = total + product
    return total


def _fact(z3: Any, fact: Fact, symbols: dict[str, Any]) -> Any:
    value = _poly(z3, fact[1], symbols)
    return value >= 0 if fact[0] == ">=" else value == 0
