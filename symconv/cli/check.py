"""`symconv check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.errors import ParseError
from symconv.reading import read_operand

DTYPES = ["float32", "float64", "float16", "bfloat16", "complex64", "complex128"]
LAYOUTS = "contiguous, transposed, strided, channels_last"


@click.command(
    cls=options.Verb,
    help=VERBS["check"] + "\n\nTARGET is torch, or module:callable with the signature of "
    "torch.nn.functional.conv_transpose2d, or a class of modules. Loading it runs its module.",
)
@click.argument("target")
@click.option(
    "--layers",
    type=click.Choice(["small", "dcgan", "unet", "fcn"]),
    default=None,
    help="Which layers. [small, or the one that sizes or values describe]",
)
@click.option("--x", "x", type=options.Data(), help="Your input: '[[0,1],[2,3]]' or @x.npy, @x.pt.")
@click.option("--k", "k", type=options.Data(), help="Your weight, (C_in, C_out/groups, taps).")
@click.option("--bias-values", type=options.Data(), help="Your bias.")
@click.option("--grad-output", type=options.Data(), help="Your gradient of the output. [random]")
@options.sizes
@options.steps
@options.channels
@click.option("--batch", type=int, default=1, help="Samples. [1]")
@click.option("--bias", is_flag=True, help="With a bias.")
@click.option(
    "--dims",
    type=click.Choice(["1", "2", "3", "all"]),
    help="Spatial axes of the small layers, or of your data. [all for torch, else 2]",
)
@click.option("--dtype", type=click.Choice(DTYPES), help="[that of your files, else float32]")
@click.option(
    "--layout",
    default="contiguous",
    help=f"Of all operands, or x=...,w=...,grad_output=...: {LAYOUTS}. [contiguous]",
)
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), default="cpu", help="Where it runs. [cpu]"
)
@click.option("--backend", default="", help="Switches, as in mkldnn=off,cudnn=on,tf32=on.")
@click.option("--gradients/--no-gradients", default=True, help="The backward pass too. [yes]")
@click.option(
    "--algorithm",
    type=click.Choice(["any", "direct"]),
    default="any",
    help="direct: every product is formed once, so the sharp bounds refute. [any]",
)
@click.option("--model", help="Judge by one rounding model, such as float32-accumulation.")
@click.option(
    "--call",
    type=click.Choice(["torch", "paper", "module"]),
    help="paper: called with a matrix and a kernel alone; module: called like "
    "torch.nn.ConvTranspose2d. [module for classes of modules, else torch]",
)
@click.option("--compile", "compiled", is_flag=True, help="Through torch.compile.")
@click.option("--max-memory", type=options.Bytes(), help="What one step may take, as 4G. [2G]")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the values. [0]")
@options.formats("text", "markdown", "latex", "html", "ipynb", "pdf", "json")
@options.json_option
@options.output
@click.pass_context
def command(
    ctx: click.Context, /, target: str, kind: str, as_json: bool, output: str | None, **given: Any
) -> None:
    """Judge, write what was found, exit by the verdict."""
    from symconv.limits import MAX_BYTES, memory_limit

    writing.require_file("json" if as_json else kind, output)
    with memory_limit(given.pop("max_memory") or MAX_BYTES):
        report = _report(ctx, target, given)
    if as_json or kind == "json":
        from symconv.checking.record import to_json

        writing.emit_json(to_json(report), output)
    else:
        from symconv.checking.page import document
        from symconv.document.writers import written

        writing.emit(written(document(report, pictures=kind != "text"), kind), output)
    ctx.exit(report.outcome.exit_code)


def _report(ctx: click.Context, target: str, given: dict[str, Any]) -> Any:
    from symconv.checking import check_implementation
    from symconv.targets import torchlib
    from symconv.targets.environment import read_switches
    from symconv.targets.resolve import Implementation, as_module, is_module_class, resolve

    switches = read_switches(given["backend"])
    layouts = _layouts(given["layout"])
    torchlib.devices(given["device"])
    implementation = resolve(target)
    given["call"] = given["call"] or ("module" if is_module_class(implementation) else "torch")
    if given["call"] == "module":
        implementation = as_module(implementation)
    data, dtype = _data(given)
    if given["call"] == "paper":
        implementation, layers = _on_paper(given, implementation, data)
    else:
        layers = () if data else _layers(given, target)
    if given["compiled"]:
        call = torchlib.load().compile(implementation.call)
        implementation = Implementation(target, call)
    return check_implementation(
        implementation,
        dtype=dtype,
        device=given["device"],
        layers=layers,
        data=data,
        layouts=layouts,
        gradients=given["gradients"],
        algorithm=given["algorithm"],
        model=given["model"],
        switches=switches,
        seed=given["seed"],
        call=given["call"],
        command=options.same_again(ctx),
    )


def _layouts(text: str) -> Any:
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


def _data(given: dict[str, Any]) -> tuple[tuple[Any, ...], str]:
    """`(cases of the user's own values, dtype)`."""
    texts = {"x": given["x"], "w": given["k"], "bias": given["bias_values"],
             "grad": given["grad_output"]}  # fmt: skip
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
    from symconv.checking.data import problem_from

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


def _layers(given: dict[str, Any], target: str) -> tuple[Any, ...]:
    """The layers that names or sizes describe."""
    from symconv.checking import LAYERS, Layer
    from symconv.conditions import require_counts
    from symconv.dialects.building import torch_geometry

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


def _on_paper(given: dict[str, Any], implementation: Any, data: Any) -> tuple[Any, Any]:
    """The function called as on paper, with the cases that it can be asked."""
    from symconv.checking import PAPER
    from symconv.targets.resolve import on_paper

    if given["layers"] or given["input_size"] is not None:
        raise ParseError("--call paper brings its own cases; leave --layers and sizes out")
    plain = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": None, "groups": 1}
    if any(given[name] != value for name, value in plain.items()):
        raise ParseError("--call paper passes a matrix and a kernel alone: stride 1, no padding")
    for problem in data:
        if (problem.geometry.in_channels, problem.geometry.out_channels) != (1, 1):
            raise ParseError("--call paper passes one channel; give x and k as matrices")
    return on_paper(implementation), PAPER
