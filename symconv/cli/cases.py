"""Which cases `symconv check` judges, read from its options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from symconv.cli import options
from symconv.core.errors import ParseError
from symconv.reading import read_operand

COMMANDLINE = ParameterSource.COMMANDLINE
DTYPES = ["float32", "float64", "float16", "bfloat16", "complex64", "complex128"]


def layouts_of(text: str) -> Any:
    """One layout for all operands, or one each.

    Raises:
        ParseError: an unknown operand or layout.
    """
    from symconv.targets.tensors import LAYOUTS as KNOWN
    from symconv.targets.tensors import Layouts

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
        if layout not in KNOWN:
            raise ParseError(f"--layout {layout!r} is not known; there are {', '.join(KNOWN)}")
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
"""Options that describe one case, beside its sizes."""
OF_VALUES = ("in_channels", "out_channels", "batch", "bias")
"""Those that values of one's own settle."""


def require_used(ctx: click.Context, given: Mapping[str, Any]) -> None:
    """Refuse options that the cases asked for would not heed.

    Raises:
        ParseError: with the option, and what it needs.
    """
    typed = {name for name in given if ctx.get_parameter_source(name) is COMMANDLINE}
    if given["x"] is not None or given["k"] is not None:
        settled = [name for name in OF_VALUES if name in typed]
        if settled:
            way_out = "; for a bias, --bias-values" if "bias" in settled else ""
            raise ParseError(f"--x and --k settle it: leave {_options(settled)} out{way_out}")
        if given["grad_output"] is not None and given["gradients"] is False:
            raise ParseError("--grad-output goes with the backward pass; leave --no-gradients out")
    elif given["input_size"] is None:
        on_paper = given["call"] == "paper"  # which refuses steps in its own words
        alone = [name for name in (OF_VALUES if on_paper else ONE_CASE) if name in typed]
        if alone and on_paper:
            raise ParseError(f"--call paper brings its own cases; leave {_options(alone)} out")
        if alone:
            raise ParseError(
                f"{_options(alone)} describes one case, together with --input-size and "
                "--kernel-size; give both, or leave it out"
            )
    if given["call"] == "paper" and given["dims"] not in (None, "2", "all"):
        raise ParseError("--call paper passes matrices: leave --dims out")


def _options(names: Sequence[str]) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def data_of(given: dict[str, Any]) -> tuple[tuple[Any, ...], str]:
    """`(cases of the user's own values, dtype)`."""
    texts = {
        "x": given["x"],
        "w": given["k"],
        "bias": given["bias_values"],
        "grad": given["grad_output"],
    }
    present = {name: pair for name, pair in texts.items() if pair is not None}
    if not present:
        return (), given["dtype"] or "float32"
    if "x" not in present or "w" not in present:
        raise ParseError("your own values need --x and --k together")
    for option in ("layers", "input_size", "kernel_size"):
        if given[option]:
            raise ParseError(
                f"--x and --k are the case themselves; leave --{option.replace('_', '-')} out"
            )
    from symconv.judging.data import problem_from

    arrays, dtypes = {}, []
    for name, (text, option) in present.items():
        arrays[name], own = _values(text, option)
        dtypes.append(own)
    dtype = given["dtype"] or next((d for d in DTYPES[::-1] if d in dtypes), "float32")
    steps = {n: given[n] for n in options.STEP_NAMES if n != "output_padding"}
    dims = None if given["dims"] in (None, "all") else int(given["dims"])
    problem = problem_from(
        arrays,
        dtype,
        groups=given["groups"],
        steps=steps | {"output_padding": given["output_padding"] or 0},
        dims=dims,
        seed=given["seed"],
    )
    return (problem,), dtype


def _values(text: str, option: str) -> tuple[Any, str]:
    """Values as an array, with the dtype that a file has, "" for typed ones."""
    import numpy as np

    from symconv.targets.datafiles import ENDINGS, read_tensor

    if text.startswith("@") and text.endswith(ENDINGS):
        return read_tensor(Path(text[1:]), option)
    nested = read_operand(text, option).nested
    try:
        return np.array(nested, dtype=np.float64), ""
    except (TypeError, ValueError):
        raise ParseError(
            f"{option} {text[:40]!r}: an implementation needs numbers in even rows, no letters"
        ) from None


def layers_of(given: dict[str, Any], target: str) -> tuple[Any, ...]:
    """The layers that names or sizes describe."""
    from symconv.core.conditions import require_counts
    from symconv.core.dialects.building import torch_geometry
    from symconv.judging.cases import LAYERS, Layer

    require_counts(**{n: given[n] for n in ("batch", "in_channels", "out_channels", "groups")})
    if (given["input_size"] is None) != (given["kernel_size"] is None):
        raise ParseError("--input-size and --kernel-size describe one case together; give both")
    if given["input_size"] is None:
        dims = given["dims"] or ("all" if target == "torch" else "2")
        layers = LAYERS[given["layers"] or "small"]
        chosen = tuple(a for a in layers if dims in ("all", str(len(a.geometry.axes))))
        if not chosen:
            raise ParseError(f"--layers {given['layers']} has no layer with {dims} spatial axes")
        return chosen
    if given["layers"]:
        raise ParseError("--layers and --input-size each choose the cases; give one")
    geometry = torch_geometry(
        given["input_size"],
        given["kernel_size"],
        in_channels=given["in_channels"] or given["groups"],
        out_channels=given["out_channels"] or given["groups"],
        groups=given["groups"],
        output_padding=given["output_padding"] or 0,
        **{n: given[n] for n in ("stride", "padding", "dilation")},
    )
    return (Layer("the case", geometry, given["batch"], given["bias"]),)


def on_paper_of(given: dict[str, Any], data: Any) -> Any:
    """The cases that a function of a matrix and a kernel can be asked."""
    from symconv.judging.cases import PAPER

    if given["layers"] or given["input_size"] is not None:
        raise ParseError("--call paper brings its own cases; leave --layers and sizes out")
    plain = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": None, "groups": 1}
    if any(given[name] != value for name, value in plain.items()):
        raise ParseError("--call paper passes a matrix and a kernel alone: stride 1, no padding")
    for problem in data:
        if (problem.geometry.in_channels, problem.geometry.out_channels) != (1, 1):
            raise ParseError("--call paper passes one channel; give x and k as matrices")
    return PAPER
