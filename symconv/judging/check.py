"""`symconv.check`: an implementation judged on numbers, on symbols, or by decoding its products."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from symconv.core.arguments import suggest_names
from symconv.core.errors import ParseError
from symconv.core.limits import MAX_BYTES, memory_limit
from symconv.exact.dtypes import FLOATING
from symconv.exact.operands import Sizes
from symconv.judging import check_page, check_record
from symconv.judging.cases import PAPER, Layer, random_layers, random_paper_layers
from symconv.judging.judgement import ANY, Judgement
from symconv.judging.request import (
    DECODE,
    WAYS,
    CaseOptions,
    CheckRequest,
    GivenOperand,
    data_of,
    dtype_of,
    layers_of,
    layers_on_paper,
    read_layouts,
    read_operand,
    require_used,
)
from symconv.judging.run import Report, check_implementation
from symconv.render.result import Result
from symconv.render.tree import Document
from symconv.results.evidence import Outcome, Verdict
from symconv.targets.bilinear import BITS
from symconv.targets.engine import TORCH, Implementation, engine_named
from symconv.targets.environment import read_switches
from symconv.targets.resolve import load_target, no_exit
from symconv.targets.surfaces import COMPILED, EAGER, SURFACES
from symconv.targets.tensors import Problem

if TYPE_CHECKING:
    from symconv.judging.following import Following  # needs torch; other engines do not


@dataclass(frozen=True, repr=False)
class Check(Result):
    """The result of `check`.

    Attributes:
        request: what was asked.
        report: what was found, on numbers or on symbols.
    """

    request: CheckRequest
    report: Report | Following

    @property
    def verdict(self) -> Verdict:
        """Holds, refuted or undecided, with its evidence and the reasons of the first finding."""
        report = self.report
        outcome = report.outcome
        if isinstance(report, Report):
            verdicts = [j.verdict for _, j in report.findings(outcome)]
        else:
            verdicts = [c.verdict for c in report.cases if c.verdict.outcome is outcome]
        if outcome is Outcome.HOLDS or not verdicts:
            return Verdict(outcome, report.evidence)
        return replace(verdicts[0], evidence=report.evidence)

    @property
    def document(self) -> Document:
        """The page, with pictures."""
        return self.page()

    def page(self, *, pictures: bool = True) -> Document:
        """The page; terminals have no use for pictures."""
        if isinstance(self.report, Report):
            return check_page.document(self.report, pictures=pictures)
        from symconv.judging import following_page

        return following_page.document(self.report)

    def __repr__(self) -> str:
        from symconv.render import text

        return text.page(self.page(pictures=False)).rstrip("\n")

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        if isinstance(self.report, Report):
            return check_record.to_json(self.report)
        from symconv.judging import following_page

        return following_page.to_json(self.report)


@suggest_names
def check(
    target: str | Callable[..., Any],
    *,
    layers: str | None = None,
    x: Any = None,
    w: Any = None,
    bias: Any = None,
    grad_output: Any = None,
    input_size: Sizes | None = None,
    kernel_size: Sizes | None = None,
    stride: Sizes | None = None,
    padding: Sizes | None = None,
    output_padding: Sizes | None = None,
    dilation: Sizes | None = None,
    groups: int | None = None,
    in_channels: int | None = None,
    out_channels: int | None = None,
    batch: int | None = None,
    dims: int | str | None = None,
    dtype: str | None = None,
    layout: str = "contiguous",
    device: str = "cpu",
    backend: str | Mapping[str, bool] = "",
    gradients: bool | None = None,
    algorithm: str = ANY,
    model: str | None = None,
    call: str | None = None,
    by: str | None = None,
    sweep: int | None = None,
    against: str | Callable[..., Any] | None = None,
    probe_kernels: bool = False,
    compile: bool = False,
    surface: str | None = None,
    engine: str = TORCH,
    max_memory: int | None = None,
    seed: int = 0,
    command: str = "",
) -> Check:
    """Judge an implementation of the transposed convolution, forward and backward.

    Args:
        target: `torch`, `module:callable`, or a callable with the signature of
            torch.nn.functional.conv_transpose2d, or a class of modules.
        layers: `small` (the default), `dcgan`, `unet` or `fcn`.
        x, w, bias, grad_output: values of one case, as nested lists, NumPy arrays or torch
            tensors; `bias=True` with sizes is a bias of any values.
        input_size, kernel_size: spatial sizes of one case, in elements.
        stride, padding, output_padding, dilation, groups: torch's parameters of one case.
        in_channels, out_channels, batch: counts of one case.
        dims: 1, 2, 3 or `all`: the spatial axes of the layers.
        dtype: torch's name of a dtype.
        layout: a memory layout for all operands, or `x=...,w=...,grad_output=...`.
        device: `cpu` or `cuda`.
        backend: switches of torch, such as `mkldnn=off`.
        gradients: judge the backward pass; None judges it if there is one.
        algorithm: `any`, or `direct` if every product is formed once, so that sharp bounds decide.
        model: the one rounding model to judge by.
        call: `torch`, `paper` (a function of a matrix and a kernel) or `module`.
        by: `numbers`, `symbolic` or `decode`; None follows small shapes on symbols and then judges
            numbers.
        sweep: with `symbolic`, the number of small shapes to draw at random.
        against: with `symbolic`, another target instead of the definition.
        probe_kernels: with `symbolic`, decode torch's own convolutions.
        compile: run the target through torch.compile, for static and for dynamic sizes.
        surface: how the target is run, a name of `symconv.targets.surfaces.SURFACES`.
        engine: what the target computes with, a name of `symconv.targets.engine.engines()`:
            `torch`, or `numpy` for a function of NumPy arrays.
        max_memory: bytes that one step may take.
        seed: of the values.
        command: the command line that the page shows to run the same again.

    Returns:
        A result with `.verdict`, `.to_text()`, `.to_json()` and `.save(path)`.

    Raises:
        ParseError, ShapeError, GeometryError, LimitError: an option is invalid, unused or too
            large.
        TargetError: the target cannot be loaded, or cannot be called as asked.
        EngineMissing: torch, or the device, is not available.
        Undecided: there was nothing to judge.

    >>> import symconv
    >>> found = symconv.check("torch", input_size=3, kernel_size=2, stride=2)
    >>> found.verdict.outcome.value
    'holds'
    """
    if by is not None and by not in WAYS:
        raise ParseError(f"--by {by!r} is not known; choose from {', '.join(WAYS)}")
    if compile and surface is not None:
        raise ParseError("--compile runs two surfaces; leave out --surface or --compile")
    own_bias = bias if bias is True or bias is None or bias is False else "values"
    cases = CaseOptions(
        layers=layers,
        x=None if x is None else read_operand(x, "x"),
        w=None if w is None else read_operand(w, "w"),
        bias=read_operand(bias, "bias") if own_bias == "values" else (bias or None),
        grad_output=None if grad_output is None else read_operand(grad_output, "grad_output"),
        input_size=input_size,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
        in_channels=in_channels,
        out_channels=out_channels,
        batch=batch,
        dims=None if dims is None else str(dims),
        sweep=sweep,
    )
    request = CheckRequest(
        target=target,
        call=call,
        surfaces=tuple(COMPILED.values()) if compile else (surface or EAGER,),
        by=by,
        cases=cases,
        dtype=dtype,
        device=device,
        layouts=read_layouts(layout),
        switches=read_switches(backend) if isinstance(backend, str) else dict(backend),
        gradients=gradients,
        algorithm=algorithm,
        model=model,
        against=against,
        probe_kernels=probe_kernels,
        seed=seed,
        command=command,
        engine=engine,
    )
    if any(SURFACES[s].forward_only for s in request.surfaces if s in SURFACES):
        if request.gradients:
            raise ParseError(f"--surface {surface} has no backward pass; leave --gradients out")
        request = replace(request, gradients=False)
    require_used(request, call or "")
    with memory_limit(max_memory or MAX_BYTES), no_exit():
        if request.symbolic:
            return Check(request, _followed(request))
        with redirect_stdout(sys.stderr):  # what the target prints is not part of the result
            return Check(request, _judged(request))


def _judged(request: CheckRequest) -> Report:
    """Judge on numbers, on every surface; first follow small shapes on symbols, unless `by`."""
    engine = engine_named(request.engine)
    engine.require(request.device)
    loaded = [
        load_target(request.target, call=request.call, surface=s, engine=request.engine)
        for s in request.surfaces
    ]
    target, dtype = loaded[0], dtype_of(request)
    known = [name for name in engine.dtypes if name in FLOATING]
    if dtype not in known:
        raise ParseError(f"--dtype {dtype} is not known; {engine.name} has {', '.join(known)}")
    data = data_of(request)
    for layout in (request.layouts.x, request.layouts.w, request.layouts.grad):
        if layout not in engine.layouts:
            raise ParseError(f"--layout {layout}: {engine.name} has {', '.join(engine.layouts)}")
    if target.paper:
        layers = layers_on_paper(request.cases, data)
    else:
        layers = () if data else layers_of(request.cases, request.target == "torch")
    reports = [_report(request, one, dtype, layers, data) for one in loaded]
    judged = [pair for report in reports for pair in report.judgements]
    report = replace(reports[0], judgements=tuple(judged))
    plain = request.target != "torch" and target.surface == EAGER and request.device == "cpu"
    plain = plain and request.engine == TORCH  # programs are followed as torch programs
    if request.by is None and plain and not dtype.startswith("complex"):
        from symconv.judging.following import first_stage

        followed = first_stage(target, layers, report.backward, dtype, target.paper, request.seed)
        report = replace(report, followed=followed)
    return report


def _report(
    request: CheckRequest,
    target: Implementation,
    dtype: str,
    layers: tuple[Layer, ...],
    data: tuple[Problem, ...],
) -> Report:
    report = check_implementation(
        target,
        dtype=dtype,
        device=request.device,
        layers=layers,
        data=data,
        layouts=request.layouts,
        gradients=request.gradients,
        algorithm=request.algorithm,
        model=request.model,
        switches=request.switches,
        seed=request.seed,
        call=target.convention,
        command=request.command,
    )
    if target.surface == EAGER:
        return report
    return replace(report, judgements=tuple(_on_surface(report.judgements, target.surface)))


def _on_surface(
    judgements: tuple[tuple[Problem, Judgement], ...], surface: str
) -> list[tuple[Problem, Judgement]]:
    """Judgements whose cases say how the target was run."""
    note = SURFACES[surface].note
    cases = {id(p): replace(p, what=f"{p.what}, {note}", surface=surface) for p, _ in judgements}
    return [(cases[id(p)], j) for p, j in judgements]


def _followed(request: CheckRequest) -> Following:
    """Judge polynomials: by following the program on symbols, or by decoding its products."""
    cases = request.cases
    if any(v is not None and v is not True for v in (cases.x, cases.w, cases.bias)) or (
        cases.grad_output is not None
    ):
        raise ParseError("--by symbolic covers every value; give sizes instead of values")
    if request.device != "cpu" and request.by != DECODE:
        raise ParseError("--by symbolic follows a program only on the CPU; leave --device out")
    if request.engine != TORCH:
        raise ParseError("--by follows and decodes only torch programs; leave out --engine or --by")
    if request.surfaces != (EAGER,):
        raise ParseError(
            "--compile with --by: a program compiled by torch.compile cannot be followed; leave "
            "--compile out to follow the program itself, or --by out to judge the compiled program "
            "on numbers"
        )
    engine_named(TORCH).require(request.device)
    target = load_target(request.target, call=request.call)
    layers = _layers(request, target)
    dtype = request.dtype or "float32"
    if request.by == DECODE:
        if dtype not in BITS:
            raise ParseError(f"--by decode supports {', '.join(BITS)}, not {dtype}")
        from symconv.judging.decoding import decode_implementation

        return decode_implementation(
            target,
            layers,
            gradients=bool(request.gradients),
            dtype=dtype,
            device=request.device,
            layouts=request.layouts,
            seed=request.seed,
            command=request.command,
        )
    from symconv.judging.following import follow_implementation

    other = None
    if request.against is not None:
        other = load_target(request.against, call=target.convention)
    return follow_implementation(
        target,
        layers,
        against=other,
        gradients=bool(request.gradients),
        dtypes=(dtype,),
        layouts=request.layouts,
        paper=target.paper,
        seed=request.seed,
        probe_kernels=request.probe_kernels,
        command=request.command,
    )


def _layers(request: CheckRequest, target: Implementation) -> tuple[Layer, ...]:
    """The shape that is given, the small ones, or some drawn at random."""
    cases = request.cases
    if cases.sweep is None:
        if target.paper and cases.input_size is None:
            return PAPER
        return layers_of(cases, request.target == "torch")
    if cases.input_size is not None or cases.layers:
        raise ParseError("--sweep draws random shapes; leave sizes and --layers out")
    if target.paper:
        return random_paper_layers(cases.sweep, request.seed)
    dims = cases.dims or ("all" if request.target == "torch" else "2")
    axes = (1, 2, 3) if dims == "all" else (int(dims),)
    return random_layers(cases.sweep, request.seed, axes)


__all__ = ["Check", "GivenOperand", "check"]
