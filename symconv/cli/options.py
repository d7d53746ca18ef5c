"""Options that several verbs share, in torch's names, read into sizes and values."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symconv.cli import writing
from symconv.core.errors import ParseError

if TYPE_CHECKING:
    from symconv.reading import Values

    Anything = click.ParamType[Any]
    Count = click.ParamType[int]
else:  # generic since click 8.4, and only for type checkers
    Anything = Count = click.ParamType

Decorator = Callable[[Any], Any]


class StepsType(Anything):
    """`2` or `2,1`."""

    name = "INT[,INT...]"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Text from the command line; anything else is a default."""
        if not isinstance(value, str):
            return value
        from symconv.reading.size_text import read_steps

        steps = read_steps(value, param.opts[0])
        return steps[0] if len(steps) == 1 else steps


class SizeType(Anything):
    """`4`, `3x3` or `3x3x2`."""

    name = "SIZE"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Text from the command line; anything else is a default."""
        if not isinstance(value, str):
            return value
        from symconv.reading.size_text import read_size

        return read_size(value, param.opts[0])


class OperandType(Anything):
    """`[[0,1],[1/2,a]]` or `@file.json`."""

    name = "VALUES"

    def convert(self, value: Any, param: Any, ctx: Any) -> Values:
        """Text from the command line; anything else is a default."""
        from symconv.reading import read_operand

        return read_operand(value, param.opts[0]) if isinstance(value, str) else value


class DataType(Anything):
    """Values as in `OperandType`, or the path of a tensor file; read when the verb runs."""

    name = "VALUES|@FILE"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Values of a file with its dtype, or typed numbers."""
        if not isinstance(value, str):
            return value
        from symconv.judging.request import GivenOperand, read_operand
        from symconv.reading import read_operand as read_text
        from symconv.targets.datafiles import ENDINGS, read_tensor

        option = param.opts[0]
        if value.startswith("@") and value.endswith(ENDINGS):
            return GivenOperand(*read_tensor(Path(value[1:]), option))
        return read_operand(read_text(value, option).nested, f"{option} {value[:40]!r}")


class Seconds(click.FloatRange):
    """A time; nan, which every comparison passes over, is none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Raises click's error for anything else."""
        found = float(super().convert(value, param, ctx))
        if found != found:
            self.fail("nan is not a valid time", param, ctx)
        return found


class Bytes(Count):
    """`500M`, `4G`: bytes in powers of 1024."""

    name = "BYTES"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Text from the command line; anything else is a default."""
        if not isinstance(value, str):
            return int(value)
        found = re.fullmatch(r"(\d{1,6})\s*([KMGT]?)i?B?", value.strip(), re.IGNORECASE | re.ASCII)
        if not found or not int(found[1]):
            raise ParseError(
                f"{param.opts[0]} {value!r} is not an amount of memory; write 500M or 4G"
            )
        power = "KMGT".find(found[2].upper()) + 1 if found[2] else 0
        return int(found[1]) * int(1024**power)


class Verb(click.Command):
    """A command that remembers how it was called."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words before click takes them apart."""
        ctx.meta["symconv.arguments"] = list(args)
        return super().parse_args(ctx, args)


def typed(ctx: click.Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were written on the command line."""
    source = click.core.ParameterSource.COMMANDLINE
    return {name: v for name, v in given.items() if ctx.get_parameter_source(name) is source}


def dtypes() -> click.Choice[str]:
    """The dtypes of implementations."""
    from symconv.exact.dtypes import FLOATING

    return click.Choice(FLOATING)


def conventions() -> click.Choice[str]:
    """The calling conventions of targets."""
    from symconv.targets.conventions import CONVENTIONS

    return click.Choice(list(CONVENTIONS))


def dialects() -> click.Choice[str]:
    """The frameworks whose paddings are understood."""
    from symconv.core.dialects.foreign import dialects as known

    return click.Choice(["torch", *known()])


def figures() -> click.Choice[str]:
    """The pictures of a derivation."""
    from symconv.derivation.pictures import PICTURES

    return click.Choice(list(PICTURES))


def chapters_help() -> str:
    """The help text of `--chapters`."""
    from symconv.derivation.derivation import NAMES, ON_REQUEST

    return (
        f"Chapters, separated by commas. [{','.join(NAMES)}; on request also "
        f"{','.join(ON_REQUEST)}]"
    )


def engines() -> click.Choice[str]:
    """The engines that targets compute with."""
    from symconv.targets.engine import engines as known

    return click.Choice(list(known()))


def surfaces() -> click.Choice[str]:
    """The surfaces that targets are run on."""
    from symconv.targets.surfaces import SURFACES

    return click.Choice(list(SURFACES))


def same_again(ctx: click.Context) -> str:
    """The command line of this run, without what only says where its output goes."""
    words = list(ctx.meta.get("symconv.arguments", []))
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("-o", "--output", "--format"):
            skip = True
        elif not (word == "--json" or word.startswith(("-o", "--output=", "--format="))):
            kept.append(word)
    return shlex.join(["symconv", str(ctx.info_name), *kept])


def _all(options: list[Decorator]) -> Decorator:
    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


STEP_NAMES = ("stride", "padding", "output_padding", "dilation")

steps = _all(
    [
        click.option(
            "--stride", type=StepsType(), default=1, help="Output steps between inputs. [1]"
        ),
        click.option(
            "--padding", type=StepsType(), default=0, help="Elements cropped at both ends. [0]"
        ),
        click.option(
            "--output-padding",
            type=StepsType(),
            default=None,
            help="Elements restored at the end. [0]",
        ),
        click.option(
            "--dilation", type=StepsType(), default=1, help="Output steps between taps. [1]"
        ),
    ]
)

channels = _all(
    [
        click.option("--groups", type=int, default=1, help="Independent blocks of channels. [1]"),
        click.option(
            "--in-channels", type=int, help="Input channels, if values do not determine them."
        ),
        click.option(
            "--out-channels", type=int, help="Output channels, if values do not determine them."
        ),
    ]
)

sizes = _all(
    [
        click.option("--input-size", type=SizeType(), help="Size of x: 4, 3x3 or 3x3x2."),
        click.option("--kernel-size", type=SizeType(), help="Size of k: 2, 2x2 or 2x2x2."),
    ]
)

kernel = click.option(
    "--k", "k", type=OperandType(), help="Values of the kernel: '[[0,1],[1/2,a]]' or @file."
)
output = click.option("-o", "--output", type=str, help="Write to this file.")
dims = click.option(
    "--dims", type=int, help="Number of spatial axes, if the ranks do not determine it."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
device = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    help="Device of the cross-check with torch; auto: the CPU and, if there is one, CUDA. [auto]",
)


def formats(*more: str) -> Decorator:
    """`--format`, `--json` and `-o`: the formats of pages, JSON and `more` of this verb.

    The verb gets `kind`, the format that is asked for or that the suffix of the file stands for,
    and `output`, the file. Formats that need a file, or a program, are checked before it runs.
    """
    from symconv.render.formats import formats as page_formats

    choices = (*page_formats(), *more, "json")

    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def run(
            *args: Any, kind: str | None, as_json: bool, output: str | None, **given: Any
        ) -> Any:
            chosen = "json" if as_json else kind or writing.format_of_file(output, choices)
            writing.require_file(chosen, output)
            return function(*args, kind=chosen, output=output, **given)

        text = "Output format. [by the suffix of -o, else text]"
        return _all(
            [
                click.option("--format", "kind", type=click.Choice(choices), help=text),
                json_option,
                output,
            ]
        )(run)

    return decorate


def limits_of(base: Any, max_rows: int | None, max_cols: int | None) -> Any:
    """A writer's limits with the user's counts put in.

    Raises:
        ParseError: fewer than 3, which leaves no room for dots.
    """
    from dataclasses import replace

    for name, count in (("--max-rows", max_rows), ("--max-cols", max_cols)):
        if count is not None and count < 3:
            raise ParseError(f"{name} {count}: at least 3 are required, one of them for the dots")
    rows = base.max_rows if max_rows is None else max_rows
    return replace(base, max_rows=rows, max_columns=max_cols)
