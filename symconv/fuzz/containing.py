"""Whether a configuration has all that a smaller one has, so that a fault of that one shows too.

A sign, no proof: a fault may need what a larger configuration lacks, an odd size for example.
"""

from __future__ import annotations

from itertools import combinations

from symconv.fuzz.case import Case

AXIS = ("size", "kernel_size", "stride", "padding", "output_padding", "dilation")
COUNTS = ("in_channels", "out_channels", "groups", "threads")
LAYOUTS = ("x_layout", "w_layout", "grad_layout")


def contains(case: Case, smaller: Case) -> bool:
    """No parameter of `smaller` is above that of `case`, and what is special there is here too."""
    if (case.dtype, case.device, case.switches) != (
        smaller.dtype,
        smaller.device,
        smaller.switches,
    ):
        return False
    if any(getattr(case, name) < getattr(smaller, name) for name in COUNTS):
        return False
    if max(case.batch, 1) < smaller.batch or (smaller.batch == 0 and case.batch):
        return False
    if (smaller.bias and not case.bias) or (smaller.gradients and not case.gradients):
        return False
    if smaller.pattern not in ("whole", case.pattern):
        return False
    for name in LAYOUTS:
        if getattr(smaller, name) not in ("contiguous", getattr(case, name)):
            return False
    own, other = (
        list(zip(*(getattr(c, name) for name in AXIS), strict=True)) for c in (case, smaller)
    )
    return any(
        all(
            a >= b
            for axis, least in zip(chosen, other, strict=True)
            for a, b in zip(axis, least, strict=True)
        )
        for chosen in combinations(own, len(other))
    )
