"""The group of verbs: each is loaded when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

from symconv import __version__
from symconv.cli.verbs import INTERRUPTED, VERBS, help_text
from symconv.core.errors import SymconvError


class LazyGroup(click.Group):
    """Verbs are imported when they run; errors end with a message and their own exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the story."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb."""
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"symconv.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The one help text, however it is asked for."""
        formatter.write(help_text())

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; our own errors become one line and their exit code."""
        try:
            return super().invoke(ctx)
        except SymconvError as error:
            click.echo(f"symconv: {error}", err=True)
            ctx.exit(error.exit_code)
        except SystemExit as error:  # ours are click's own; a program that was run raised this
            code = "" if error.code is None else f" with {error.code}"
            click.echo(
                f"symconv: a program that was run ended the process{code}; nothing is decided",
                err=True,
            )
            ctx.exit(3)
        except KeyboardInterrupt:
            click.echo(INTERRUPTED, err=True)
            ctx.exit(3)
        except Exception:
            raise
        except BaseException as error:  # raised by a program that was run
            said = f"{type(error).__name__}: {error}"
            click.echo(
                f"symconv: a program that was run raised {said}; nothing is decided", err=True
            )
            ctx.exit(3)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="symconv", message="%(prog)s %(version)s")
def app() -> None:
    """An exact, independent reference for transposed convolution."""
