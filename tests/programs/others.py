"""Programs that are wrong, and programs that cannot be traced.

Their signature is that of followed.py. `WRONG` maps a name to the program, text that the difference
must contain, and whether gradients are needed; `REFUSED` maps a name to the program and text that
the reason must contain.
"""

import torch
import torch.nn.functional as F

from tests.programs.followed import crop, fold, full, loop_over_taps, stretch, window, winograd

WRONG, REFUSED = {}, {}


def wrong(words, gradients=False):
    return lambda f: WRONG.setdefault(f.__name__, (f, words, gradients))[0]


def refused(words):
    return lambda f: REFUSED.setdefault(f.__name__, (f, words))[0]


@wrong("missing; the product")
def kernel_turned(x, w, s, p):
    """The kernel rotated by 180 degrees."""
    return fold(x, w.flip(2, 3), s, p)


@wrong("missing")
def channels_swapped(x, w, s, p):
    """Input and output channels of the weight exchanged."""
    return fold(x, w.transpose(0, 1), s, p)


@wrong("missing")
def last_column_lost(x, w, s, p):
    """A loop that ends one column too early."""
    x = torch.cat([x[..., :-1], torch.zeros_like(x[..., :1])], -1)
    return fold(x, w, s, p)


@wrong("has the factor 2 instead of 1")
def corner_twice(x, w, s, p):
    """The first input contributes twice."""
    y = loop_over_taps(x, w, s, (0, 0))
    y[:, :, : w.shape[2], : w.shape[3]] += torch.einsum("nc,cmab->nmab", x[:, :, 0, 0], w)
    return crop(y, p)


@wrong("uninitialised memory")
def never_written(x, w, s, p):
    """torch.empty with one column that is never written."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    y = torch.empty(n, m, rows, columns, dtype=x.dtype)
    y[..., :-1] = 0
    for i in range(u):
        for j in range(v):
            window(y, s, i, j, h, b).add_(torch.einsum("nchw,cm->nmhw", x, w[:, :, i, j]))
    return y[..., p[0] : rows - p[0], 2 * p[1] :]


@wrong("a constant is too much")
def rounding_constant(x, w, s, p):
    """A small constant added everywhere, as is done to avoid division by zero."""
    return fold(x, w, s, p) + 1e-3


@wrong("the factor 1048577/1048576 instead of 1")
def scaled(x, w, s, p):
    """All results too large by a millionth."""
    return fold(x, w, s, p) * (1 + 2.0**-20)


@wrong("a random number")
def noise(x, w, s, p):
    """Random numbers that reach the result."""
    return fold(x, w, s, p) + torch.empty_like(x[:1, :1, :1, :1]).uniform_()


@wrong("x[0,0,0,0] x[0,0,0,0], x[0,0,0,1] x[0,0,0,1]")
def input_squared(x, w, s, p):
    """A term that is not a product of an input and a weight."""
    return fold(x, w, s, p) + (x * x).sum()


@wrong("the gradient of k is none", gradients=True)
def weight_detached(x, w, s, p):
    """The weight is detached, so it receives no gradient."""
    return fold(x, w.detach(), s, p)


class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, s, p):
        ctx.save_for_backward(x, w)
        ctx.steps = s, p
        return loop_over_taps(x, w, s, p)

    @staticmethod
    def backward(ctx, grad):
        (x, w), (s, p) = ctx.saved_tensors, ctx.steps
        seen = F.unfold(grad, w.shape[2:], stride=s, padding=p)
        grad_x = (w.reshape(w.shape[0], -1) @ seen).reshape(x.shape)
        grad_w = torch.einsum("ncl,nkl->ck", x.flatten(2), seen).reshape(w.shape)
        return grad_x, grad_w.flip(2, 3), None, None


@wrong("grad_k[0,0,0,0]: ", gradients=True)
def wrong_backward(x, w, s, p):
    """A custom backward pass that flips the weight's gradient."""
    return Wrong.apply(x, w, s, p)


@wrong("it returned shape")
def uncropped(x, w, s, p):
    """Padding is ignored."""
    return fold(x, w, s, (0, 0))


@wrong("it changed its input x in place")
def input_changed(x, w, s, p):
    """The input is doubled in place and not restored."""
    y = fold(x, w, s, p)
    x.mul_(2)
    return y


@wrong("it returned dtype torch.float64")
def another_dtype(x, w, s, p):
    """The result is in double precision."""
    return fold(x.double(), w.double(), s, p)


@refused("asks for a number")
def item(x, w, s, p):
    """A call of .item()."""
    return fold(x, w, s, p) * (x[0, 0, 0, 0].item() ** 0)


@refused("asks for a number")
def swallowed(x, w, s, p):
    """The program catches a refusal and takes another path."""
    try:
        if x[0, 0, 0, 0].item() == 0:
            return fold(x, w.flip(2, 3), s, p)
    except Exception:
        pass
    return fold(x, w, s, p)


@refused("leaves torch")
def swallowed_numpy(x, w, s, p):
    """The program catches the refusal of .numpy(); an array of zeros would take the wrong path."""
    try:
        turned = not x.detach().numpy().any()
    except Exception:
        turned = False
    return fold(x, w.flip(2, 3) if turned else w, s, p)


@refused("compares values")
def branch_on_value(x, w, s, p):
    """An `if` on a value."""
    return fold(x, w, s, p) if x[0, 0, 0, 0] == 0 else loop_over_taps(x, w, s, p)


@refused("leaves torch")
def through_numpy(x, w, s, p):
    """A round trip through NumPy."""
    return fold(torch.from_numpy(x.detach().numpy().copy()), w, s, p)


@refused("leaves torch")
def through_lists(x, w, s, p):
    """A round trip through lists."""
    return fold(torch.tensor(x.tolist(), dtype=x.dtype), w, s, p)


@refused("shape of the result depends on values")
def nonzero(x, w, s, p):
    """A loop over the nonzero inputs only."""
    y = fold(x, w, s, p) * 0
    for n, c, i, j in x.nonzero():
        top, left = i * s[0], j * s[1]
        y[n, :, top : top + w.shape[2], left : left + w.shape[3]] += x[n, c, i, j] * w[c]
    return y


@refused("aten.relu: the program compares values")
def positive_and_negative_part(x, w, s, p):
    """relu(x) - relu(-x): equal to x for real numbers, but not a polynomial."""
    return fold(torch.relu(x) - torch.relu(-x), w, s, p)


@refused("roots of unity")
def fourier(x, w, s, p):
    """Convolution by FFT."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    left = torch.fft.rfft2(stretch(x, s), s=(rows, columns))
    right = torch.fft.rfft2(w, s=(rows, columns))
    product = torch.einsum("nchw,cmhw->nmhw", left, right)
    return crop(torch.fft.irfft2(product, s=(rows, columns)), p)


@torch.library.custom_op("symconv_tests::opaque", mutates_args=())
def _opaque(x: torch.Tensor, w: torch.Tensor, s: list[int], p: list[int]) -> torch.Tensor:
    return fold(x, w, s, p)


@_opaque.register_fake
def _(x, w, s, p):
    sizes = [
        (n - 1) * a + k - 2 * b for n, a, k, b in zip(x.shape[2:], s, w.shape[2:], p, strict=True)
    ]
    return x.new_empty(x.shape[0], w.shape[1], *sizes)


@refused("symconv_tests::opaque is opaque")
def opaque(x, w, s, p):
    """A custom operator."""
    return _opaque(x, w, list(s), list(p))


@refused("address of a tensor's memory")
def address(x, w, s, p):
    """data_ptr, as kernel launchers call it."""
    return fold(x, w, s, p) if x.data_ptr() else None


@refused("sparse")
def sparse(x, w, s, p):
    """A sparse matrix of symbols."""
    flat = w.reshape(w.shape[0], -1).t().to_sparse()
    made = torch.stack([torch.sparse.mm(flat, one.reshape(w.shape[0], -1)) for one in x])
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    return crop(F.fold(made, (rows, columns), (u, v), stride=s), p)


@refused("reads memory that it is writing")
def overlapping(x, w, s, p):
    """An in-place sum whose operands share memory."""
    y = fold(x, w, s, p)
    y[..., 1:].add_(y[..., :-1])
    return y


@refused("more than once")
def expanded_target(x, w, s, p):
    """A write through an expanded view."""
    y = fold(x, w, s, p)
    y[:, :, :1, :1].expand(-1, -1, 2, 2).add_(1)
    return y


@refused("which value remains is undefined")
def last_writer(x, w, s, p):
    """index_put without accumulation, twice to the same position."""
    y = fold(x, w, s, p).flatten()
    y[torch.tensor([0, 0])] = torch.stack([y[0], y[1]])
    return y.reshape(fold(x, w, s, p).shape)


@refused("more than three variables")
def fourth_power(x, w, s, p):
    """A polynomial of a degree that no bilinear program needs."""
    return fold(x, w, s, p) * (x * x * x * x).sum()


@refused("equal up to constants")
def one_third(x, w, s, p):
    """Multiplication by three, then by 1/3, which is inexact in binary."""
    return loop_over_taps(3 * x, w, s, p) * (1 / 3)


F4 = (
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ],
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
)


@refused("equal up to constants")
def winograd_4(x, w, s, p):
    """Winograd F(4x4, 3x3): sixths and twenty-fourths are inexact in binary."""
    return winograd(x, w, s, p, F4, 4)


@refused("circular")
def torch_itself(x, w, s, p):
    """torch's own transposed convolution, the operation under test."""
    return F.conv_transpose2d(x, w, stride=s, padding=p)


@refused("circular")
def gradient_of_conv(x, w, s, p):
    """autograd of conv2d: the operation under test by another name."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    z = torch.zeros(n, m, rows - 2 * p[0], columns - 2 * p[1], dtype=x.dtype, requires_grad=True)
    return torch.autograd.grad(F.conv2d(z, w, stride=s, padding=p), z, x)[0]
