"""`symconv size` without click, whose import alone takes longer than the whole answer.

Plain uses are read here; whatever is not plain, help and every mistake among it, is click's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symconv.errors import SymconvError
from symconv.reading.sizes import read_size, read_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Read = Callable[[str, str], Any]


def _steps(text: str, what: str) -> Any:
    steps = read_steps(text, what)
    return steps[0] if len(steps) == 1 else steps


def _dialect(text: str, what: str) -> str:
    if text not in ("torch", "onnx", "jax", "keras"):
        raise SymconvError(what)
    return text


VALUES: dict[str, tuple[str, Read]] = {
    "--input-size": ("input_size", read_size),
    "--kernel-size": ("kernel_size", read_size),
    "--want": ("want", read_size),
    "--stride": ("stride", _steps),
    "--padding": ("padding", _steps),
    "--output-padding": ("output_padding", _steps),
    "--dilation": ("dilation", _steps),
    "--dialect": ("dialect", _dialect),
    "--pads": ("pads", lambda text, what: text),
}
FLAGS = {"--check": "check", "--json": "as_json"}
DEFAULTS: dict[str, Any] = {"input_size": None, "kernel_size": None, "stride": 1, "padding": 0,
                            "output_padding": None, "dilation": 1}  # fmt: skip


def size(words: Sequence[str]) -> tuple[str, int] | None:
    """The answer and the exit code; None where click has to read the words."""
    given = dict(DEFAULTS)
    rest = iter(words)
    for word in rest:
        if word in FLAGS:
            given[FLAGS[word]] = True
            continue
        name, glued, text = word.partition("=")
        if name not in VALUES:
            return None
        if not glued:
            text = next(rest, "-")
            if text.startswith("-"):
                return None
        field, read = VALUES[name]
        try:
            given[field] = read(text, name)
        except SymconvError:
            return None
    from symconv.cli.sizing import answer

    try:
        return answer(**given)
    except SymconvError:
        return None
