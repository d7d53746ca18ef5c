"""Programs that compute transposed convolution in many ways, by different torch operations.

Each takes `(x, w, s, p)`: 2-D, stride and padding as pairs, one group, dilation 1. The docstring
names what is specific to the program; `PROGRAMS` holds all of them in order.
"""

import torch
import torch.nn.functional as F

PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def full(x, w, s):
    """Sizes of x and w, and the size of the output before cropping."""
    n, c, h, b = x.shape
    _, m, u, v = w.shape
    return n, c, h, b, m, u, v, (h - 1) * s[0] + u, (b - 1) * s[1] + v


def crop(y, p):
    return y[..., p[0] : y.shape[-2] - p[0], p[1] : y.shape[-1] - p[1]]


def stretch(x, s):
    """Insert zeros between the inputs."""
    z = x.new_zeros(*x.shape[:2], (x.shape[2] - 1) * s[0] + 1, (x.shape[3] - 1) * s[1] + 1)
    z[:, :, :: s[0], :: s[1]] = x
    return z


def window(y, s, a, b, h, wide):
    """The view of the output to which one tap of all inputs contributes."""
    return y[:, :, a : a + (h - 1) * s[0] + 1 : s[0], b : b + (wide - 1) * s[1] + 1 : s[1]]


def places(s, h, b, u, v, columns):
    """Flat output positions of every (input, tap)."""
    i = torch.arange(h)[:, None, None, None] * s[0] + torch.arange(u)[:, None]
    j = torch.arange(b)[:, None, None] * s[1] + torch.arange(v)
    return i * columns + j


@program
def loop_over_pixels(x, w, s, p):
    """Slices added in place, one pixel and channel at a time."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    y = torch.zeros(n, m, rows, columns, dtype=x.dtype)
    for k in range(n):
        for q in range(c):
            for i in range(h):
                for j in range(b):
                    top, left = i * s[0], j * s[1]
                    y[k, :, top : top + u, left : left + v] += x[k, q, i, j] * w[q]
    return crop(y, p)


@program
def loop_over_taps(x, w, s, p):
    """Strided slices and einsum, one tap at a time."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    y = x.new_zeros(n, m, rows, columns)
    for i in range(u):
        for j in range(v):
            window(y, s, i, j, h, b).add_(torch.einsum("nchw,cm->nmhw", x, w[:, :, i, j]))
    return crop(y, p)


@program
def functional_taps(x, w, s, p):
    """No mutation: padding and sums."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    z, y = stretch(x, s), 0
    for i in range(u):
        for j in range(v):
            part = torch.einsum("nchw,cm->nmhw", z, w[:, :, i, j])
            y = y + F.pad(part, (j, v - 1 - j, i, u - 1 - i))
    return crop(y, p)


def columns_of(x, w):
    return torch.einsum("nchw,cmab->nmhwab", x, w)


@program
def index_add(x, w, s, p):
    """index_add at flat positions."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    at = places(s, h, b, u, v, columns).reshape(-1)
    y = torch.zeros(n * m, rows * columns, dtype=x.dtype)
    return crop(
        y.index_add(1, at, columns_of(x, w).reshape(n * m, -1)).reshape(n, m, rows, columns), p
    )


@program
def scatter_add(x, w, s, p):
    """scatter_add_ in place."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    at = places(s, h, b, u, v, columns).reshape(1, 1, -1).expand(n, m, -1)
    y = torch.zeros(n, m, rows * columns, dtype=x.dtype)
    y.scatter_add_(2, at, columns_of(x, w).reshape(n, m, -1))
    return crop(y.reshape(n, m, rows, columns), p)


@program
def scatter_reduce(x, w, s, p):
    """scatter_reduce with sum."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    at = places(s, h, b, u, v, columns).reshape(1, 1, -1).expand(n, m, -1)
    y = torch.zeros(n, m, rows * columns, dtype=x.dtype)
    y = y.scatter_reduce(2, at, columns_of(x, w).reshape(n, m, -1), "sum")
    return crop(y.reshape(n, m, rows, columns), p)


@program
def index_put(x, w, s, p):
    """index_put_ with accumulate=True."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    at = places(s, h, b, u, v, columns)
    y = torch.zeros(rows * columns, n, m, dtype=x.dtype)
    y.index_put_((at,), columns_of(x, w).permute(2, 3, 4, 5, 0, 1), accumulate=True)
    return crop(y.permute(1, 2, 0).reshape(n, m, rows, columns), p)


@program
def fold(x, w, s, p):
    """torch.nn.functional.fold: col2im."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    made = w.reshape(c, -1).t() @ x.reshape(n, c, -1)
    return F.fold(made, (rows - 2 * p[0], columns - 2 * p[1]), (u, v), stride=s, padding=p)


@program
def unfold_of_stretched(x, w, s, p):
    """torch.nn.functional.unfold: im2col of the zero-inserted input."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    z = F.unfold(F.pad(stretch(x, s), (v - 1, v - 1, u - 1, u - 1)), (u, v))
    turned = w.flip(2, 3).transpose(0, 1).reshape(m, -1)
    return crop((turned @ z).reshape(n, m, rows, columns), p)


@program
def tensor_unfold(x, w, s, p):
    """Tensor.unfold: overlapping windows as a view."""
    u, v = w.shape[2:]
    z = F.pad(stretch(x, s), (v - 1, v - 1, u - 1, u - 1)).unfold(2, u, 1).unfold(3, v, 1)
    return crop(torch.einsum("nchwab,cmab->nmhw", z, w.flip(2, 3)), p)


@program
def as_strided_views(x, w, s, p):
    """Writes through as_strided views."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    y = torch.zeros(n, m, rows, columns, dtype=x.dtype)
    steps = (m * rows * columns, rows * columns, s[0] * columns, s[1])
    for i in range(u):
        for j in range(v):
            view = torch.as_strided(y, (n, m, h, b), steps, i * columns + j)
            view.add_(torch.einsum("nchw,cm->nmhw", x, w[:, :, i, j]))
    return crop(y, p)


@program
def zero_insertion(x, w, s, p):
    """An ordinary convolution of the zero-inserted input."""
    u, v = w.shape[2:]
    z = F.pad(stretch(x, s), (v - 1 - p[1], v - 1 - p[1], u - 1 - p[0], u - 1 - p[0]))
    return F.conv2d(z, w.flip(2, 3).transpose(0, 1))


@program
def matrix_of_copies(x, w, s, p):
    """The transpose of W, filled row by row with copies of the kernel."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    big = torch.zeros(c, h, b, m, rows, columns, dtype=x.dtype)
    for i in range(h):
        for j in range(b):
            big[:, i, j, :, i * s[0] : i * s[0] + u, j * s[1] : j * s[1] + v] = w
    y = x.reshape(n, -1) @ big.reshape(c * h * b, -1)
    return crop(y.reshape(n, m, rows, columns), p)


@program
def matrix_of_conv(x, w, s, p):
    """W, read off conv2d of the identity, then transposed."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    rows, columns = rows - 2 * p[0], columns - 2 * p[1]
    eye = torch.eye(m * rows * columns, dtype=x.dtype).reshape(-1, m, rows, columns)
    big = F.conv2d(eye, w, stride=s, padding=p).reshape(m * rows * columns, -1)
    return (x.reshape(n, -1) @ big.T).reshape(n, m, rows, columns)


@program
def shift_matrices(x, w, s, p):
    """One-hot shift matrices on both sides, tensordot over channels."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    y = 0
    for i in range(u):
        left = F.one_hot(torch.arange(h) * s[0] + i, rows).to(x.dtype)
        for j in range(v):
            right = F.one_hot(torch.arange(b) * s[1] + j, columns).to(x.dtype)
            moved = left.T @ x @ right
            y = y + torch.tensordot(moved, w[:, :, i, j], ([1], [0])).permute(0, 3, 1, 2)
    return crop(y, p)


@program
def phases_and_pixel_shuffle(x, w, s, p):
    """Sub-pixel phases interleaved by pixel_shuffle; both strides must be equal."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    r = s[0]
    q = max(-(-u // r), -(-v // r))
    padded = F.pad(w, (0, q * r - v, 0, q * r - u))
    kernels = padded.reshape(c, m, q, r, q, r).permute(1, 3, 5, 0, 2, 4)
    kernels = kernels.reshape(m * r * r, c, q, q).flip(2, 3)
    y = F.pixel_shuffle(F.conv2d(x, kernels, padding=q - 1), r)
    return crop(y[:, :, :rows, :columns], p)


@program
def vmapped(x, w, s, p):
    """torch.vmap over the samples."""
    return torch.vmap(lambda one: functional_taps(one[None], w, s, p)[0])(x)


@program
def gradient_of_unfold(x, w, s, p):
    """autograd of unfold, which is its adjoint."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    z = torch.zeros(n, m, rows - 2 * p[0], columns - 2 * p[1], dtype=x.dtype, requires_grad=True)
    seen = F.unfold(z, (u, v), stride=s, padding=p)
    y = torch.einsum("nkl,ck->ncl", seen, w.reshape(c, -1)).reshape(x.shape)
    return torch.autograd.grad(y, z, x)[0]


@program
def sums_per_output(x, w, s, p):
    """One output at a time: Python's sum, stacked rows."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    lines = []
    for r in range(p[0], rows - p[0]):
        line = []
        for t in range(p[1], columns - p[1]):
            parts = [
                x[:, :, i, j] @ w[:, :, r - i * s[0], t - j * s[1]]
                for i in range(h)
                for j in range(b)
                if 0 <= r - i * s[0] < u and 0 <= t - j * s[1] < v
            ]
            line.append(sum(parts) if parts else x.new_zeros(n, m))
        lines.append(torch.stack(line, -1))
    return torch.stack(lines, -2)


@program
def masks_and_gather(x, w, s, p):
    """For every output the input that contributes, by constant indices and torch.where."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    y = torch.zeros(n, m, rows, columns, dtype=x.dtype)
    for a in range(u):
        for d in range(v):
            i, j = torch.arange(rows) - a, torch.arange(columns) - d
            inside = ((i % s[0] == 0) & (i >= 0) & (i // s[0] < h))[:, None]
            inside = inside & ((j % s[1] == 0) & (j >= 0) & (j // s[1] < b))
            seen = x[:, :, (i // s[0]).clamp(0, h - 1)][:, :, :, (j // s[1]).clamp(0, b - 1)]
            seen = torch.where(inside, seen, torch.zeros_like(seen))
            y = y + torch.einsum("nchw,cm->nmhw", seen, w[:, :, a, d])
    return crop(y, p)


@program
def out_arguments(x, w, s, p):
    """sum(out=...) and add(out=...)."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    y = torch.zeros(n, m, rows, columns, dtype=x.dtype)
    part = torch.empty(n, m, h, b, dtype=x.dtype)
    for i in range(u):
        for j in range(v):
            torch.sum(x[:, :, None] * w[:, :, i, j][None, :, :, None, None], 1, out=part)
            view = window(y, s, i, j, h, b)
            torch.add(view, part, out=view)
    return crop(y, p)


@program
def batches_of_matrices(x, w, s, p):
    """baddbmm with beta and alpha."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    flat = w.reshape(c, -1).t().expand(n, -1, -1)
    start = x.new_zeros(n, m * u * v, h * b)
    made = torch.baddbmm(start, flat, x.reshape(n, c, -1), beta=0.5, alpha=1)
    return crop(F.fold(made, (rows, columns), (u, v), stride=s), p)


@program
def linear_layer(x, w, s, p):
    """F.linear with channels last."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    made = F.linear(x.permute(0, 2, 3, 1), w.reshape(c, -1).t())
    return crop(F.fold(made.flatten(1, 2).transpose(1, 2), (rows, columns), (u, v), stride=s), p)


@program
def running_sums(x, w, s, p):
    """cumsum, undone by differences of neighbours."""
    y = loop_over_taps(x, w, s, p)
    sums = torch.cumsum(y, -1)
    return torch.cat([sums[..., :1], sums[..., 1:] - sums[..., :-1]], -1)


@program
def divided_exactly(x, w, s, p):
    """Multiplication and division by three, exact in rational numbers."""
    return loop_over_taps(3 * x, w, s, p) / 3


@program
def halved_and_doubled(x, w, s, p):
    """Scaling by powers of two, which are exact constants."""
    return 0.5 * loop_over_taps(x * 4, w / 2, s, p)


@program
def average_times_count(x, w, s, p):
    """mean, multiplied by the number of terms."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    products = x[:, :, None, :, :, None, None] * w[None, :, :, None, None]
    made = products.mean(1) * c
    made = made.permute(0, 1, 4, 5, 2, 3).reshape(n, m * u * v, -1)
    return crop(F.fold(made, (rows, columns), (u, v), stride=s), p)


@program
def written_through_data(x, w, s, p):
    """In-place writes through .data."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    y = torch.zeros(n, m, rows, columns, dtype=x.dtype)
    for i in range(u):
        for j in range(v):
            made = torch.einsum("nchw,cm->nmhw", x.data, w.data[:, :, i, j])
            window(y.data, s, i, j, h, b).add_(made)
    return crop(y, p)


@program
def built_of_slices(x, w, s, p):
    """slice_scatter and select: writes without mutation."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    y = x.new_zeros(n, m, rows, columns)
    for i in range(h):
        for j in range(b):
            made = torch.einsum("nc,cmab->nmab", x.select(2, i).select(2, j), w)
            part = y[:, :, :, j * s[1] : j * s[1] + v]
            grown = part[:, :, i * s[0] : i * s[0] + u] + made
            part = torch.slice_scatter(part, grown, 2, i * s[0], i * s[0] + u)
            y = torch.slice_scatter(y, part, 3, j * s[1], j * s[1] + v)
    return crop(y, p)


@program
def rolled_into_place(x, w, s, p):
    """Every tap by torch.roll of a padded array."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    z = F.pad(stretch(x, s), (0, v - 1, 0, u - 1))
    y = 0
    for i in range(u):
        for j in range(v):
            y = y + torch.einsum("nchw,cm->nmhw", z.roll((i, j), (2, 3)), w[:, :, i, j])
    return crop(y, p)


@program
def turned_twice(x, w, s, p):
    """Both operands rotated by rot90, and the result flipped back."""
    turned = loop_over_taps(torch.rot90(x, 2, (2, 3)), torch.rot90(w, 2, (2, 3)), s, p)
    return turned.flip(2).flip(3)


@program
def row_by_row(x, w, s, p):
    """cat of rows, each a sum of one-dimensional folds."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    lines = [x.new_zeros(n, m, columns) for _ in range(rows)]
    for i in range(h):
        for a in range(u):
            made = torch.einsum("ncj,cmb->nmbj", x[:, :, i], w[:, :, a])
            line = F.fold(made.reshape(n, m * v, b), (1, columns), (1, v), stride=(1, s[1]))
            lines[i * s[0] + a] = lines[i * s[0] + a] + line[:, :, 0]
    return crop(torch.cat([line[:, :, None] for line in lines], 2), p)


@program
def masked_border(x, w, s, p):
    """masked_fill with a constant mask, then a crop by index_select."""
    y = loop_over_taps(x, w, s, (0, 0))
    rows, columns = y.shape[2:]
    keep = torch.zeros(rows, columns, dtype=torch.bool)
    keep[p[0] : rows - p[0], p[1] : columns - p[1]] = True
    y = y.masked_fill(~keep, 0.0)
    y = y.index_select(2, torch.arange(p[0], rows - p[0]))
    return y.index_select(3, torch.arange(p[1], columns - p[1]))


@program
def only_where_taps_reach(x, w, s, p):
    """Comparisons of constants: a mask of the outputs that a tap reaches, computed from ones."""
    reached = fold(torch.ones_like(x), torch.ones_like(w), s, p)
    y = fold(x, w, s, p)
    if reached.sum().item() == 0:
        return y
    return torch.where(reached > 0, y, 5.0 * y)


@program
def difference_of_squares(x, w, s, p):
    """((x + w)**2 - x**2 - w**2) / 2 for each product: squares that cancel."""
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    left, right = x[:, :, None, :, :, None, None], w[None, :, :, None, None]
    products = ((left + right).square() - left**2 - right**2) / 2
    made = products.sum(1).permute(0, 1, 4, 5, 2, 3).reshape(n, m * u * v, -1)
    return crop(F.fold(made, (rows, columns), (u, v), stride=s), p)


@torch.jit.script
def _scripted(x, w, s: list[int], p: list[int]):
    n, c, h, b = x.shape
    _, m, u, v = w.shape
    y = torch.zeros([n, m, (h - 1) * s[0] + u, (b - 1) * s[1] + v], dtype=x.dtype)
    for i in range(u):
        for j in range(v):
            made = torch.einsum("nchw,cm->nmhw", [x, w[:, :, i, j]])
            y[:, :, i : i + (h - 1) * s[0] + 1 : s[0], j : j + (b - 1) * s[1] + 1 : s[1]] += made
    return y[:, :, p[0] : y.shape[2] - p[0], p[1] : y.shape[3] - p[1]]


@program
def scripted(x, w, s, p):
    """torch.jit.script."""
    return _scripted(x, w, list(s), list(p))


@program
def compiled(x, w, s, p):
    """torch.compile with the eager backend."""
    return torch.compile(loop_over_taps, backend="eager")(x, w, s, p)


class Module(torch.nn.Module):
    def __init__(self, weight, s, p):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(weight.shape, dtype=weight.dtype))
        self.weight.data = weight
        self.s, self.p = s, p

    def forward(self, x):
        return loop_over_taps(x, self.weight, self.s, self.p)


@program
def module_with_weight_data(x, w, s, p):
    """A module whose parameter's storage is replaced by `weight.data = w`."""
    return Module(w, s, p)(x)


class Right(torch.autograd.Function):
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
        return grad_x, grad_w, None, None


@program
def custom_function(x, w, s, p):
    """A custom autograd Function with its own backward pass."""
    return Right.apply(x, w, s, p)


F2 = (
    [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
    [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]],
    [[1, 1, 1, 0], [0, 1, -1, -1]],
)


def winograd(x, w, s, p, transforms, tile):
    """F(tile x tile, 3x3) on the zero-inserted input; fold for other kernel sizes."""
    if tuple(w.shape[2:]) != (3, 3):
        return fold(x, w, s, p)
    back, kernel, forth = (torch.tensor(t, dtype=x.dtype) for t in transforms)
    n, c, h, b, m, u, v, rows, columns = full(x, w, s)
    high, wide = -(-rows // tile), -(-columns // tile)
    z = F.pad(stretch(x, s), (2, wide * tile - columns + 2, 2, high * tile - rows + 2))
    tiles = z.unfold(2, tile + 2, tile).unfold(3, tile + 2, tile)
    turned = kernel @ w.flip(2, 3) @ kernel.T
    seen = back @ tiles @ back.T
    made = forth @ torch.einsum("nchwab,cmab->nmhwab", seen, turned) @ forth.T
    y = made.permute(0, 1, 2, 4, 3, 5).reshape(n, m, high * tile, wide * tile)
    return crop(y[:, :, :rows, :columns], p)


@program
def winograd_2(x, w, s, p):
    """Winograd F(2x2, 3x3), whose constants are exact in binary."""
    return winograd(x, w, s, p, F2, 2)
