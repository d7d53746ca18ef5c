"""`symconv check --by symbolic`."""

from __future__ import annotations

from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.cases import layers_of, layouts_of
from symconv.core.errors import ParseError


def run(
    ctx: click.Context,
    target: str,
    own: dict[str, Any],
    given: dict[str, Any],
    where: tuple[str, str | None],
) -> int:
    """Follow, write the page, and the exit code."""
    from symconv.judging.following import follow_implementation

    for name in ("x", "k", "bias_values", "grad_output"):
        if given[name] is not None:
            raise ParseError("--by symbolic is for every value; sizes are enough, leave values out")
    if given["device"] != "cpu" and own["by"] == "symbolic":
        raise ParseError("--by symbolic follows a program on the CPU; leave --device out")
    sweep, against = own["sweep"], own["against"]
    one, call = called(target, given["call"], given["compiled"])
    other, _ = called(against, call, False) if against else (None, call)
    if own["by"] == "decode":
        return _shown(_decoded(ctx, one, given, _layers(given, target, call, None)), where)
    report = follow_implementation(
        one,
        _layers(given, target, call, sweep),
        against=other,
        gradients=given["gradients"],
        dtypes=(given["dtype"] or "float32",),
        layouts=layouts_of(given["layout"]),
        paper=call == "paper",
        seed=given["seed"],
        probe_kernels=own["probe_kernels"],
        command=options.same_again(ctx),
    )
    return _shown(report, where)


def _decoded(ctx: click.Context, target: Any, given: dict[str, Any], layers: Any) -> Any:
    from symconv.judging.decoding import decode_implementation
    from symconv.targets import torchlib
    from symconv.targets.bilinear import BITS

    dtype = given["dtype"] or "float32"
    if dtype not in BITS:
        raise ParseError(f"--by decode reads {', '.join(BITS)}, not {dtype}")
    torchlib.devices(given["device"])
    return decode_implementation(
        target,
        layers,
        gradients=given["gradients"],
        dtype=dtype,
        device=given["device"],
        layouts=layouts_of(given["layout"]),
        seed=given["seed"],
        command=options.same_again(ctx),
    )


def _shown(report: Any, where: tuple[str, str | None]) -> int:
    """The page, and the exit code."""
    kind, output = where
    if kind == "json":
        from symconv.judging.following_page import to_json

        writing.emit_json(to_json(report), output)
    else:
        from symconv.judging.following_page import document
        from symconv.render.formats import render

        writing.emit(render(document(report), kind), output)
    return int(report.outcome.exit_code)


def called(target: str, call: str | None, compiled: bool) -> tuple[Any, str]:
    """The implementation, called as `--call` says."""
    from symconv.targets.resolve import as_module, is_module_class, on_paper, resolve

    if compiled:
        raise ParseError(
            "--compile with --by: what torch.compile makes of a program cannot be followed. Way "
            "out: leave --compile out to follow the program itself, or --by out to judge the "
            "compiled one on numbers"
        )
    found = resolve(target)
    way = call or ("module" if is_module_class(found) else "torch")
    if way == "module":
        return as_module(found), way
    return (on_paper(found), way) if way == "paper" else (found, way)


def _layers(given: dict[str, Any], target: str, call: str, sweep: int | None) -> tuple[Any, ...]:
    """The shape that is given, the small ones, or some drawn at random."""
    from symconv.judging.cases import PAPER, Layer

    if sweep is None:
        if call == "paper" and given["input_size"] is None:
            return PAPER
        return layers_of(given, target)
    if given["input_size"] is not None or given["layers"]:
        raise ParseError("--sweep draws its own shapes; leave sizes and --layers out")
    if call == "paper":
        return tuple(_on_paper(given["seed"], sweep))
    from symconv.campaign.space import Generator, Space, draw

    dims = given["dims"] or ("all" if target == "torch" else "2")
    space = Space(dims=(1, 2, 3) if dims == "all" else (int(dims),), switches=(), layouts=False)
    chosen = Generator(f"sweep/{given['seed']}")
    cases = [draw(chosen, space) for _ in range(sweep)]
    return tuple(Layer(str(c).rsplit(", ", 1)[0], c.geometry(), c.batch, c.bias) for c in cases)


def _on_paper(seed: int, count: int) -> Any:
    """Matrices and kernels of up to 5 a side."""
    from symconv.campaign.space import Generator
    from symconv.core.dialects.building import torch_geometry
    from symconv.judging.cases import Layer

    chosen = Generator(f"paper/{seed}")
    for _ in range(count):
        size, taps = (tuple(chosen.integer(1, 5) for _ in range(2)) for _ in range(2))
        name = "{}x{} with {}x{}".format(*size, *taps)
        yield Layer(name, torch_geometry(size, taps))
