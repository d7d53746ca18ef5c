"""Names of symbols: which a user may choose, and which symconv gives to entries.

Entries are 0-based and in torch's order of indices: `x_{[n,][c,]i,j}`, `k_{[c,o,]u,v}` with o
counted inside its group, `b_o` global, `y` like x.
"""

from __future__ import annotations

LETTER = r"[A-Za-z][A-Za-z0-9]{0,15}(_[A-Za-z0-9]{1,8})?\Z"
"""A letter, letters or a Greek name, with at most one index; a regular expression."""

RESERVED = r"[xkby](_\d+)+\Z"
"""`x_0_1`, `k_0`, `b_2`, `y_1_1`: the names of entries in derivations."""

_LOWER = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau
    upsilon phi chi psi omega
"""
_UPPER = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
GREEK = frozenset((_LOWER + _UPPER).split())
"""Names that print as Greek letters and that every LaTeX renderer has a command for."""


def entry_name(letter: str, index: tuple[int, ...]) -> str:
    """`entry_name("x", (0, 1))` is `x_0_1`."""
    return "_".join((letter, *map(str, index)))
