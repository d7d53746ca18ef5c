"""Names of symbols: those that a user may choose, and those that symconv gives to entries.

Indices of entries are 0-based and in torch's order: `x_{[n,][c,]i,j}`; `k_{[c,o,]u,v}` with o
counted within its group; `b_o` with o counted over all channels; `y` like x.
"""

from __future__ import annotations

LETTER = r"[A-Za-z][A-Za-z0-9]{0,15}(_[A-Za-z0-9]{1,8})?\Z"
"""Pattern of a symbol: a letter, several letters or a Greek name, with at most one index."""

RESERVED = r"[xkby](_\d+)+\Z"
"""Pattern of the names of entries in derivations: `x_0_1`, `k_0`, `b_2`, `y_1_1`."""

_LOWER = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau
    upsilon phi chi psi omega
"""
_UPPER = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
GREEK = frozenset((_LOWER + _UPPER).split())
"""Names that are printed as Greek letters; every LaTeX renderer has a command for each."""


def entry_name(letter: str, index: tuple[int, ...]) -> str:
    """Name an entry: `entry_name("x", (0, 1))` is `x_0_1`."""
    return "_".join((letter, *map(str, index)))
