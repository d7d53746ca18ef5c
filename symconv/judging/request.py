"""The request of `symconv check`: its options as data, and the cases that they describe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from symconv.core.conditions import require_counts
from symconv.core.dialects.building import torch_geometry
from symconv.core.errors import ParseError
from symconv.exact.dtypes import FLOATING
from symconv.exact.operands import Sizes
from symconv.judging.cases import LAYERS, PAPER, Layer
from symconv.judging.data import problem_from
from symconv.judging.judgement import ANY
from symconv.targets.engine import engine_named
from symconv.targets.tensors import LAYOUTS, Array, Layouts, Problem

NUMBERS, SYMBOLIC, DECODE = "numbers", "symbolic", "decode"
WAYS = (NUMBERS, SYMBOLIC, DECODE)
"""The ways of judging that `--by` names."""


@dataclass(frozen=True, slots=True)
class GivenOperand:
    """Values of an operand, with the dtype that they were stored in; "" for typed values."""

    values: Array
    dtype: str = ""


def read_operand(value: Any, name: str) -> GivenOperand:
    """An operand of numbers, from nested lists, a NumPy array or a torch tensor.

    Raises:
        ParseError: it is ragged or has entries that are not numbers.
    """
    if isinstance(value, GivenOperand):
        return value
    dtype = str(getattr(value, "dtype", "")).removeprefix("torch.")
    if hasattr(value, "detach"):
        host = value.detach().cpu()
        value = (host.double() if host.is_floating_point() else host).numpy()
    try:
        complex_values = np.iscomplexobj(value)
        array = np.array(value, dtype=np.complex128 if complex_values else np.float64)
    except (TypeError, ValueError):
        raise ParseError(
            f"{name}: an implementation requires numbers in rows of equal length, without symbols"
        ) from None
    return GivenOperand(array, dtype if dtype in FLOATING else "")


@dataclass(frozen=True, slots=True)
class CaseOptions:
    """Options that describe the cases; None for those that are not given.

    Attributes:
        layers: a name of `LAYERS`.
        x, w, bias, grad_output: values of one case; `bias` may be True, for a bias of any values.
        input_size, kernel_size: spatial sizes of one case.
        stride, padding, output_padding, dilation, groups: torch's parameters of one case.
        in_channels, out_channels, batch: counts of one case.
        dims: 1, 2, 3 or `all`.
        sweep: the number of small shapes to draw at random.
    """

    layers: str | None = None
    x: GivenOperand | None = None
    w: GivenOperand | None = None
    bias: GivenOperand | bool | None = None
    grad_output: GivenOperand | None = None
    input_size: Sizes | None = None
    kernel_size: Sizes | None = None
    stride: Sizes | None = None
    padding: Sizes | None = None
    output_padding: Sizes | None = None
    dilation: Sizes | None = None
    groups: int | None = None
    in_channels: int | None = None
    out_channels: int | None = None
    batch: int | None = None
    dims: str | None = None
    sweep: int | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the options that are given."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)

    @property
    def steps(self) -> dict[str, Any]:
        """Torch's parameters, with their defaults."""
        plain = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
        return {n: v if getattr(self, n) is None else getattr(self, n) for n, v in plain.items()}


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """All that `symconv check` is asked.

    Attributes:
        target: `torch`, `module:callable`, or a callable.
        call: a calling convention, None for that of the target.
        surfaces: how the target is run; the results of all surfaces are judged.
        by: one of `WAYS`; None follows small shapes on symbols and then judges numbers.
        cases: which cases.
        dtype: None for that of the values, else float32.
        device, layouts, switches: of the calls.
        gradients: None for whether there is a backward pass.
        algorithm, model: what the target is judged by.
        against: another target to compare with, for `symbolic`.
        probe_kernels: decode the convolutions of torch that the target calls, for `symbolic`.
        seed: of the values.
        command: the command line, to show how to run the same again.
        engine: what the target computes with.
    """

    target: str | Callable[..., Any]
    call: str | None = None
    surfaces: tuple[str, ...] = ("eager",)
    by: str | None = None
    cases: CaseOptions = field(default_factory=CaseOptions)
    dtype: str | None = None
    device: str = "cpu"
    layouts: Layouts = field(default_factory=Layouts)
    switches: Mapping[str, bool] = field(default_factory=dict)
    gradients: bool | None = None
    algorithm: str = ANY
    model: str | None = None
    against: str | Callable[..., Any] | None = None
    probe_kernels: bool = False
    seed: int = 0
    command: str = ""
    engine: str = "torch"

    @property
    def symbolic(self) -> bool:
        """Whether polynomials are judged, not numbers."""
        return self.by in (SYMBOLIC, DECODE)


def read_layouts(text: str) -> Layouts:
    """One layout for all operands, such as `strided`, or one each: `x=strided,w=transposed`.

    Raises:
        ParseError: an unknown operand or layout.
    """
    if "=" not in text:
        named = {"x": text, "w": text, "grad": text}
    else:
        named = {}
        for part in text.split(","):
            operand, _, layout = part.partition("=")
            if operand not in ("x", "w", "grad_output"):
                raise ParseError(f"--layout {part!r}: the operands are x, w and grad_output")
            named[operand.removesuffix("_output")] = layout
    for layout in named.values():
        if layout not in LAYOUTS:
            raise ParseError(f"--layout {layout!r} is not known; choose from {', '.join(LAYOUTS)}")
    return Layouts(**named)


ONE_CASE = (
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "groups",
    "in_channels",
    "out_channels",
    "batch",
    "bias",
)
"""Options that describe one case, in addition to its sizes."""
OF_VALUES = ("in_channels", "out_channels", "batch")
"""Options that the values of a case determine."""


def require_used(request: CheckRequest, call: str) -> None:
    """Refuse options that the requested cases would not use.

    Raises:
        ParseError: names the option, and what it needs.
    """
    cases = request.cases
    given = cases.given
    if request.by != SYMBOLIC and (
        cases.sweep is not None or request.against is not None or request.probe_kernels
    ):
        raise ParseError("--sweep, --against and --probe-kernels require --by symbolic")
    if request.symbolic and request.model is not None:
        raise ParseError(
            "--model names a rounding model, but --by symbolic does not cover rounding"
        )
    if cases.x is not None or cases.w is not None:
        settled = [name for name in given if name in OF_VALUES]
        settled += ["bias"] if cases.bias is True else []
        if settled:
            way_out = "; for a bias, use --bias-values" if "bias" in settled else ""
            raise ParseError(
                f"--x and --k determine the case: leave {_options(settled)} out{way_out}"
            )
        if cases.grad_output is not None and request.gradients is False:
            raise ParseError("--grad-output requires the backward pass; leave --no-gradients out")
    elif cases.input_size is None:
        own = ("bias", *OF_VALUES) if call == "paper" else ONE_CASE
        alone = [name for name in given if name in own]
        if alone and call == "paper":
            raise ParseError(f"--call paper uses its own cases; leave {_options(alone)} out")
        if alone:
            raise ParseError(
                f"{_options(alone)} given without --input-size and --kernel-size; give both sizes, "
                f"or leave {_options(alone)} out"
            )
    if call == "paper" and cases.dims not in (None, "2", "all"):
        raise ParseError("--call paper passes matrices; leave --dims out")


def _options(names: Sequence[str]) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def dtype_of(request: CheckRequest) -> str:
    """The dtype of the run: the one that is asked for, else that of the values, else float32."""
    cases = request.cases
    operands = (cases.x, cases.w, cases.bias, cases.grad_output)
    own = [o.dtype for o in operands if isinstance(o, GivenOperand)]
    if request.dtype is not None:
        return request.dtype
    usual = next((d for d in FLOATING if d in engine_named(request.engine).dtypes), "float32")
    return next((d for d in FLOATING[::-1] if d in own), usual)


def data_of(request: CheckRequest) -> tuple[Problem, ...]:
    """The case of the user's own values, if there are any.

    Raises:
        ParseError: an operand is missing, or another option describes the cases too.
    """
    cases = request.cases
    bias = cases.bias if isinstance(cases.bias, GivenOperand) else None
    operands = {"x": cases.x, "w": cases.w, "bias": bias, "grad": cases.grad_output}
    present = {name: o.values for name, o in operands.items() if o is not None}
    if not present:
        return ()
    if "x" not in present or "w" not in present:
        raise ParseError("values require --x and --k together; give both")
    for name in ("layers", "input_size", "kernel_size"):
        if getattr(cases, name) is not None:
            raise ParseError(f"--x and --k determine the case; leave {_options([name])} out")
    problem = problem_from(
        present,
        dtype_of(request),
        groups=1 if cases.groups is None else cases.groups,
        steps=cases.steps,
        dims=None if cases.dims in (None, "all") else int(cases.dims),
        seed=request.seed,
    )
    return (problem,)


def layers_of(cases: CaseOptions, every_axis: bool) -> tuple[Layer, ...]:
    """The layers that a name or sizes describe; `every_axis` chooses 1, 2 and 3 axes by default.

    Raises:
        ParseError, GeometryError: options are missing, contradict each other or are illegal.
    """
    groups = 1 if cases.groups is None else cases.groups
    batch = 1 if cases.batch is None else cases.batch
    channels = {"in_channels": cases.in_channels, "out_channels": cases.out_channels}
    require_counts(batch=batch, groups=groups, **channels)
    if (cases.input_size is None) != (cases.kernel_size is None):
        raise ParseError("--input-size and --kernel-size describe one case together; give both")
    if cases.input_size is None or cases.kernel_size is None:
        name, dims = cases.layers or "small", cases.dims or ("all" if every_axis else "2")
        if name not in LAYERS:
            raise ParseError(f"--layers {name!r} is not known; choose from {', '.join(LAYERS)}")
        chosen = tuple(a for a in LAYERS[name] if dims in ("all", str(len(a.geometry.axes))))
        if not chosen:
            raise ParseError(f"--layers {name} has no layer with {dims} spatial axes")
        return chosen
    if cases.layers:
        raise ParseError("--layers and --input-size each choose the cases; give one")
    geometry = torch_geometry(
        _sizes(cases.input_size),
        _sizes(cases.kernel_size),
        in_channels=cases.in_channels or groups,
        out_channels=cases.out_channels or groups,
        groups=groups,
        **cases.steps,
    )
    return (Layer("the case", geometry, batch, bool(cases.bias)),)


def _sizes(sizes: Sizes) -> tuple[int, ...]:
    return (sizes,) if isinstance(sizes, int) else tuple(sizes)


def layers_on_paper(cases: CaseOptions, data: Sequence[Problem]) -> tuple[Layer, ...]:
    """The cases that a function of a matrix and a kernel can be given.

    Raises:
        ParseError: options that such a function does not take.
    """
    if cases.layers or cases.input_size is not None:
        raise ParseError("--call paper uses its own cases; leave --layers and sizes out")
    plain = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
    if cases.steps != plain or cases.groups not in (None, 1):
        raise ParseError(
            "--call paper passes only a matrix and a kernel; use stride 1 and no padding"
        )
    for problem in data:
        if (problem.geometry.in_channels, problem.geometry.out_channels) != (1, 1):
            raise ParseError("--call paper passes one channel; give x and k as matrices")
    return PAPER
