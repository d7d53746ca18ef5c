"""Torch programs that are wrong on numbers, but correct or not visibly wrong on symbols.

None may be called IDENTICAL by `symconv check --by symbolic`, unless the verdict says what it does
not cover. The last part goes through torch's schema: no handled operation ignores an argument.
"""

import copy
import io
import itertools
import json
import pickle
import random
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch._C import _jit_get_all_schemas

from symconv.core.dialects.building import torch_geometry
from symconv.judging.cases import Layer
from symconv.judging.following import followed_layer
from symconv.results.evidence import Outcome
from symconv.targets.engine import Implementation
from symconv.targets.tensors import Layouts
from symconv.tracing.handlers import HANDLERS
from symconv.tracing.refusing import Refused
from symconv.tracing.schema_arguments import DTYPES, STORAGE
from symconv.tracing.tensor import Symbols
from symconv.tracing.tracer import Tracer
from tests.programs.followed import fold

SHAPE = torch_geometry((2, 3), (3, 3), in_channels=2, out_channels=2, stride=2, padding=1)


def implementation(function):
    def call(x, w, bias=None, stride=1, padding=0, **rest):
        return function(x, w, stride, padding)

    return Implementation(function.__name__, call)


def shown(function, **options):
    if "against" in options:
        options["against"] = implementation(options["against"])
    return followed_layer(implementation(function), Layer("it", SHAPE, 2), **options)


def asks(question):
    """Correct if the question raises, wrong if it is answered, as on numbers."""

    def program(x, w, s, p):
        try:
            question(x.detach())
        except Exception:
            return fold(x, w, s, p)
        return fold(x, w.flip(2, 3), s, p)

    return program


SWALLOWED = {
    "repr": repr,
    "str": str,
    "format": lambda x: f"{x}",
    "format of one value": lambda x: f"{x.sum():.3f}",
    "numpy": lambda x: x.numpy(),
    "numpy, unbound": lambda x: torch.Tensor.numpy(x),
    "asarray": lambda x: np.asarray(x),
    "from_dlpack": lambda x: np.from_dlpack(x),
    "tolist": lambda x: x.tolist(),
    "storage": lambda x: x.untyped_storage().tolist(),
    "typed storage": lambda x: x.storage()[0],
    "pickle": pickle.dumps,
    "torch.save": lambda x: torch.save(x, io.BytesIO()),
    "deepcopy": copy.deepcopy,
    "address": lambda x: x.data_ptr(),
    "bytes": lambda x: bytes(x.contiguous().view(torch.uint8)),
}


@pytest.mark.parametrize("question", SWALLOWED.values(), ids=SWALLOWED)
def test_a_question_counts_although_its_exception_is_caught(question):
    case = shown(asks(question))
    assert case.verdict.outcome is Outcome.UNDECIDED, case.verdict.cause
    assert "test_following.py" in case.verdict.cause


def through(function, dtype=torch.float32):
    """A program that passes its input through `function`, which should return it unchanged."""

    def program(x, w, s, p):
        return fold(function(x).to(x.dtype), w, s, p)

    return program


def written(dtype, write):
    def pass_on(x):
        kept = torch.zeros(x.shape, dtype=dtype)
        write(kept, x)
        return kept

    return through(pass_on)


HALF, WHOLE = torch.float16, torch.int64
ROUNDING = {
    "sum in half": through(lambda x: x[None].sum(0, dtype=HALF)),
    "mean in half": through(lambda x: x[None].mean(0, dtype=HALF)),
    "cumsum in half": through(lambda x: x[None].cumsum(0, dtype=HALF)[0]),
    "copy_ to half": written(HALF, lambda kept, x: kept.copy_(x)),
    "setitem to bfloat16": written(torch.bfloat16, lambda kept, x: kept.__setitem__(..., x)),
    "out= in half": written(HALF, lambda kept, x: torch.add(x, 0, out=kept)),
    "add_ to half": written(HALF, lambda kept, x: kept.add_(x)),
    "index_copy_ to half": written(
        HALF, lambda kept, x: kept.index_copy_(0, torch.arange(len(x)), x.to(HALF))
    ),
    "to half": through(lambda x: x.half()),
}


@pytest.mark.parametrize("program", ROUNDING.values(), ids=ROUNDING)
def test_a_conversion_is_said_to_be_left_out(program):
    case = shown(program)
    assert case.verdict.outcome is Outcome.HOLDS
    assert any(t.startswith("rounding to") and t.endswith("left out") for t in case.trusted)


TO_INTEGERS = {
    "sum": through(lambda x: x[None].sum(0, dtype=WHOLE)),
    "mean": through(lambda x: x[None].sum(0, dtype=torch.int32)),
    "cumsum": through(lambda x: x[None].cumsum(0, dtype=WHOLE)[0]),
    "long": through(lambda x: x.long()),
    "copy_": written(WHOLE, lambda kept, x: kept.copy_(x)),
    "setitem": written(WHOLE, lambda kept, x: kept.__setitem__(..., x)),
    "view of the bits": through(lambda x: x.view(torch.int32).view(torch.float32)),
    "slice_scatter": through(lambda x: torch.zeros(x.shape, dtype=WHOLE).slice_scatter(x)),
}


@pytest.mark.parametrize("program", TO_INTEGERS.values(), ids=TO_INTEGERS)
def test_rounding_to_integers_is_refused(program):
    assert shown(program).verdict.outcome is Outcome.UNDECIDED


def by_type(x):
    """The tracer's tensors are of a subclass; ordinary ones are rounded to integers."""
    return x if type(x) is not torch.Tensor else torch.round(x)


def by_dtype(x):
    return x if x.dtype is torch.float32 else torch.round(x)


def test_replays_use_fractions_beside_integers():
    assert shown(through(by_type)).verdict.outcome is Outcome.REFUTED


def test_replays_use_every_dtype_that_is_asked_for():
    assert shown(through(by_dtype), dtypes=("float32",)).verdict.outcome is Outcome.HOLDS
    both = shown(through(by_dtype), dtypes=("float32", "float64"))
    assert both.verdict.outcome is Outcome.REFUTED


def right(x, w, s, p):
    return fold(x, w, s, p)


def test_both_programs_are_replayed():
    case = shown(right, against=through(by_type))
    assert case.replayed and case.verdict.outcome is Outcome.REFUTED
    assert "other than values" in case.verdict.cause
    assert shown(right, against=right).verdict.outcome is Outcome.HOLDS

    def turned_on_symbols(x, w, s, p):
        return fold(x, w if type(x) is torch.Tensor else w.flip(2, 3), s, p)

    case = shown(right, against=turned_on_symbols)
    assert case.verdict.outcome is Outcome.UNDECIDED and "on numbers" in case.verdict.cause


def by_hidden_view(view):
    """Zero where `(s + 1) - s` is rounded to less than 1."""

    def program(x, w, s, p):
        one = torch.ones(1, dtype=x.dtype)
        total = x.sum()
        view(one).copy_(((total + 1) - total).reshape(1))
        return fold(x, w, s, p) * torch.floor(one)

    return program


def in_inference_mode(one):
    with torch.inference_mode():
        return one.reshape(1)


HIDDEN_VIEWS = {
    "unsafe_split": lambda one: torch.unsafe_split(one, 1)[0],
    "unsafe_chunk": lambda one: torch.unsafe_chunk(one, 1)[0],
    "_unsafe_view": lambda one: torch.ops.aten._unsafe_view(one, [1]),
    "inference mode": in_inference_mode,
}


@pytest.mark.parametrize("view", HIDDEN_VIEWS.values(), ids=HIDDEN_VIEWS)
def test_what_is_written_through_a_view_that_no_schema_tells_of_depends_on_the_inputs(view):
    assert shown(by_hidden_view(view)).verdict.outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8, torch.bool])
def test_whole_numbers_that_nobody_wrote_are_not_taken_for_zeros(dtype):
    def program(x, w, s, p):
        return fold(x + torch.empty(x.shape, dtype=dtype), w, s, p)

    assert shown(program).verdict.outcome is not Outcome.HOLDS


def test_random_numbers_by_any_name_are_noted():
    def program(x, w, s, p):
        return fold(x, w, s, p) if int(torch.randperm(1)[0]) == 0 else x

    found = shown(program)
    assert any("random numbers" in words for words in found.trusted)


KEPT = []


def keeps(x, w, s, p):
    KEPT[:] = [fold(x, w, s, p)]
    return KEPT[0]


def returns_what_was_kept(x, w, s, p):
    return KEPT[0] if KEPT else x


def test_a_program_that_returns_what_another_computed_is_not_identical_to_it():
    KEPT.clear()
    found = shown(keeps, against=returns_what_was_kept)
    assert found.verdict.outcome is not Outcome.HOLDS


@pytest.mark.parametrize(
    ("dtype", "outcome"),
    [
        ("float16", Outcome.UNDECIDED),
        ("bfloat16", Outcome.UNDECIDED),
        ("float32", Outcome.UNDECIDED),
    ],
)
def test_constants_are_as_wrong_as_their_dtype_makes_them(dtype, outcome):
    def program(x, w, s, p):
        third = torch.tensor([1 / 3], dtype=x.dtype)
        return fold(x * third, w, s, p) * 3

    assert shown(program, dtypes=(dtype,)).verdict.outcome is outcome


DECODED = {
    "a vector": lambda y, x: y.flatten(),
    "another dtype": lambda y, x: y.long(),
    "a lost input": lambda y, x: (y, x.zero_())[0],
    "more entries": lambda y, x: torch.cat([y.flatten(), torch.zeros(7)]),
}


@pytest.mark.parametrize("spoil", DECODED.values(), ids=DECODED)
def test_decoding_looks_at_more_than_the_products(spoil):
    from symconv.judging.decoding import decode_implementation

    def call(x, w, bias=None, **steps):
        return spoil(F.conv_transpose2d(x, w, bias, **steps), x)

    found = decode_implementation(Implementation("spoiled", call), [Layer("it", SHAPE)])
    assert found.outcome is Outcome.REFUTED


def test_integers_that_a_program_writes_are_numbers():
    """A plain tensor of integers was once read as indices into the table of polynomials."""

    def program(x, w, s, p):
        five = torch.zeros(4)
        five.copy_(torch.tensor([1, 0, 2, 3]))
        return fold(x, w, s, p) * (five.sum() - 5)

    assert shown(program).verdict.outcome is Outcome.HOLDS


def test_complex_conjugation_is_no_movement():
    def program(x, w, s, p):
        return fold(x.conj(), w, s, p)

    assert shown(program, dtypes=("complex64",)).verdict.outcome is Outcome.UNDECIDED


AT = torch.tensor([2, 0, 1])
MASK = torch.tensor([[True, False, True, False]] * 3)


def image(a):
    return a.reshape(1, 1, 3, 4)


def col2im(a, size=(2, 4), kernel=(2, 2), dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    return torch.ops.aten.col2im(a.reshape(1, 4, 3), size, kernel, dilation, padding, stride)


def unfold_backward(a, sizes=(3, 5), dim=1, size=2, step=1):
    grad = (a.T if dim == 0 else a)[:, :, None].expand(*(a.T if dim == 0 else a).shape, size)
    return torch.ops.aten.unfold_backward(grad.contiguous(), sizes, dim, size, step)


def conv(a, b, stride=1, padding=0, dilation=1, transposed=False, extra=0, groups=1, bias=None):
    x, w = a.reshape(1, 2, 2, 3), b[:2, :2].reshape(2, 1, 1, 2).expand(2, 2 // groups, 1, 2)
    pair = [[n, n] for n in (stride, padding, dilation, extra)]
    return torch.ops.aten.convolution(x, w, bias, *pair[:3], transposed, pair[3], groups)


def gradient(
    a,
    b,
    stride=1,
    padding=0,
    dilation=1,
    transposed=False,
    extra=0,
    groups=1,
    mask=(True, True, False),
    bias=None,
):
    x, w = a.reshape(1, 2, 2, 3), b[:2, :2].reshape(2, 1, 1, 2).expand(2, 2 // groups, 1, 2)
    pair = [[n, n] for n in (stride, padding, dilation, extra)]
    y = torch.ops.aten.convolution(x, w, None, *pair[:3], transposed, pair[3], groups)
    made = torch.ops.aten.convolution_backward(
        y.detach() * 1.0, x, w, bias, *pair[:3], transposed, pair[3], groups, list(mask)
    )
    return torch.cat([g.reshape(-1) for g in made if g is not None])


def ones(a):
    return torch.ones_like(a)


VARIED = {
    ("add", "alpha"): (lambda a, b, n: torch.add(a, b, alpha=n), (1, 3)),
    ("sub", "alpha"): (lambda a, b, n: torch.sub(a, b, alpha=n), (1, 3)),
    ("rsub", "alpha"): (lambda a, b, n: torch.rsub(a, b, alpha=n), (1, 3)),
    ("pow", "exponent"): (lambda a, b, n: a.pow(n), (1, 2, 3)),
    ("div", "rounding_mode"): (
        lambda a, b, m: torch.div(a, 4, rounding_mode=m),
        (None, "floor", "trunc"),
    ),
    ("addcmul", "value"): (lambda a, b, n: torch.addcmul(a, a, b, value=n), (1, 2)),
    ("lerp", "weight"): (lambda a, b, n: torch.lerp(a, b, n), (0.25, 0.5)),
    ("fill", "value"): (lambda a, b, n: a.clone().fill_(n), (1, 2)),
    ("masked_fill", "value"): (lambda a, b, n: a.masked_fill(MASK, n), (1, 2)),
    ("constant_pad_nd", "pad"): (lambda a, b, n: F.pad(a, n), ((1, 0), (0, 2))),
    ("constant_pad_nd", "value"): (lambda a, b, n: F.pad(a, (1, 0), value=n), (0, 2)),
    ("_to_copy", "dtype"): (lambda a, b, t: a.to(t), (torch.float64, HALF, WHOLE)),
    ("sum", "dim"): (lambda a, b, n: a.sum(n), (0, 1, (0, 1))),
    ("sum", "keepdim"): (lambda a, b, n: a.sum(1, keepdim=n), (False, True)),
    ("sum", "dtype"): (lambda a, b, t: a.sum(0, dtype=t), (None, HALF, WHOLE)),
    ("mean", "dim"): (lambda a, b, n: a.mean(n), (0, 1)),
    ("mean", "keepdim"): (lambda a, b, n: a.mean(1, keepdim=n), (False, True)),
    ("mean", "dtype"): (lambda a, b, t: a.mean(0, dtype=t), (None, HALF)),
    ("cumsum", "dim"): (lambda a, b, n: a.cumsum(n), (0, 1)),
    ("cumsum", "dtype"): (lambda a, b, t: a.cumsum(0, dtype=t), (None, HALF, WHOLE)),
    **{
        (op, "out_dtype"): (lambda a, b, call: call(a, b), [lambda a, b: None])
        for op in ("mm", "bmm", "addmm", "baddbmm")
    },
    **{
        ("addmm", n): (lambda a, b, v, n=n: torch.addmm(a[:, :3], a, b.T, **{n: v}), (1, 2))
        for n in ("alpha", "beta")
    },
    **{
        ("addmv", n): (lambda a, b, v, n=n: torch.addmv(b[:, 0], a, b[1], **{n: v}), (1, 2))
        for n in ("alpha", "beta")
    },
    **{
        ("baddbmm", n): (
            lambda a, b, v, n=n: torch.baddbmm(a[None, :, :3], a[None], b.T[None], **{n: v}),
            (1, 2),
        )
        for n in ("alpha", "beta")
    },
    ("index_add", "dim"): (lambda a, b, n: a[:, :3].index_add(n, AT, b[:, :3]), (0, 1)),
    ("index_add", "alpha"): (lambda a, b, n: a.index_add(0, AT, b, alpha=n), (1, 2)),
    ("scatter_add", "dim"): (
        lambda a, b, n: a[:, :3].scatter_add(n, AT[None].expand(3, 3), b),
        (0, 1),
    ),
    ("scatter", "dim"): (
        lambda a, b, n: a[:, :3].scatter(n, torch.stack([AT, AT - 1, AT - 2]) % 3, b),
        (0, 1),
    ),
    ("scatter", "value"): (lambda a, b, n: a.scatter(1, AT[None], n), (1.0, 2.0)),
    ("scatter", "reduce"): (
        lambda a, b, n: a.scatter(1, AT[None], 3.0, **n),
        ({}, {"reduce": "add"}, {"reduce": "multiply"}),
    ),
    ("scatter_reduce", "dim"): (
        lambda a, b, n: a[:, :3].scatter_reduce(n, AT[None].expand(3, 3), b, "sum"),
        (0, 1),
    ),
    ("scatter_reduce", "reduce"): (
        lambda a, b, n: a.scatter_reduce(0, AT[None], b, n),
        ("sum", "prod", "amax", "mean"),
    ),
    ("scatter_reduce", "include_self"): (
        lambda a, b, n: a.scatter_reduce(0, AT[None], b, "sum", include_self=n),
        (True, False),
    ),
    **{
        (op, "accumulate"): (
            lambda a, b, n, op=op: getattr(torch.ops.aten, op)(a, [AT], b, n),
            (False, True),
        )
        for op in ("index_put", "_unsafe_index_put")
    },
    ("_index_put_impl", "accumulate"): (
        lambda a, b, n: torch.ops.aten._index_put_impl(a, [AT], b, n, False),
        (False, True),
    ),
    ("unfold_backward", "input_sizes"): (
        lambda a, b, n: unfold_backward(a, n, step=2),
        ((3, 8), (3, 9)),
    ),
    ("unfold_backward", "dim"): (
        lambda a, b, call: call(a, b),
        [lambda a, b: unfold_backward(a, (5, 3), 0), lambda a, b: unfold_backward(a)],
    ),
    ("unfold_backward", "size"): (
        lambda a, b, n: unfold_backward(a, (3, 3 + n), 1, n),
        (2, 3),
    ),
    ("unfold_backward", "step"): (
        lambda a, b, n: unfold_backward(a, (3, 3 * n + 2), 1, 2, n),
        (1, 2),
    ),
    ("col2im", "output_size"): (
        lambda a, b, call: call(a, b),
        [lambda a, b: col2im(a), lambda a, b: col2im(a, (4, 2))],
    ),
    ("col2im", "kernel_size"): (
        lambda a, b, call: call(a, b),
        [lambda a, b: col2im(a), lambda a, b: col2im(a, (1, 6), (1, 4))],
    ),
    ("col2im", "dilation"): (
        lambda a, b, call: call(a, b),
        [lambda a, b: col2im(a, (2, 4)), lambda a, b: col2im(a, (2, 5), dilation=(1, 2))],
    ),
    ("col2im", "padding"): (
        lambda a, b, call: call(a, b),
        [lambda a, b: col2im(a), lambda a, b: col2im(a, (2, 2), padding=(0, 1))],
    ),
    ("col2im", "stride"): (
        lambda a, b, call: call(a, b),
        [lambda a, b: col2im(a), lambda a, b: col2im(a, (2, 7), stride=(1, 2))],
    ),
    **{
        ("convolution", n): (lambda a, b, v, n=n: conv(a, b, **{n: v}), values)
        for n, values in {
            "stride": (1, 2),
            "padding": (0, 1),
            "dilation": (1, 2),
            "transposed": (False, True),
            "groups": (1, 2),
        }.items()
    },
    ("convolution", "output_padding"): (
        lambda a, b, v: conv(a, b, stride=2, transposed=True, extra=v),
        (0, 1),
    ),
    **{
        ("convolution_backward", n): (lambda a, b, v, n=n: gradient(a, b, **{n: v}), values)
        for n, values in {
            "stride": (1, 2),
            "padding": (0, 1),
            "dilation": (1, 2),
            "transposed": (False, True),
            "groups": (1, 2),
        }.items()
    },
    ("convolution_backward", "output_padding"): (
        lambda a, b, v: gradient(a, b, stride=2, padding=1, transposed=True, extra=v),
        (0, 1),
    ),
    ("convolution_backward", "output_mask"): (
        lambda a, b, v: gradient(a, b, mask=v, bias=[2]),
        ((True, False, False), (False, True, False), (True, True, True)),
    ),
    ("clamp", "min"): (lambda a, b, n: b * ones(a).cumsum(1).clamp(min=n), (1, 3)),
    ("clamp", "max"): (lambda a, b, n: b * ones(a).cumsum(1).clamp(max=n), (1, 3)),
}
"""`(operation, argument)`: calls that differ only in this argument."""

ONE_FOLLOWED = {
    ("div", "rounding_mode"),
    ("sum", "dtype"),
    ("cumsum", "dtype"),
    ("scatter", "reduce"),
    ("scatter_reduce", "reduce"),
    ("scatter_reduce", "include_self"),
}
"""Arguments of which only the default is traced; other values are rejected."""
WITHOUT_EFFECT = {
    ("_index_put_impl", "unsafe"): "skips a check of bounds",
    ("convolution_backward", "bias_sizes"): "the shape of the bias, which follows from the weight",
    ("where", "condition"): "a tensor",
    ("masked_fill", "mask"): "a tensor",
}
ALIASES = {"convolution_overrideable": "convolution"}


def arguments():
    """Every argument of a handled operation that is not an operand, from torch's schema."""
    found = set()
    for schema in _jit_get_all_schemas():
        space, name = schema.name.split("::")
        base = name.rstrip("_") if not name.startswith("__") else name
        if space != "aten" or base not in HANDLERS:
            continue
        if not any("Tensor" in str(a.type) for a in schema.arguments):
            continue  # only for scripts: numbers and lists
        for argument in schema.arguments:
            if "Tensor" not in str(argument.type) and argument.name not in STORAGE:
                found.add((ALIASES.get(base, base), argument.name))
    operands = {"self", "other", "a", "b", "l", "n"}
    return {(base, name) for base, name in found if name not in operands}


def test_the_sweep_names_every_argument_in_torchs_schema():
    named = set(VARIED) | set(WITHOUT_EFFECT)
    assert arguments() - named == set()


def values_at(tracer, made, values):
    def one(handle):
        total = Fraction(0)
        for names, coefficient in tracer.table.terms(handle).items():
            product = Fraction(coefficient)
            for letter, index in names:
                product *= Fraction(values[letter][index])
            total += product
        return float(total)

    flat = [one(int(h)) for h in made.handles.reshape(-1)]
    return torch.tensor(flat, dtype=torch.float64).reshape(made.shape)


@pytest.mark.parametrize("key", sorted(VARIED), ids="-".join)
def test_no_handler_ignores_an_argument(key):
    """The result equals torch's, or is rejected, or is rounding that the verdict names.

    Torch's results differ between the calls, so that ignoring the argument would show.
    """
    sweep_argument(key, HANDLERS)


class AllRefused(Exception):
    """No variant was traced, so nothing was compared."""


def sweep_argument(key, handlers):
    chance = np.random.default_rng(1)
    values = {n: (2 * chance.integers(-9, 10, (3, 4)) + 1) / 8 for n in "ab"}
    seen, followed = [], 0
    call, variants = VARIED[key]
    for varied in variants:
        tracer = Tracer(handlers)
        real = call(*(torch.from_numpy(v.copy()) for v in values.values()), varied)
        seen.append(real)
        try:
            with tracer:
                made = call(*(tracer.inputs(n, (3, 4), torch.float64) for n in "ab"), varied)
        except Refused:
            continue
        if real is None:
            continue
        followed += 1
        assert isinstance(made, Symbols)
        assert (made.dtype, made.shape, made.stride()) == (real.dtype, real.shape, real.stride())
        exact = values_at(tracer, made, values)
        close = 1e-2 if tracer.rounded or real.dtype is HALF else 1e-12
        assert torch.allclose(exact.double(), real.double(), rtol=close, atol=close)
    if key[1] == "out_dtype":
        return
    if followed < 2 and key not in ONE_FOLLOWED:
        raise AllRefused(key)
    if key[1] not in DTYPES:
        shapes = {tuple(r.shape) for r in seen}
        assert len(shapes) > 1 or not all(torch.equal(seen[0], r) for r in seen[1:])


@pytest.mark.parametrize("base", ["mm", "bmm", "addmm", "baddbmm"])
def test_a_product_in_another_dtype_is_followed_as_such_or_refused(base):
    overload = getattr(torch.ops.aten, base).dtype
    shapes = {
        "mm": [(2, 3), (3, 2)],
        "bmm": [(1, 2, 3), (1, 3, 2)],
        "addmm": [(2, 2), (2, 3), (3, 2)],
        "baddbmm": [(1, 2, 2), (1, 2, 3), (1, 3, 2)],
    }[base]
    tracer = Tracer(HANDLERS)
    with tracer:
        given = [tracer.inputs(f"t{n}", s, HALF) for n, s in enumerate(shapes)]
        try:
            made = overload(*given, torch.float32)
        except (Refused, RuntimeError, NotImplementedError):
            return  # torch has no such kernel on the CPU
    assert made.dtype is torch.float32


FAULTS = {
    ("add", "alpha"): lambda tracer, a, b, alpha=1: HANDLERS["add"](tracer, a, b),
    ("sum", "keepdim"): lambda tracer, a, dim=None, keepdim=False: HANDLERS["sum"](tracer, a, dim),
    ("index_put", "accumulate"): lambda tracer, a, i, v, accumulate=False: HANDLERS["index_put"](
        tracer, a, i, v
    ),
    ("addmm", "beta"): lambda tracer, c, a, b, beta=1, alpha=1: HANDLERS["addmm"](
        tracer, c, a, b, 1, alpha
    ),
    ("cumsum", "dim"): lambda tracer, a, dim: HANDLERS["cumsum"](tracer, a, 0),
}


@pytest.mark.parametrize("key", FAULTS, ids="-".join)
def test_a_handler_that_ignores_an_argument_is_noticed(key):
    with pytest.raises((AssertionError, AllRefused)):
        sweep_argument(key, {**HANDLERS, key[0]: FAULTS[key]})


def test_a_layout_is_the_one_that_torch_gives():
    """A program may branch on strides and contiguity."""

    def program(x, w, s, p):
        made = torch.empty_like(x.to(memory_format=torch.channels_last))
        turned = made.is_contiguous() or not made.is_contiguous(memory_format=torch.channels_last)
        return fold(x, w.flip(2, 3) if turned else w, s, p)

    assert shown(program).verdict.outcome is Outcome.HOLDS


CALLS = itertools.count()


def wrong_if(condition):
    def program(x, w, s, p):
        return fold(x, w.flip(2, 3) if condition(x) else w, s, p)

    return program


def channels_last(x):
    return x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()


def by_compiler(x, w, s, p):
    """Correct as written, wrong as compiled."""

    def backend(module, example):
        return lambda *given: [out.trunc() for out in module(*given)]

    return torch.compile(fold, backend=backend)(x, w, s, p)


def by_chance(x, w, s, p):
    """Wrong in one call of a million; Python's generator is not torch's."""
    return fold(x if random.random() < 1 - 1e-6 else -x, w, s, p)


HOLES = {
    "by_type": (wrong_if(lambda x: type(x) is torch.Tensor), Outcome.REFUTED),
    "by_rounding": (through(by_type), Outcome.REFUTED),
    "by_exception": (asks(repr), Outcome.UNDECIDED),
    "by_cast": (ROUNDING["to half"], Outcome.HOLDS),
    "by_dtype": (through(by_dtype), Outcome.HOLDS),
    "by_layout": (wrong_if(channels_last), Outcome.HOLDS),
    "by_size": (wrong_if(lambda x: x.shape[3] > 7), Outcome.HOLDS),
    "by_gradient": (wrong_if(lambda x: x.requires_grad), Outcome.HOLDS),
    "by_counter": (wrong_if(lambda x: next(CALLS) >= 100), Outcome.HOLDS),
    "by_compiler": (by_compiler, Outcome.REFUTED),
    "by_chance": (by_chance, Outcome.HOLDS),
    "by_large_values": (
        wrong_if(lambda x: type(x) is torch.Tensor and x.abs().max() > 1e6),
        Outcome.HOLDS,
    ),
}
"""What docs/symbolic.md says about programs that behave differently off the traced path."""


@pytest.mark.parametrize("name", HOLES)
def test_holes_get_the_verdict_that_the_guide_says(name):
    program, outcome = HOLES[name]
    assert shown(program).verdict.outcome is outcome


def test_the_guide_lists_every_hole_with_its_verdict():
    text = (Path(__file__).parents[2] / "docs" / "symbolic.md").read_text()
    rows = re.findall(r"^\| `(by_\w+)` \| (\w+) \|", text, re.M)
    assert dict(rows) == {name: outcome.value for name, (_, outcome) in HOLES.items()}


def test_holes_are_closed_where_the_page_says_how():
    last = shown(HOLES["by_layout"][0], layouts=Layouts("channels_last"))
    assert last.verdict.outcome is Outcome.REFUTED
    assert shown(HOLES["by_gradient"][0], gradients=True).verdict.outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    "name, outcome",
    [("keeps_a_constant", 0), ("keeps_its_last_result", 3), ("keeps_a_mean", 3)],
)
def test_a_right_program_that_keeps_tensors_is_not_refuted(name, outcome):
    """In a separate process, so that the tensors it keeps are those of its first call."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "symconv",
            "check",
            f"tests.attacks.kernels:{name}",
            "--by",
            "symbolic",
            "--probe-kernels",
            "--input-size",
            "3x3",
            "--kernel-size",
            "2x2",
            "--json",
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == outcome, done.stdout
    assert json.loads(done.stdout)["verdict"] != "refuted"
