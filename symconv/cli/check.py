"""`symconv check`."""

from __future__ import annotations

from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.errors import ParseError


@click.command(
    help=VERBS["check"] + "\n\nTARGET is torch, or module:callable with the signature of "
    "torch.nn.functional.conv_transpose2d. Loading it runs its module."
)
@click.argument("target")
@click.option(
    "--layers",
    type=click.Choice(["small", "dcgan", "unet", "fcn"]),
    default=None,
    help="Which layers. [small, or the one that the geometry options describe]",
)
@options.sizes
@options.steps
@options.channels
@click.option("--batch", type=int, default=1, help="Samples. [1]")
@click.option("--bias", is_flag=True, help="With a bias.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float64", "float16", "bfloat16", "complex64", "complex128"]),
    default="float32",
    help="[float32]",
)
@click.option(
    "--layout",
    type=click.Choice(["contiguous", "transposed", "strided", "channels_last"]),
    default="contiguous",
    help="Of x and w. [contiguous]",
)
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), default="cpu", help="Where it runs. [cpu]"
)
@click.option("--backend", default="", help="Switches, as in mkldnn=off,cudnn=on.")
@click.option("--gradients/--no-gradients", default=True, help="The backward pass too. [yes]")
@click.option(
    "--algorithm",
    type=click.Choice(["any", "direct"]),
    default="any",
    help="direct: every product is formed once, so the sharp bounds refute. [any]",
)
@click.option(
    "--call",
    type=click.Choice(["torch", "paper"]),
    default="torch",
    help="paper: the function takes a matrix and a kernel alone. [torch]",
)
@click.option("--compile", "compiled", is_flag=True, help="Through torch.compile.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the values. [0]")
@options.formats("text", "markdown", "json")
@options.json_option
@options.output
@click.pass_context
def command(
    ctx: click.Context, /, target: str, kind: str, as_json: bool, output: str | None, **given: Any
) -> None:
    """Judge, write what was found, exit by the verdict."""
    from symconv.checking import LAYERS, PAPER, Layer, check_implementation
    from symconv.checking.page import document, to_json
    from symconv.conditions import require_counts
    from symconv.dialects.building import torch_geometry
    from symconv.document import markdown, text
    from symconv.targets import torchlib
    from symconv.targets.environment import backends, describe, read_switches
    from symconv.targets.resolve import Implementation, on_paper, resolve

    require_counts(**{n: given[n] for n in ("batch", "in_channels", "out_channels", "groups")})
    switches = read_switches(given["backend"])
    torchlib.devices(given["device"])
    layers = LAYERS[given["layers"] or "small"]
    if (given["input_size"] is None) != (given["kernel_size"] is None):
        raise ParseError("--input-size and --kernel-size describe one case together; give both")
    if given["input_size"] is not None:
        if given["layers"]:
            raise ParseError("--layers and --input-size each choose the cases; give one")
        geometry = torch_geometry(
            given["input_size"],
            given["kernel_size"],
            in_channels=given["in_channels"] or given["groups"],
            out_channels=given["out_channels"] or given["groups"],
            groups=given["groups"],
            stride=given["stride"],
            padding=given["padding"],
            output_padding=given["output_padding"] or 0,
            dilation=given["dilation"],
        )
        layers = (Layer("the case", geometry, given["batch"], given["bias"]),)
    implementation = resolve(target)
    if given["call"] == "paper":
        if given["layers"] or given["input_size"] is not None:
            raise ParseError("--call paper brings its own cases; leave --layers and sizes out")
        implementation, layers = on_paper(implementation), PAPER
    if given["compiled"]:
        call = torchlib.load().compile(implementation.call)
        implementation = Implementation(target, call)
    with backends(switches):
        report = check_implementation(
            implementation,
            dtype=given["dtype"],
            device=given["device"],
            layers=layers,
            layout=given["layout"],
            gradients=given["gradients"],
            algorithm=given["algorithm"],
            seed=given["seed"],
            environment=describe(given["device"], switches),
        )
    if as_json or kind == "json":
        writing.emit_json(to_json(report), output)
    else:
        write = markdown.page if kind == "markdown" else text.page
        writing.emit(write(document(report)), output)
    ctx.exit(report.outcome.exit_code)
