"""The configurations whose complete pages are stored as golden files."""

from fractions import Fraction

from symconv.core.polynomial import Polynomial
from symconv.derivation.derivation import CHECK, NAMES, derive
from symconv.reading import read_values

CHAPTERS = tuple(name for name in NAMES if name != CHECK)
X = [[0, 1], [2, 3]]
HALF = Fraction(1, 2)
CASES = {
    "notebook": {"x": X, "w": X},
    "stride-2": {"x": X, "w": X, "stride": 2},
    "channels": {
        "x": [[[0, 1], [2, 3]], [[0, 2], [4, 6]]],
        "w": [[[[1, 1], [1, 1]]], [[[HALF, HALF], [HALF, HALF]]]],
        "stride": 2,
    },
    "letters": {
        "input_size": (2, 2),
        "kernel_size": (3, 2),
        "stride": (2, 1),
        "padding": (1, 0),
        "output_padding": (1, 0),
        "dilation": (1, 2),
    },
    "line": {"input_size": (3,), "w": [1, -2, HALF], "stride": 2},
    "volume": {"input_size": (2, 2, 1), "kernel_size": (1, 2, 2)},
    "groups-bias-batch": {
        "input_size": (1, 2),
        "kernel_size": (2, 1),
        "in_channels": 2,
        "out_channels": 4,
        "groups": 2,
        "batch": 2,
        "bias": True,
    },
    "every-step": {
        "input_size": (3, 2),
        "kernel_size": (2, 3),
        "stride": (2, 1),
        "padding": (1, 0),
        "output_padding": (1, 0),
        "dilation": (1, 2),
        "groups": 2,
        "in_channels": 4,
        "out_channels": 2,
        "bias": True,
    },
    "decimals": {
        "x": read_values("[[0.5, -1.25], [2, 3]]"),
        "w": read_values("[[1, a], [0.1, 2]]"),
        "padding": (0, 1),
    },
    "views": {
        "x": [1, 2, 3],
        "w": [1, -2, HALF],
        "stride": 2,
        "padding": 1,
        "output_padding": 1,
        "chapters": ("given", "stretched", "phases", "pictures"),
    },
    "depthwise": {
        "x": [[[1, 2]], [[3, 4]]],
        "w": [[[[1, -1]]], [[[2, Polynomial.variable("a")]]]],
        "groups": 2,
        "stride": (1, 2),
    },
    "large": {"input_size": (9, 9), "kernel_size": (3, 3), "stride": 2, "padding": 1},
}


def page(name: str):
    return derive(**{"chapters": CHAPTERS, "device": "cpu"} | CASES[name])
