"""`--by symbolic`: trace programs on symbols, replay them on numbers, and give a verdict.

A program that is traced on symbols is also called on numbers for which every sum is exact; both
must lead to the same result. A program that asks for values is traced at a few points instead: what
it computes there can refute it and names the wrong products, but cannot show that it is correct,
since other values may take other paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from symconv.exact.dtypes import FLOATING, real_format
from symconv.judging.cases import Layer, eighths, from_data, replica
from symconv.judging.judgement import Standard
from symconv.judging.rungs import judge
from symconv.judging.truths import truths
from symconv.results.evidence import Evidence, Method, Outcome, Semantics, Verdict, combine
from symconv.results.reasons import Reason, ReasonKind, Reasons, because
from symconv.results.words import sentence
from symconv.targets.compiling import forget_compiled
from symconv.targets.engine import Implementation, Observed
from symconv.targets.environment import describe
from symconv.targets.observing import observe
from symconv.targets.tensors import Array, Layouts, Problem
from symconv.tracing import Followed, Point, follow
from symconv.tracing.differences import NAMES as RESULTS
from symconv.tracing.handlers.convolutions import BACKWARD, FORMULA
from symconv.tracing.probing import probe
from symconv.tracing.refusing import Refused

SCALES = {
    "1": Fraction(1),
    "2^-12": Fraction(1, 2**12),
    "2^-40": Fraction(1, 2**40),
    "2^12": Fraction(2**12),
}
"""Scales at which programs may branch: integers, small and large values."""


def at_points(
    target: Implementation, layer: Layer, gradients: bool, dtype: str, layouts: Layouts, seed: int
) -> tuple[Followed | None, str, int]:
    """The trace at the first point that refutes the target, and that point as text.

    Without such a point: None, "" and the number of points at which the target is correct.
    """
    tried = 0
    for words, scale in SCALES.items():
        point = Point(seed, scale)
        found = follow(
            target,
            layer.geometry,
            batch=layer.batch,
            bias=layer.bias,
            gradients=gradients,
            dtype=dtype,
            point=point,
        )
        if found.differences and _shows(target, layer, gradients, dtype, layouts, point):
            return found, f"integers from -3 to 3 times {words}", tried
        tried += not (found.refusal or found.fault or found.differences)
    return None, "", tried


def _shows(
    target: Implementation,
    layer: Layer,
    gradients: bool,
    dtype: str,
    layouts: Layouts,
    point: Point,
) -> bool:
    """Whether calling the function on the numbers of the point refutes it too."""
    g, shapes = layer.geometry, {"x": ("x", (layer.batch, *layer.geometry.input_shape))}
    shapes |= {"w": ("k", g.weight_shape), "grad": ("v", (layer.batch, *g.output_shape))}
    if layer.bias:
        shapes["bias"] = ("b", (g.out_channels,))
    operands = {name: point.array(letter, shape) for name, (letter, shape) in shapes.items()}
    problem = from_data(g, dtype, operands, point.seed, "a point that was followed")
    try:
        return first_fault(target, problem, layouts, gradients) is not None
    except Refused:  # the program keeps a tensor of the traced call
        return False


REPLAYS = 2
"""Number of points with integers, and also of points with odd multiples of 1/8."""
ROUNDING = 64.0
"""Allowed error in units: the dtype's unit roundoff times the largest element of the result."""


@dataclass(frozen=True)
class Replays:
    """Calls of a function on numbers, compared with the definition or another program.

    Attributes:
        target: the function.
        layer: the shape.
        gradients: whether gradients are compared too.
        dtypes: the dtypes to call it with.
        layouts: memory layouts of the operands.
        seed: seed of the values.
        against: the program to compare with; None for the definition.
        rounded: dtypes that the program converts values to. The numbers and their sums are exact in
            these, since that rounding must not count as a difference.
    """

    target: Implementation
    layer: Layer
    gradients: bool
    dtypes: Sequence[str]
    layouts: Layouts
    seed: int
    against: Implementation | None = None
    rounded: Sequence[str] = ()

    def call_first(self) -> None:
        """Call the programs on numbers before they are traced.

        Tensors that they create in their first call and keep then contain numbers.
        """
        problem = replica(self.layer, self.dtypes[0], self.seed + REPLAYS)
        for program in filter(None, (self.target, self.against)):
            self._observed(program, problem)

    def first_wrong(self) -> Reasons:
        """The first result that differs from the expected one by more than rounding; () if none."""
        return self._first(ROUNDING)

    def first_inexact(self) -> Reasons:
        """The first result that is not bit for bit the expected one; () if all are."""
        return self._first(0.0)

    def _first(self, units: float) -> Reasons:
        forget_compiled()  # torch.compile is disabled while a program is traced, and remembers that
        for dtype in self.dtypes:
            formats = [name for name in (dtype, *self.rounded) if name in FLOATING]
            narrowest = min(formats, key=lambda name: real_format(name).precision)
            for n in range(REPLAYS):
                for family in (replica, eighths):
                    problem = family(self.layer, narrowest, self.seed + n)
                    wrong = self._wrong(replace(problem, dtype=dtype), units)
                    if wrong:
                        return wrong
        return ()

    def _wrong(self, problem: Problem, units: float) -> Reasons:
        if self.against is None:
            seen = self._observed(self.target, problem)
            for fault in seen.faults:
                return (fault.reason,)
            return _contrast(seen.results, _exact(problem), problem.dtype, "exactly", units)
        # the other program first: its results must not depend on the call of the target
        other = self._observed(self.against, problem)
        seen = self._observed(self.target, problem)
        faults = {self.target.name: seen.faults, self.against.name: other.faults}
        if [fault.kind for fault in seen.faults] != [fault.kind for fault in other.faults]:
            return tuple(
                because(ReasonKind.FAULT_OF, program=name, fault=sentence(fault.reason))
                for name, found in faults.items()
                for fault in found
            )
        return _contrast(seen.results, other.results, problem.dtype, self.against.name, units)

    def _observed(self, target: Implementation, problem: Problem) -> Observed:
        return observe(target, problem, self.layouts, self.gradients, with_kernel=False)


def _exact(problem: Problem) -> dict[str, Array]:
    """The exact results; every sum is exact, so these are the centres of the truths."""
    found = {}
    for name, truth in truths(problem).items():
        parts = truth.centre
        found[name] = parts[0] + 1j * parts[1] if len(parts) == 2 else parts[0]
    return found


def _contrast(
    results: Mapping[str, Array],
    expected: Mapping[str, Array],
    dtype: str,
    whose: str,
    units: float,
) -> Reasons:
    """The first element off by more than `units` roundoffs of the largest one; () if none."""
    for name, result in results.items():
        beside = expected[name]
        if result.shape != beside.shape:
            shapes = {"got": str(result.shape), "needed": str(beside.shape)}
            kind = ReasonKind.DIFFERENT_SHAPE
            return (because(kind, where=name, dtype=dtype, whose=whose, **shapes),)
        unit = 2.0 ** -real_format(dtype).precision
        allowed = units * unit * float(np.abs(beside).max(initial=0.0))
        wrong = ~(np.abs(result - beside) <= allowed)
        if wrong.any():
            at = np.unravel_index(int(np.argmax(wrong)), result.shape)
            place = ", ".join(map(str, at))
            where, values = f"{RESULTS[name]}[{place}]", (str(result[at]), str(beside[at]))
            return (_element(where, dtype, values[0], whose, values[1]),)
    return ()


def _element(where: str, dtype: str, actual: str, whose: str, expected: str) -> Reason:
    return because(
        ReasonKind.DIFFERENT_ELEMENT,
        where=where,
        dtype=dtype,
        actual=actual,
        whose=whose,
        expected=expected,
    )


def first_fault(
    target: Implementation, problem: Problem, layouts: Layouts, gradients: bool
) -> Reason | None:
    """The first fault or refuted result of a call; None if there is none."""
    seen = observe(target, problem, layouts, gradients, with_kernel=False)
    for fault in seen.faults:
        return fault.reason
    expected = truths(problem)
    for name, result in seen.results.items():
        verdict = judge(target.name, expected[name], problem, result, Standard()).verdict
        if verdict.outcome is Outcome.REFUTED:
            actual, expected_value = verdict.actual, verdict.expected
            return _element(verdict.where, problem.dtype, actual, "exactly", expected_value)
    return None


FORM = "the definition of the form (geometry.py)"
HANDLERS = "torch's dispatcher, and the formulas of the operations listed (tracing/handlers)"


@dataclass(frozen=True)
class Shown:
    """Result for one shape.

    Attributes:
        layer: the shape.
        followed: the traced polynomials.
        verdict: the verdict with its evidence.
        trusted: what must be trusted for the verdict.
        decoded: what `--probe-kernels` decoded, as text.
        replayed: whether the function itself was called on numbers.
    """

    layer: Layer
    followed: Followed
    verdict: Verdict
    trusted: tuple[str, ...] = ()
    decoded: tuple[str, ...] = ()
    replayed: bool = False


@dataclass(frozen=True)
class Following:
    """Results of tracing or decoding a program, over all shapes.

    Attributes:
        target: as the user wrote it.
        against: the program to compare with, "" for the definition.
        cases: one result per shape.
        gradients: whether the backward pass was compared too.
        paper: whether the target is called with a matrix and a kernel only.
        replayed: the points, dtypes and layout of the calls on numbers, as text.
        environment: versions and flags.
        command: the command that repeats the run.
        decoded: the products were decoded from results, not followed on symbols.
    """

    target: str
    against: str
    cases: tuple[Shown, ...]
    gradients: bool
    paper: bool
    replayed: str
    environment: dict[str, str] = field(default_factory=dict)
    command: str = ""
    decoded: bool = False

    @property
    def way(self) -> str:
        """How the polynomials were found, as text."""
        return "decoded" if self.decoded else "followed on symbols"

    @property
    def outcome(self) -> Outcome:
        """Refuted if any shape is; else undecided if any shape is."""
        return combine(c.verdict.outcome for c in self.cases)

    @property
    def evidence(self) -> Evidence:
        """The evidence for all shapes."""
        if self.decoded:
            first = self.cases[0].verdict.evidence
            more = f", and {len(self.cases) - 1} more shapes" if len(self.cases) > 1 else ""
            return replace(first, domain=first.domain + more)
        count = len(self.cases)
        shapes = "this shape" if count == 1 else f"{count} shapes"
        scope = _evidence(self.target, self.against, shapes, self.gradients, ())
        methods = {c.verdict.evidence.method for c in self.cases}
        trusted = dict.fromkeys(t for c in self.cases for t in c.trusted)
        # some shapes decoded, some identical: the weaker method holds for all of them
        method = Method.DECODED if Method.DECODED in methods else scope.method
        return replace(scope, trusted=tuple(trusted), method=method)


def _evidence(
    target: str, against: str, shape: str, gradients: bool, trusted: Sequence[str]
) -> Evidence:
    other = f"what {against} computes" if against else "the transposed convolution"
    grads = ", and its gradients" if gradients else ""
    letters = "x, k, bias and grad_output" if gradients else "x, k and bias"
    formulas = (HANDLERS, *trusted) + (() if against else (FORM,))
    return Evidence(
        f"{target} computes {other}{grads}, as polynomials of its inputs",
        f"{shape}, every value of {letters} in exact arithmetic; the path that the program takes "
        "on CPU tensors of this dtype. Rounding, overflow, inf and nan are not covered",
        Semantics.RING,
        Method.IDENTICAL,
        formulas,
        "run it on integers and compare one element with its exact sum",
        "every one that is a polynomial",
    )


def label(layer: Layer) -> str:
    """The name, operand shapes and bias of a layer, as text."""
    g = layer.geometry
    sizes = ("x".join(map(str, s)) for s in ((layer.batch, *g.input_shape), g.weight_shape))
    return "{}: input {}, weight {}{}".format(layer.name, *sizes, ", bias" if layer.bias else "")


def followed_layer(
    target: Implementation,
    layer: Layer,
    *,
    against: Implementation | None = None,
    gradients: bool = False,
    dtypes: Sequence[str] = ("float32",),
    layouts: Layouts | None = None,
    paper: bool = False,
    seed: int = 0,
    probe_kernels: bool = False,
) -> Shown:
    """Result for one shape, traced on symbols and then replayed on numbers, which must agree."""
    replays = Replays(target, layer, gradients, dtypes, layouts or Layouts(), seed, against)
    replays.call_first()
    found = follow(
        target,
        layer.geometry,
        batch=layer.batch,
        bias=layer.bias,
        gradients=gradients,
        dtype=dtypes[0],
        against=against,
    )
    other = against.name if against is not None else ""
    scope = _evidence(target.name, other, label(layer), gradients, found.trusted)
    decoded: tuple[str, ...] = ()

    def told(outcome: Outcome, *reasons: Reason, where: str = "") -> Shown:
        verdict = Verdict(outcome, scope, where=where, reasons=reasons)
        replayed = not found.refusal
        return Shown(layer, found, verdict, scope.trusted, decoded, replayed)

    if found.refusal:
        right = 0
        if found.values_asked and against is None:
            near, values, right = at_points(
                target, layer, gradients, dtypes[0], layouts or Layouts(), seed
            )
            if near is not None:
                found, first = near, near.differences[0]
                reason = because(ReasonKind.AT_VALUES, values=values, difference=first.told(paper))
                return told(Outcome.REFUTED, reason, where=first.cell(paper))
        reason = because(ReasonKind.REFUSED, refusal=found.refusal, points=right, of=len(SCALES))
        return told(Outcome.UNDECIDED, reason)
    replays = replace(replays, rounded=found.rounded)
    try:
        inexact = replays.first_inexact() if found.differences else ()
        wrong = () if found.differences else replays.first_wrong()
    except Refused as refused:
        reason = because(ReasonKind.KEEPS_SYMBOLS, refusal=refused.reason)
        return told(Outcome.UNDECIDED, reason)
    if found.fault:
        if wrong:
            reason = because(ReasonKind.RETURNED_ON_SYMBOLS, fault=found.fault)
            return told(Outcome.REFUTED, reason, *wrong)
        reason = because(ReasonKind.ONLY_ON_SYMBOLS, fault=found.fault)
        return told(Outcome.UNDECIDED, reason)
    if found.differences:
        errors = [d.constants_only for d in found.differences]
        if all(e is not None for e in errors):
            largest = float(max(e for e in errors if e is not None))
            return told(Outcome.UNDECIDED, because(ReasonKind.CONSTANTS_DIFFER, largest=largest))
        worst = next(d for d in found.differences if d.constants_only is None)
        count, cells, difference = len(found.differences), found.cells, worst.told(paper)
        if not inexact:
            reason = because(
                ReasonKind.OTHER_PATH,
                count=count,
                cells=cells,
                difference=difference,
                against=other,
            )
            return told(Outcome.UNDECIDED, reason)
        reason = because(
            ReasonKind.OTHER_POLYNOMIALS, count=count, cells=cells, difference=difference
        )
        return told(Outcome.REFUTED, reason, where=worst.cell(paper))
    if probe_kernels and found.asked:
        for dtype in dtypes:
            probed = probe(found.asked, dtype)
            if probed.difference:
                reason = because(
                    ReasonKind.KERNEL_DIFFERS, dtype=dtype, difference=probed.difference
                )
                return told(Outcome.REFUTED, reason)
            scope = _probed(scope, dtype, bool(found.circular))
            several = f"{probed.asked} convolution{'s' * (probed.asked > 1)}"
            decoded += (
                f"{several} in {probed.calls:,} calls in {dtype}, each with {probed.words}",
            )
    if wrong:
        reason = because(ReasonKind.NUMBERS_DIFFER, against=other)
        return told(Outcome.REFUTED, reason, *wrong)
    if against is None and found.circular and scope.method is not Method.DECODED:
        calls = " and ".join(found.circular)
        return told(Outcome.UNDECIDED, because(ReasonKind.CIRCULAR, calls=calls))
    return told(Outcome.HOLDS)


def _probed(scope: Evidence, dtype: str, circular: bool) -> Evidence:
    """Replace the trusted formulas of convolutions by those decoded from this build's kernels."""
    kept = [t for t in scope.trusted if t not in (FORMULA, BACKWARD)]
    kept.append(f"aten's convolutions are linear beyond the probes, in {dtype}")
    method = Method.DECODED if circular else scope.method
    return replace(scope, trusted=tuple(kept), method=method)


def follow_implementation(
    target: Implementation,
    layers: Sequence[Layer],
    *,
    against: Implementation | None = None,
    gradients: bool = False,
    dtypes: Sequence[str] = ("float32",),
    layouts: Layouts | None = None,
    paper: bool = False,
    seed: int = 0,
    probe_kernels: bool = False,
    command: str = "",
) -> Following:
    """Trace the target at every shape."""
    shown = [
        followed_layer(
            target,
            layer,
            against=against,
            gradients=gradients,
            dtypes=dtypes,
            layouts=layouts,
            paper=paper,
            seed=seed,
            probe_kernels=probe_kernels,
        )
        for layer in layers
    ]
    replayed = (
        f"{REPLAYS} points of integers and {REPLAYS} of odd multiples of 1/8 in "
        f"{', '.join(dtypes)}, {layouts or Layouts()}"
    )
    replayed = replayed if any(c.replayed for c in shown) else ""
    return Following(
        target.name,
        against.name if against is not None else "",
        tuple(shown),
        gradients,
        paper,
        replayed,
        describe("cpu", {}),
        command,
    )


MOST_TERMS = 20_000
"""Upper limit on the products of a shape that `symconv check` traces unasked."""


def first_stage(
    target: Implementation,
    layers: Sequence[Layer],
    gradients: bool,
    dtype: str,
    paper: bool,
    seed: int,
) -> Following | None:
    """Trace the small ones among the shapes that will be judged on numbers; None if there are none.

    A program that cannot be traced at the first shape is not tried at the others.
    """
    small = [a for a in layers if a.batch * a.geometry.most_terms <= MOST_TERMS]
    if not small:
        return None
    options: dict[str, Any] = {
        "gradients": gradients,
        "dtypes": (dtype,),
        "paper": paper,
        "seed": seed,
    }
    found = follow_implementation(target, small[:1], **options)
    if found.cases[0].followed.refusal or len(small) == 1:
        return found
    rest = follow_implementation(target, small[1:], **options)
    return replace(found, cases=found.cases + rest.cases)
