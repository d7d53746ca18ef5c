"""One implementation, one call, one result at a time: the ladder of verdicts.

Cheapest and sharpest first. Structural: shape, dtype, device, untouched inputs. Replica: data so
small that every order of summation is exact, compared bit for bit. Bound: real data against the
models of `arithmetic/rounding.py`, decided by a float64 centre and its certified radius, and by
exact arithmetic where that leaves a doubt. Non-finite: where inf and nan must show.

A refutation in the default mode needs the norm-wise bound of fast algorithms broken too: an honest
Winograd or FFT kernel is not of conventional accuracy, and that is all that can be said of it.
"""

from symconv.judge.errors import with_errors
from symconv.judge.judgement import ANY, DIRECT, ErrorPlane, Judgement, Standard
from symconv.judge.ladder import declines_backward, judge, structural
from symconv.judge.truths import truths

__all__ = [
    "ANY",
    "DIRECT",
    "ErrorPlane",
    "Judgement",
    "Standard",
    "declines_backward",
    "judge",
    "structural",
    "truths",
    "with_errors",
]
