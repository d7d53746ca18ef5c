"""Faults to plant in symconv, one per law; each has a name and replaces one attribute."""

from collections.abc import Callable
from typing import Any

from symconv.core import conditions, form, geometry, laws
from symconv.core.dialects import torch as dialects
from symconv.core.polynomial import Polynomial

V = Polynomial.variable
S, D, AT, K = V("stride"), V("dilation"), V("i"), V("k")
BEGIN, END = V("crop_begin"), V("crop_end")
SPAN, WIDTH = V("size") - 1, V("kernel_size") - 1


def _flipped_kernel(self, i, k):
    """Use the taps of the kernel in reverse order."""
    last = self.kernel_size - 1
    return self.stride * i + self.dilation * (last - k) - self.crop_begin


def _reversed_channels(self):
    """Count the output channel from the wrong end of its group."""
    per_in, per_out = self.in_channels // self.groups, self.out_channels // self.groups
    for c in range(self.in_channels):
        for m in range(per_out):
            yield c, m, c // per_in * per_out + per_out - 1 - m


def _interleaved_groups(self):
    """Treat groups as interleaved channels instead of blocks."""
    per_out = self.out_channels // self.groups
    for c in range(self.in_channels):
        for m in range(per_out):
            yield c, m, c % self.groups * per_out + m


def _ignored_groups(self):
    """Let every group write to the first group's outputs."""
    for c in range(self.in_channels):
        for m in range(self.out_channels // self.groups):
            yield c, m, m


def _rotated_weight(self):
    """Use the kernel of another output channel of the group."""
    per_in, per_out = self.in_channels // self.groups, self.out_channels // self.groups
    for c in range(self.in_channels):
        for m in range(per_out):
            yield c, (m + 1) % per_out, c // per_in * per_out + m


def _strict_border(axis):
    """Lose the first output."""
    size = axis.out_size
    hits = ((i, k, axis.hit(i, k)) for i in range(axis.size) for k in range(axis.kernel_size))
    return [(i, k, o) for i, k, o in hits if 0 < o < size]


def _first_in_column_order(flat, shape):
    """Read flat positions in Fortran order."""
    index = []
    for length in shape:
        flat, n = divmod(flat, length)
        index.append(n)
    return tuple(index)


HITS = {
    "hit one to the right": S * AT + D * K - BEGIN + 1,
    "hit adds the crop": S * AT + D * K + BEGIN,
    "hit ignores the crop": S * AT + D * K,
    "hit ignores dilation": S * AT + K - BEGIN,
    "hit ignores stride": AT + D * K - BEGIN,
    "hit exchanges stride and dilation": D * AT + S * K - BEGIN,
}
OUT_SIZES = {
    "size one too large": S * SPAN + D * WIDTH + 2 - BEGIN - END,
    "size one too small": S * SPAN + D * WIDTH - BEGIN - END,
    "size ignores dilation": S * SPAN + WIDTH + 1 - BEGIN - END,
    "size forgets the end crop": S * SPAN + D * WIDTH + 1 - BEGIN,
    "size counts inputs, not gaps": S * V("size") + D * WIDTH + 1 - BEGIN - END,
}
EXTENTS = {
    "extent ignores dilation": V("kernel_size"),
    "extent counts taps, not gaps": D * V("kernel_size") + 1,
}
FULL_SIZES = {
    "full size without the kernel": S * SPAN + 1,
    "full size counts inputs, not gaps": S * V("size") + D * WIDTH + 1,
}
CROPS = {
    "output_padding at the beginning": {
        "crop_begin": V("padding") - V("output_padding"),
        "crop_end": V("padding"),
    },
    "output_padding ignored": {"crop_begin": V("padding"), "crop_end": V("padding")},
    "output_padding cut off": {
        "crop_begin": V("padding"),
        "crop_end": V("padding") + V("output_padding"),
    },
    "padding on one side": {
        "crop_begin": V("padding") + V("padding"),
        "crop_end": -V("output_padding"),
    },
}
CHANNELS = {
    "channels reversed in their group": _reversed_channels,
    "groups interleaved": _interleaved_groups,
    "groups ignored": _ignored_groups,
    "kernel of the next channel": _rotated_weight,
}

SIDES = V("size") + V("padding_begin") + V("padding_end")
CONV_SPANS = {
    "convolution's span one too large": SIDES - D * WIDTH,
    "convolution's span pads one side": SIDES - V("padding_end") - D * WIDTH - 1,
    "convolution's span ignores dilation": SIDES - WIDTH - 1,
}

Plant = Callable[[Any], None]


def _set(owner: Any, name: str, value: Any) -> Plant:
    return lambda patch: patch.setattr(owner, name, value)


def _function(law: Polynomial) -> Callable[..., Any]:
    return lambda **values: law.evaluate(values)


def _functions(laws_of: dict[str, Polynomial]) -> Callable[..., dict[str, Any]]:
    return lambda **values: {name: law.evaluate(values) for name, law in laws_of.items()}


_SPAN, _TORCH_SIZE = laws.conv_span, laws.torch_out_size


def _span(*, padding: int, **values: Any) -> Any:
    return _SPAN(padding_begin=padding, padding_end=padding, **values)


FORM_FAULTS: dict[str, Plant] = {
    **{name: _set(laws, "hit", _function(law)) for name, law in HITS.items()},
    "hit flips the kernel": _set(geometry.Axis, "hit", _flipped_kernel),
    **{name: _set(laws, "out_size", _function(law)) for name, law in OUT_SIZES.items()},
    **{name: _set(laws, "torch_crops", _functions(crops)) for name, crops in CROPS.items()},
    **{name: _set(laws, "extent", _function(law)) for name, law in EXTENTS.items()},
    **{name: _set(laws, "full_size", _function(law)) for name, law in FULL_SIZES.items()},
    **{name: _set(geometry.Geometry, "channel_pairs", f) for name, f in CHANNELS.items()},
}
"""Faults that change the operator; the battery and the tour must detect each."""

SIZE_FAULTS: dict[str, Plant] = {
    **{name: _set(laws, "conv_span", _function(law)) for name, law in CONV_SPANS.items()},
    "convolution without its last output": _set(
        laws, "conv_out_size", lambda *, stride, **v: _span(**v) // stride
    ),
    "convolution rounds up": _set(
        laws, "conv_out_size", lambda *, stride, **v: -(-_span(**v) // stride) + 1
    ),
    "torch's size without output_padding": _set(
        laws, "torch_out_size", lambda *, output_padding, **v: _TORCH_SIZE(output_padding=0, **v)
    ),
    "torch's size with one padding": _set(
        laws,
        "torch_out_size",
        lambda *, padding, **v: _TORCH_SIZE(padding=padding, **v) + padding,
    ),
}
"""Faults of the size laws; the comparison with counted positions must detect each."""

TERM_FAULTS: dict[str, Plant] = {
    "first output lost term by term": _set(form, "axis_hits", _strict_border),
}
"""Faults of the term-by-term path only."""

_TOO_WIDE = conditions.Condition(
    (conditions.Atom(S - V("output_padding")), conditions.Atom(D - V("output_padding"))),
    "output_padding must be smaller than stride or smaller than dilation",
    "output_padding",
)
_STRIDE_ALONE = conditions.Condition(
    (conditions.Atom(S - V("output_padding") - 1),),
    "output_padding must be smaller than stride",
    "output_padding",
)
_SIZE_ZERO = conditions.Condition(
    (conditions.Atom(dialects.TORCH_OUT_SIZE),), "the output may be empty", "out_size"
)


def _replaced(place: int, by: Any) -> Any:
    found = list(dialects.TORCH_CONDITIONS)
    found[place : place + 1] = by
    return tuple(found)


ACCEPT_FAULTS: dict[str, Plant] = {
    "output_padding may equal stride": _set(
        dialects, "TORCH_CONDITIONS", _replaced(6, [_TOO_WIDE])
    ),
    "output_padding below stride alone": _set(
        dialects, "TORCH_CONDITIONS", _replaced(6, [_STRIDE_ALONE])
    ),
    "output_padding unbounded": _set(dialects, "TORCH_CONDITIONS", _replaced(6, [])),
    "negative padding": _set(dialects, "TORCH_CONDITIONS", _replaced(4, [])),
    "empty output": _set(dialects, "TORCH_CONDITIONS", _replaced(7, [_SIZE_ZERO])),
}
"""Faults in what torch accepts; the comparison with torch's own errors must detect each."""

INDEX_FAULTS: dict[str, Plant] = {
    "flat positions in Fortran order": _set(form, "unflatten", _first_in_column_order),
}
