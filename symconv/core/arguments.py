"""Helpful errors for the arguments of public functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "w": ("k", "kernel", "weight", "filter", "weights"),
    "x": ("input", "inputs", "image", "signal"),
    "bias": ("b", "biases", "bias_values"),
    "stride": ("strides", "s", "window_strides"),
    "padding": ("pad", "pads", "paddings", "p"),
    "output_padding": ("out_padding", "outputpadding", "op"),
    "dilation": ("dilations", "dilation_rate", "rhs_dilation", "d"),
    "kernel_size": ("kernel_shape", "kernelsize", "filter_size"),
    "input_size": ("input_shape", "inputsize", "size"),
    "groups": ("group", "feature_group_count"),
    "dims": ("ndim", "dim", "spatial_dims"),
}
"""What other frameworks, papers and the command line call torch's parameters."""


def suggest_names(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function answer an unknown keyword argument with the name that is meant.

    >>> @suggest_names
    ... def f(w, *, stride=1): ...
    >>> f([1], strides=2)
    Traceback (most recent call last):
    ...
    TypeError: f() has no argument 'strides'; it is called stride
    """
    known = tuple(
        p.name for p in inspect.signature(function).parameters.values() if p.kind != p.VAR_KEYWORD
    )

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in known:
                raise TypeError(
                    f"{function.__name__}() has no argument {name!r}; {_meant(name, known)}"
                )
        return function(*args, **kwargs)

    return call


def _meant(name: str, known: tuple[str, ...]) -> str:
    meant = [right for right in known if name in OTHER_NAMES.get(right, ())]
    meant = meant or get_close_matches(name, known, n=1)
    if not meant:
        return f"its arguments are {', '.join(known)}"
    if meant[0] == "w":
        return "the kernel is called w"
    if meant[0] == "x":
        return "the input is called x"
    return f"it is called {meant[0]}"
