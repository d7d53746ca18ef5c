"""The verbs and the one help text."""

from __future__ import annotations

INTERRUPTED = "symconv: interrupted; nothing was decided or half-written"
VERBS = {
    "tour": "Derive and judge a teaching notebook's story; write it as a page.",
    "derive": "A derivation page of one configuration.",
    "matrix": "W or W^T, with its rank and what it can restore.",
    "size": "The size law with these numbers, and what is within reach.",
    "check": "Judge an implementation against the exact truth, forward and backward.",
    "fuzz": "Draw cases, judge an implementation, shrink and name what fails.",
    "replay": "Run a stored finding again, alone.",
    "prove": "Identities for all sizes: certificates re-checked, new ones decided.",
    "audit": "Judge what a document claims: matrices, sums, sizes, outputs.",
    "doctor": "What is installed, and what a missing engine would add.",
}


def help_text() -> str:
    """What `symconv --help` shows."""
    verbs = "\n".join(f"  {name:<7} {summary}" for name, summary in VERBS.items())
    return f"""\
Usage: symconv [OPTIONS] VERB [ARGS]...

  An exact, independent reference for transposed convolution.

Verbs:
{verbs}

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit; also after a verb.

Exit codes: 0 holds, 1 refuted by a counterexample, 2 wrong usage or input,
3 undecided (a device or engine is missing, or nothing could be judged).
"""
