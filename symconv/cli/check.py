"""`symconv check`."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.cases import DTYPES, data_of, layers_of, layouts_of, on_paper_of, require_used
from symconv.cli.verbs import VERBS
from symconv.core.errors import ParseError

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
@click.option(
    "--gradients/--no-gradients",
    default=None,
    help="The backward pass too. [where there is one; --by symbolic: no]",
)
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
@click.option(
    "--by",
    type=click.Choice(["numbers", "symbolic", "decode"]),
    help="One of them alone. [small shapes on symbols, then numbers]",
)
@click.option(
    "--sweep",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --by symbolic: N small shapes drawn at random.",
)
@click.option(
    "--against",
    metavar="TARGET",
    help="With --by symbolic: another program instead of the definition.",
)
@click.option(
    "--probe-kernels", is_flag=True, help="With --by symbolic: torch's own convolutions decoded."
)
@click.option("--compile", "compiled", is_flag=True, help="Through torch.compile.")
@click.option("--max-memory", type=options.Bytes(), help="What one step may take, as 4G. [2G]")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the values. [0]")
@options.formats()
@click.pass_context
def command(
    ctx: click.Context, /, target: str, kind: str, output: str | None, **given: Any
) -> None:
    """Judge, write what was found, exit by the verdict."""
    from symconv.core.limits import MAX_BYTES, memory_limit
    from symconv.targets.resolve import no_exit

    by = given.pop("by")
    symbolic = by in ("symbolic", "decode")
    own = {name: given.pop(name) for name in ("sweep", "against", "probe_kernels")}
    if by != "symbolic" and any(own.values()):
        raise ParseError("--sweep, --against and --probe-kernels go with --by symbolic")
    require_used(ctx, given)
    if symbolic and given["model"] is not None:
        raise ParseError("--model names a way of rounding; --by symbolic leaves rounding out")
    if given["gradients"] is None and symbolic:
        given["gradients"] = False
    with memory_limit(given.pop("max_memory") or MAX_BYTES), no_exit():
        if symbolic:
            from symconv.cli import symbolic as by_symbols

            ctx.exit(by_symbols.run(ctx, target, own | {"by": by}, given, (kind, output)))
        with redirect_stdout(sys.stderr):  # what the target prints is no part of the answer
            report = _report(ctx, target, given, symbols=by is None)
    if kind == "json":
        from symconv.judging.check_record import to_json

        writing.emit_json(to_json(report), output)
    else:
        from symconv.judging.check_page import document
        from symconv.render.formats import formats, render

        page = document(report, pictures=formats()[kind].pictures)
        writing.emit(render(page, kind), output)
    ctx.exit(report.outcome.exit_code)


def _report(ctx: click.Context, target: str, given: dict[str, Any], symbols: bool) -> Any:
    from dataclasses import replace

    from symconv.judging.run import check_implementation
    from symconv.targets import torchlib
    from symconv.targets.environment import read_switches
    from symconv.targets.resolve import is_module_class, resolve

    switches = read_switches(given["backend"])
    layouts = layouts_of(given["layout"])
    torchlib.devices(given["device"])
    found = resolve(target)
    given["call"] = given["call"] or ("module" if is_module_class(found) else "torch")
    ways = (False, True) if given["compiled"] else (None,)  # static and dynamic sizes
    implementations = [_called(found, given["call"], way) for way in ways]
    implementation = implementations[0]
    data, dtype = data_of(given)
    if given["call"] == "paper":
        layers = on_paper_of(given, data)
    else:
        layers = () if data else layers_of(given, target)
    reports = [
        check_implementation(
            each,
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
        for each in implementations
    ]
    report = reports[0]
    if given["compiled"]:
        named = zip(("static", "dynamic"), reports, strict=True)
        judged = [pair for name, r in named for pair in _compiled(r.judgements, name)]
        report = replace(report, judgements=tuple(judged))
    followed = None
    plain = target != "torch" and not given["compiled"] and given["device"] == "cpu"
    if symbols and plain and not dtype.startswith("complex"):
        from symconv.judging.following import first_stage

        followed = first_stage(
            implementation, layers, report.backward, dtype, given["call"] == "paper", given["seed"]
        )
    return replace(report, followed=followed)


def _called(found: Any, call: str, dynamic: bool | None) -> Any:
    """The implementation called as `--call` says; compiled unless `dynamic` is None."""
    from symconv.targets.resolve import as_module, compiled, on_paper

    if call == "module":
        return as_module(found, dynamic)
    made = found if dynamic is None else compiled(found, dynamic)
    return on_paper(made) if call == "paper" else made


def _compiled(judgements: Any, name: str) -> list[Any]:
    """Judgements whose cases say how the target was compiled."""
    from dataclasses import replace

    cases = {
        id(p): replace(p, what=f"{p.what}, compiled for {name} sizes", compiled=name)
        for p, _ in judgements
    }
    return [(cases[id(p)], j) for p, j in judgements]
