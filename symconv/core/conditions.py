"""Side conditions as data: stated once, then checked, explained and used to suggest a fix.

A condition is a disjunction of atoms; an atom compares an integer polynomial with zero. Since a
condition is data, it can be checked on ints, filter a search, serve as a hypothesis of a proof or
be printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from symconv.core.errors import GeometryError
from symconv.core.polynomial import Polynomial


@dataclass(frozen=True, slots=True)
class Atom:
    """`polynomial >= 0` or `polynomial == 0`, over the integers."""

    polynomial: Polynomial
    relation: str = ">="

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether the atom holds for these values."""
        value = self.polynomial.evaluate(values)
        return bool(value >= 0 if self.relation == ">=" else value == 0)


@dataclass(frozen=True, slots=True)
class Condition:
    """A side condition: at least one of `atoms` holds.

    Attributes:
        atoms: the alternatives.
        words: the condition as an English clause, for messages.
        about: the parameter or derived quantity that it restricts.
    """

    atoms: tuple[Atom, ...]
    words: str
    about: str

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether the condition holds for these values."""
        return any(atom.holds(values) for atom in self.atoms)


def at_least(name: str, bound: int) -> Condition:
    """The condition `name >= bound`."""
    return Condition(
        (Atom(Polynomial.variable(name) - bound),), f"{name} must be at least {bound}", name
    )


def ways_out(conditions: tuple[Condition, ...], values: Mapping[str, int]) -> list[tuple[str, int]]:
    """List single changes `(parameter, nearest value)` that make every condition hold.

    Every polynomial here is linear in each variable, so only the thresholds of the atoms need to
    be tried.
    """
    found = []
    for name in values:
        candidates = set()
        for atom in (atom for condition in conditions for atom in condition.atoms):
            at_zero = atom.polynomial.evaluate({**values, name: 0})
            slope = atom.polynomial.evaluate({**values, name: 1}) - at_zero
            if slope:
                candidates |= {-at_zero // slope, -(at_zero // slope)}
        good = [
            c
            for c in candidates
            if all(condition.holds({**values, name: c}) for condition in conditions)
        ]
        if good:
            found.append((name, min(good, key=lambda c: abs(c - values[name]))))
    return found


def require(
    conditions: tuple[Condition, ...],
    values: Mapping[str, int],
    *,
    where: str = "",
    names: Mapping[str, str] | None = None,
) -> None:
    """Check conditions on ints; `where` names the axis, `names` renames parameters in the message.

    Raises:
        GeometryError: a value is not an int or a condition fails; the message names the axis, the
            value, the condition and a fix.
    """
    shown = names or {}
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise GeometryError(
                f"{shown.get(name, name)}={value!r}{where} is a {type(value).__name__}, "
                "but it must be an int"
            )
    for condition in conditions:
        if condition.holds(values):
            continue
        words = condition.words
        if condition.about in shown:
            words = words.replace(condition.about, shown[condition.about])
        if condition.about in values:
            given = f"{shown.get(condition.about, condition.about)}={values[condition.about]}"
        else:
            got = condition.atoms[0].polynomial.evaluate(values) + 1
            listed = ", ".join(f"{shown.get(n, n)}={v}" for n, v in values.items())
            given = f"{condition.about}={got}, from {listed}"
        ways = [f"{shown.get(n, n)}={v}" for n, v in ways_out(conditions, values)]
        way = f" Try {' or '.join(ways[:4])}." if ways else ""
        raise GeometryError(f"{given}{where}: {words}.{way}")


def require_counts(**counts: int | None) -> None:
    """Check that counts such as channels and groups are ints of at least 1; None is skipped.

    Raises:
        GeometryError: a count is not; the message names it, its value and a fix.
    """
    given = {name: value for name, value in counts.items() if value is not None}
    require(_at_least_one(tuple(given)), given)


@lru_cache(maxsize=64)
def _at_least_one(names: tuple[str, ...]) -> tuple[Condition, ...]:
    return tuple(at_least(name, 1) for name in names)
