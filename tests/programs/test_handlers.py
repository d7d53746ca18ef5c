"""Each operation on symbols, its polynomials evaluated at integers, against torch's own result."""

from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from symconv.tracing import movement
from symconv.tracing.handlers import HANDLERS
from symconv.tracing.point import Point
from symconv.tracing.refusing import Refused, ValuesAsked
from symconv.tracing.tensor import Symbols
from symconv.tracing.tracer import Tracer

AT = torch.tensor([2, 0, 1])
MASK = torch.tensor([[True, False, True, False]] * 3)


def in_place(change):
    def run(a, b):
        a = a.clone()
        change(a, b)
        return a

    return run


def image(a):
    return a.reshape(1, 1, 3, 4)


def ramp(a):
    """Constants: 1 2 3 4 in each row."""
    return torch.ones_like(a).cumsum(1)


OPERATIONS = {
    "add": lambda a, b: a + b,
    "add with alpha": lambda a, b: torch.add(a, b, alpha=3),
    "add a number": lambda a, b: a + 2.5,
    "sub": lambda a, b: torch.sub(a, b, alpha=2),
    "rsub": lambda a, b: 5 - a,
    "neg": lambda a, b: -a,
    "mul": lambda a, b: a * b,
    "mul by a constant": lambda a, b: a * torch.tensor([0.5, 2.0, -1.0, 0.0], dtype=torch.float64),
    "div": lambda a, b: a / 4,
    "div by constants": lambda a, b: a / torch.tensor([1.0, 2.0, 4.0, -8.0], dtype=torch.float64),
    "square": lambda a, b: a.square(),
    "pow": lambda a, b: a**2 + b**1,
    "addcmul": lambda a, b: torch.addcmul(a, a, b, value=2),
    "lerp": lambda a, b: torch.lerp(a, b, 0.25),
    "sum": lambda a, b: a.sum(),
    "sum of an axis": lambda a, b: a.sum(1, keepdim=True) + b.sum(0),
    "sum of axes": lambda a, b: a.sum((0, 1)),
    "mean": lambda a, b: a.mean(1) + b.mean(),
    "cumsum": lambda a, b: a.cumsum(0) + b.cumsum(1),
    "mm": lambda a, b: a @ b.T,
    "mv": lambda a, b: a @ b[0],
    "dot": lambda a, b: torch.dot(a[0], b[1]),
    "bmm": lambda a, b: torch.bmm(a[None], b.T[None]),
    "addmm": lambda a, b: torch.addmm(a[:, :3], a, b.T, beta=2, alpha=3),
    "addmv": lambda a, b: torch.addmv(b[:, 0], a, b[1], beta=0.5, alpha=2),
    "baddbmm": lambda a, b: torch.baddbmm(a[None, :, :3], a[None], b.T[None], beta=0.5),
    "einsum": lambda a, b: torch.einsum("ij,kj->ik", a, b),
    "linear": lambda a, b: F.linear(a, b, b[:, 0]),
    "conv2d": lambda a, b: F.conv2d(image(a), b[None, None, :2, :2], b[0, :1], stride=2, padding=1),
    "conv2d with groups": lambda a, b: F.conv2d(
        a.reshape(1, 2, 2, 3), b.reshape(4, 1, 1, 3), groups=2
    ),
    "conv1d with dilation": lambda a, b: F.conv1d(a[None], b[None, :, :2], dilation=2),
    "conv3d": lambda a, b: F.conv3d(a.reshape(1, 1, 2, 2, 3), b.reshape(1, 1, 2, 2, 3), padding=1),
    "conv_transpose2d": lambda a, b: F.conv_transpose2d(
        a.reshape(1, 2, 2, 3),
        b.reshape(2, 2, 1, 3),
        stride=2,
        padding=(0, 1),
        output_padding=1,
        dilation=(1, 2),
    ),
    "zero_": in_place(lambda a, b: a[1].zero_()),
    "fill_": in_place(lambda a, b: a[:, 1].fill_(1.5)),
    "eq": lambda a, b: torch.where(ramp(a) == 2, a, b),
    "ne": lambda a, b: torch.where(ramp(a) != 2, a, b),
    "lt": lambda a, b: torch.where(ramp(a) < 3, a, b),
    "gt": lambda a, b: torch.where(ramp(a) > ramp(b).T[:3, :1], a, b),
    "le": lambda a, b: a.masked_fill(ramp(a) <= 2.5, 7.0),
    "ge": lambda a, b: a * (ramp(a) >= 2),
    "abs": lambda a, b: a * (ramp(a) - 2.5).abs(),
    "sign": lambda a, b: a * torch.sign(ramp(a) - 2),
    "relu": lambda a, b: a * torch.relu(ramp(a) - 2),
    "floor": lambda a, b: a * torch.floor(ramp(a) / 4 - 0.5),
    "ceil": lambda a, b: a * torch.ceil(ramp(a) / 4 - 0.5),
    "maximum": lambda a, b: a * torch.maximum(ramp(a), ramp(a).flip(1)),
    "minimum": lambda a, b: a * torch.minimum(ramp(a), ramp(a).flip(1)),
    "clamp": lambda a, b: a * ramp(a).clamp(2, 3) + b * ramp(a).clamp(min=2) - ramp(a).clamp(max=2),
    "item": lambda a, b: a * ramp(a).sum().item(),
    "an if": lambda a, b: a if bool(ramp(a)[0, 0] - 1) else b * 2,
    "equal": lambda a, b: a if torch.equal(ramp(a), ramp(b).clone()) else b,
    "where": lambda a, b: torch.where(MASK, a, b),
    "where a number": lambda a, b: torch.where(MASK, a, 2.0),
    "masked_fill": lambda a, b: a.masked_fill(MASK, 3.0),
    "mask": lambda a, b: a[MASK],
    "pad": lambda a, b: F.pad(a, (1, -1, 0, 2), value=7.0),
    "reflection": lambda a, b: F.pad(image(a), (1, 1, 1, 0), mode="reflect"),
    "upsample": lambda a, b: F.interpolate(image(a), scale_factor=2, mode="nearest"),
    "to float32": lambda a, b: a.float(),
    "index_add": lambda a, b: a.index_add(0, AT, b, alpha=2),
    "scatter_add": lambda a, b: a.scatter_add(0, AT[None].expand(1, 3), b),
    "scatter": lambda a, b: a.scatter(1, AT[None].expand(3, 3), b),
    "scatter a number": lambda a, b: a.scatter(1, AT[None].expand(3, 3), 2.0),
    "scatter_reduce": lambda a, b: a.scatter_reduce(0, AT[None].expand(1, 3), b, "sum"),
    "index_put": in_place(lambda a, b: a.__setitem__((AT, AT), b[0, :3])),
    "index_put accumulates": in_place(lambda a, b: a.index_put_((AT * 0,), b, accumulate=True)),
    "index": lambda a, b: a[AT][:, [3, 0]],
    "gather": lambda a, b: a.gather(0, AT[None].expand(1, 3)),
    "flip": lambda a, b: a.flip(0, 1),
    "roll": lambda a, b: a.roll((1, -1), (0, 1)),
    "rot90": lambda a, b: torch.rot90(a),
    "tril": lambda a, b: a.tril() + b.triu(1),
    "cat": lambda a, b: torch.cat([a, b, torch.ones(1, 4, dtype=torch.float64)]),
    "stack": lambda a, b: torch.stack([a, b], 1),
    "repeat": lambda a, b: a.repeat(2, 1) + b.tile(2, 1),
    "repeat_interleave": lambda a, b: a.repeat_interleave(2, 1),
    "expand": lambda a, b: a[:, None].expand(3, 2, 4),
    "unfold": lambda a, b: a.unfold(1, 2, 1),
    "im2col": lambda a, b: F.unfold(image(a), (2, 2), padding=1),
    "col2im": lambda a, b: F.fold(a.reshape(1, 4, 3), (2, 4), (2, 2)),
    "pixel_shuffle": lambda a, b: F.pixel_shuffle(a.reshape(1, 4, 1, 3), 2),
    "diagonal": lambda a, b: a.diagonal(1) + torch.diag_embed(b[0])[0, :3],
    "as_strided": lambda a, b: torch.as_strided(a, (3, 3, 2), (4, 1, 1)),
    "slice add": in_place(lambda a, b: a[1:, ::2].add_(b[1:, ::2])),
    "slice set": in_place(lambda a, b: a.__setitem__((slice(None), 1), b[:, 2])),
    "add itself": in_place(lambda a, b: a.add_(a)),
    "new_full": lambda a, b: a.new_full((3, 4), 2.0) + a.new_ones(4) * b,
    "like": lambda a, b: torch.zeros_like(a) + torch.full_like(b, 3.0) + torch.ones_like(b),
    "eye": lambda a, b: torch.eye(3, dtype=torch.float64) @ a,
    "out": lambda a, b: torch.mul(a, b, out=torch.empty(3, 4, dtype=torch.float64)),
}


def evaluated(tracer, handles, values):
    def one(handle):
        total = Fraction(0)
        for names, coefficient in tracer.table.terms(handle).items():
            product = Fraction(coefficient)
            for letter, index in names:
                product *= int(values[letter][index])
            total += product
        return total

    return [one(int(h)) for h in handles.reshape(-1)]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_on_symbols_is_the_real_one(name):
    operation = OPERATIONS[name]
    for seed in range(3):
        chance = np.random.default_rng(seed)
        values = {n: chance.integers(-9, 10, (3, 4)) for n in "ab"}
        real = operation(*(torch.tensor(v).double() for v in values.values()))
        tracer = Tracer(HANDLERS)
        with tracer:
            made = operation(*(tracer.inputs(n, (3, 4), torch.float64) for n in "ab"))
        assert isinstance(made, Symbols) and made.dtype == real.dtype
        assert made.shape == real.shape and made.stride() == real.stride()
        shown = evaluated(tracer, made.handles, values)
        assert [float(v) for v in shown] == pytest.approx(real.double().reshape(-1).tolist(), 1e-12)


def test_every_handler_is_tried():
    tried = set()
    for operation in OPERATIONS.values():
        tracer = Tracer(HANDLERS)
        with tracer:
            operation(*(tracer.inputs(n, (3, 4), torch.float64) for n in "ab"))
        tried |= {n.removeprefix("aten.").rstrip("_") for n in tracer.operations}
    aliases = {"_to_copy", "_index_put_impl", "_unsafe_index_put", "convolution_overrideable"}
    by_gradients = {"convolution_backward", "unfold_backward"}
    left = {n for n in HANDLERS if n.rstrip("_") not in tried} - aliases - by_gradients
    assert left == set()


def test_gradients_of_windows_and_convolutions():
    x, w = torch.randint(-5, 6, (1, 2, 4, 4)).double(), torch.randint(-5, 6, (2, 1, 2, 2)).double()

    def run(a, b):
        y = F.conv2d(a.unfold(2, 3, 1)[..., 0], b, groups=2, stride=(1, 2))
        return torch.autograd.grad(y.sum() + 3 * y[..., 0].sum(), (a, b))

    real = run(x.clone().requires_grad_(), w.clone().requires_grad_())
    tracer = Tracer(HANDLERS)
    with tracer:
        found = run(
            tracer.inputs("x", (1, 2, 4, 4), torch.float64, True),
            tracer.inputs("w", (2, 1, 2, 2), torch.float64, True),
        )
    values = {"x": x.long().numpy(), "w": w.long().numpy()}
    for mine, right in zip(found, real, strict=True):
        shown = evaluated(tracer, mine.handles, values)
        assert [float(v) for v in shown] == right.reshape(-1).tolist()


def test_an_operation_that_adds_is_no_mover(monkeypatch):
    """`unfold_backward` looks like a move of elements; planted among the movers, it is refused."""
    monkeypatch.setattr(movement, "MOVERS", movement.MOVERS | {"unfold_backward", "sum", "cumsum"})
    for run in (
        lambda a: torch.autograd.grad(a.unfold(1, 2, 1), a, torch.ones_like(a.unfold(1, 2, 1))),
        lambda a: a.detach().sum(1),
        lambda a: a.detach().cumsum(1),
    ):
        tracer = Tracer(HANDLERS)
        with tracer, pytest.raises(Refused, match="does more than move numbers"):
            run(tracer.inputs("a", (3, 4), torch.float64, True))


def test_renaming_is_one_to_one_and_not_additive():
    handles = torch.arange(100_000)
    other = movement.renamed(handles)
    assert len(other.unique()) == len(handles) and other[0] == 0
    assert (other[1:-1] + other[1] != other[2:]).all()


def test_symbols_outside_of_a_tracer_compute_nothing():
    tracer = Tracer(HANDLERS)
    with tracer:
        a = tracer.inputs("a", (2,), torch.float64)
    with pytest.raises(Refused, match="outside"):
        a + a


AT_A_POINT = {
    "relu": lambda a, b: torch.relu(a) - torch.relu(-b),
    "abs": lambda a, b: a.abs() * b,
    "maximum": lambda a, b: torch.maximum(a, b) + torch.minimum(a * b, b),
    "clamp": lambda a, b: a.clamp(-1, 2) + b.clamp(min=1),
    "where": lambda a, b: torch.where(a > b, a * b, a - b),
    "sign": lambda a, b: torch.sign(a) * b + torch.floor(a / 2) + torch.ceil(b / 4),
    "an if": lambda a, b: a if a[0, 0] > b[0, 0] else b,
    "item": lambda a, b: a * b.sum().item(),
    "mask": lambda a, b: a[b.sum(1) >= 0].sum(0) + b[0],
}


@pytest.mark.parametrize("name", AT_A_POINT)
def test_at_a_point_values_are_those_of_the_point(name):
    operation = AT_A_POINT[name]
    for seed in range(4):
        point = Point(seed, Fraction(1, 2) if seed % 2 else Fraction(1))
        real = operation(*(torch.from_numpy(point.array(n, (3, 4))) for n in "ab"))
        tracer = Tracer(HANDLERS, point)
        with tracer:
            made = operation(*(tracer.inputs(n, (3, 4), torch.float64) for n in "ab"))
        shown = [float(point.value(tracer.table, int(h))) for h in made.handles.reshape(-1)]
        assert shown == real.reshape(-1).tolist()
        without = Tracer(HANDLERS)
        with without, pytest.raises(ValuesAsked):
            operation(*(without.inputs(n, (3, 4), torch.float64) for n in "ab"))
