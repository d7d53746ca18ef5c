"""The verbs and the one help text."""

from __future__ import annotations

INTERRUPTED = "symconv: interrupted; nothing was decided, and no file was left incomplete"
VERBS = {
    "tour": "Derive and judge the claims of a teaching notebook; write the pages.",
    "derive": "Write the derivation of one configuration as a page.",
    "matrix": "Write W or W^T with its rank and what it can restore.",
    "size": "Show the size law with these numbers and the reachable sizes.",
    "check": "Judge an implementation by the exact results, forward and backward.",
    "fuzz": "Judge an implementation on random cases; shrink and explain failures.",
    "replay": "Run a stored finding again in a separate process.",
    "prove": "Check the proofs of identities for all sizes; decide new ones.",
    "audit": "Judge the claims of a document: matrices, sums, sizes, outputs.",
    "doctor": "Show what is installed and what a missing engine would add.",
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
