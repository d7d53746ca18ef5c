"""`symconv check`."""

from __future__ import annotations

from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS


@click.command(
    cls=options.Verb,
    help=VERBS["check"] + "\n\nTARGET is torch, or module:callable: a function with the signature "
    "of torch.nn.functional.conv_transpose2d, or a class of modules. Loading it runs its module.",
)
@click.argument("target")
@click.option(
    "--layers",
    type=click.Choice(["small", "dcgan", "unet", "fcn"]),
    help="Set of layers to judge on. [small, or the case that sizes or values describe]",
)
@click.option(
    "--x", "x", type=options.DataType(), help="The input: '[[0,1],[2,3]]' or @x.npy, @x.pt."
)
@click.option(
    "--k", "w", type=options.DataType(), help="The weight, of shape (C_in, C_out/groups, taps)."
)
@click.option("--bias-values", type=options.DataType(), help="The bias, one value per channel.")
@click.option("--grad-output", type=options.DataType(), help="The gradient of the output. [random]")
@options.sizes
@options.steps
@options.channels
@click.option("--batch", type=int, default=1, help="Batch size. [1]")
@click.option("--bias", is_flag=True, help="Use a bias.")
@click.option(
    "--dims",
    type=click.Choice(["1", "2", "3", "all"]),
    help="Number of spatial axes of the small layers, or of your data. [all for torch, else 2]",
)
@click.option(
    "--dtype", type=options.dtypes(), help="Dtype of the operands. [of your files, else float32]"
)
@click.option(
    "--layout",
    default="contiguous",
    help="Memory layout of all operands, or per operand: x=...,w=...,grad_output=...; one of "
    "contiguous, transposed, strided, channels_last. [contiguous]",
)
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), default="cpu", help="Device to run on. [cpu]"
)
@click.option("--backend", default="", help="Backend switches, such as mkldnn=off,tf32=on.")
@click.option(
    "--gradients/--no-gradients",
    default=None,
    help="Judge the backward pass too. [if there is one; --by symbolic: no]",
)
@click.option(
    "--algorithm",
    type=click.Choice(["any", "direct"]),
    default="any",
    help="direct: the target forms each product once, so the strict bounds refute. [any]",
)
@click.option("--model", help="Judge by this rounding model, such as float32-accumulation.")
@click.option(
    "--call",
    type=options.conventions(),
    help="Calling convention; paper: called with only a matrix and a kernel; module: called like "
    "torch.nn.ConvTranspose2d. [module for classes of modules, else torch]",
)
@click.option(
    "--by",
    type=click.Choice(["numbers", "symbolic", "decode"]),
    help="Use only this method. [small shapes on symbols, then numbers]",
)
@click.option(
    "--sweep",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --by symbolic: use N small shapes drawn at random.",
)
@click.option(
    "--against",
    metavar="TARGET",
    help="With --by symbolic: compare with this program instead of the definition.",
)
@click.option(
    "--probe-kernels", is_flag=True, help="With --by symbolic: also decode torch's convolutions."
)
@click.option(
    "--compile", is_flag=True, help="Run through torch.compile, with static and dynamic sizes."
)
@click.option("--surface", type=options.surfaces(), help="Surface that runs the target. [eager]")
@click.option("--engine", type=options.engines(), help="Library of the target's arrays. [torch]")
@click.option("--max-memory", type=options.Bytes(), help="Memory limit of one step. [2G]")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, help="Seed of the random values. [0]"
)
@options.formats()
@click.pass_context
def command(
    ctx: click.Context, /, target: str, kind: str, output: str | None, **given: Any
) -> None:
    """Judge, write what was found, exit by the verdict."""
    from symconv.judging.check import check

    asked = options.typed(ctx, given)
    asked["bias"] = asked.pop("bias_values", asked.pop("bias", None))
    found = check(target, command=options.same_again(ctx), **asked)
    writing.emit_result(found, kind, output)
    ctx.exit(found.verdict.exit_code)
