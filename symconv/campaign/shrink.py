"""Shrinking: find the smallest case that shows the same fault.

Every candidate runs in a worker, so that crashes are shrunk in the same way as wrong values. The
order is: fewer axes, samples, channels and groups; smaller size and kernel, then stride, dilation
and paddings; contiguous layouts and default backends; last simpler values, zeros and then ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.campaign.finding import Finding
from symconv.campaign.operand_values import operands, shapes, written
from symconv.core.errors import GeometryError
from symconv.exact.dtypes import INTEGER

BUDGET = 600
"""Upper limit on the number of candidates."""
PER_AXIS = ("size", "kernel_size", "stride", "padding", "output_padding", "dilation")
LEAST = {"size": 1, "kernel_size": 1, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}

Run = Callable[[Case], Finding | None]


class Shrinker:
    """Tries smaller cases and keeps those that show the same fault."""

    def __init__(
        self, finding: Finding, run: Run, budget: int = BUDGET, dims: Collection[int] = (1, 2, 3)
    ) -> None:
        """`run` runs a case in isolation and returns its finding; `dims`: allowed dimensions."""
        self.dims = {*dims, finding.case.dims}
        self.best = finding
        self.run = run
        self.left = budget
        self._seen: set[str] = {finding.case.key}

    def shows(self, case: Case) -> bool:
        """Whether a candidate shows the fault; if so, it becomes the best case."""
        if self.left <= 0 or case.key in self._seen or case.dims not in self.dims:
            return False
        self._seen.add(case.key)
        if not _legal(case) and self.best.kind != "accepts illegal":
            return False
        self.left -= 1
        found = self.run(case)
        if not self.best.same_fault(found):
            return False
        assert found is not None
        self.best = replace(
            found,
            place=self.best.place,
            alike=self.best.alike,
            reproduced=self.best.reproduced or found.reproduced,
        )
        return True

    def shrunk(self) -> Finding:
        """Shrink until no smaller case shows the fault."""
        again = True
        while again and self.left > 0:
            again = any([self._shape(), self._plain()])
        self._values()
        return self.best

    def _shape(self) -> bool:
        done = False
        for candidates in (_fewer_axes, _fewer_channels, _smaller_numbers):
            going = True
            while going and self.left > 0:
                going = any(self.shows(case) for case in candidates(self.best.case))
                done |= going
        return done

    def _plain(self) -> bool:
        done = False
        for case in list(_plainer(self.best.case)):
            done |= self.shows(case)
        return done

    def _values(self) -> None:
        case = self.best.case
        if case.device == "meta" or self.best.kind == "accepts illegal" or case.dtype in INTEGER:
            return
        plan = Plan(case.geometry())
        values = case.values or written(operands(case, plan))
        explicit = replace(case, values=dict(values))
        if case.values is None and not self.shows(explicit):
            return
        for name in ("grad", "bias", "w", "x"):
            if name in values:
                self._simplify(name, math.prod(shapes(case, plan)[name]))
        self.shows(replace(self.best.case, pattern="whole"))

    def _simplify(self, name: str, count: int) -> None:
        """Set halves, quarters, ... of one operand to zero, then its other entries to one."""
        size = count
        while size >= 1:
            for start in range(0, count, size):
                self._put(name, slice(start, start + size), 0)
            size //= 2
        self._put(name, slice(0, count), 1)
        for n in range(count):
            self._put(name, slice(n, n + 1), 1)

    def _put(self, name: str, place: slice, value: int) -> None:
        case = self.best.case
        assert case.values is not None
        old = case.values[name]
        zero: Any = (value, 0) if isinstance(old[0], tuple) else value
        kept = [v for v in old[place] if _is_zero(v)] if value else []
        new = (
            *old[: place.start],
            *(v if value and v in kept else zero for v in old[place]),
            *old[place.stop :],
        )
        if new != old:
            self.shows(replace(case, values={**case.values, name: new}))


def _is_zero(value: Any) -> bool:
    return value in (0, (0, 0))


def _legal(case: Case) -> bool:
    try:
        case.geometry()
    except GeometryError:
        return False
    return True


def _changed(case: Case, **fields: Any) -> Case:
    """A case of another shape, for which values are drawn again."""
    return replace(case, values=None, **fields)


def _fewer_axes(case: Case) -> Iterator[Case]:
    for axis in range(case.dims):
        if case.dims > 1:
            kept = [n for n in range(case.dims) if n != axis]
            yield _changed(
                case, **{name: tuple(getattr(case, name)[n] for n in kept) for name in PER_AXIS}
            )


def _fewer_channels(case: Case) -> Iterator[Case]:
    if case.batch > 1:
        yield _changed(case, batch=1)
        yield _changed(case, batch=case.batch - 1)
    g, ins, outs = case.groups, case.in_channels // case.groups, case.out_channels // case.groups
    if g > 1:
        yield _changed(case, groups=1, in_channels=ins, out_channels=outs)
        yield _changed(case, groups=g - 1, in_channels=ins * (g - 1), out_channels=outs * (g - 1))
    if ins > 1:
        yield _changed(case, in_channels=g)
        yield _changed(case, in_channels=g * (ins - 1))
    if outs > 1:
        yield _changed(case, out_channels=g)
        yield _changed(case, out_channels=g * (outs - 1))
    if case.bias:
        yield _changed(case, bias=False)
    if case.gradients:
        yield _changed(case, gradients=False)


def _smaller_numbers(case: Case) -> Iterator[Case]:
    for name in PER_AXIS:
        values = getattr(case, name)
        for axis, value in enumerate(values):
            least = LEAST[name]
            for new in dict.fromkeys((least, least + (value - least) // 2, value - 1)):
                if least <= new < value:
                    yield _changed(case, **{name: (*values[:axis], new, *values[axis + 1 :])})


def _plainer(case: Case) -> Iterator[Case]:
    for name in ("x_layout", "w_layout", "grad_layout"):
        if getattr(case, name) != "contiguous":
            yield replace(case, **{name: "contiguous"})  # type: ignore[arg-type]  # a text field
    if case.batch == 0:
        yield _changed(case, batch=1)
    if case.threads > 1:
        yield replace(case, threads=1)
    if case.pattern != "whole":
        yield _changed(case, pattern="whole")
    if case.seed:
        yield _changed(case, seed=0, draw=0)
    for n, (name, on) in enumerate(case.switches):
        if not on:
            switches = (*case.switches[:n], (name, True), *case.switches[n + 1 :])
            yield replace(case, switches=switches)
