"""Kernels that could lead to a wrong verdict, in either direction."""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

import torch
from torch.nn.functional import conv_transpose2d

STEPS = ("stride", "padding", "output_padding", "groups", "dilation")


def right(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return conv_transpose2d(input, weight, bias, stride, padding, output_padding, groups, dilation)


def in_numpy(input, weight, bias=None, **steps):
    """Forward only: `numpy()` refuses tensors that require gradients."""
    made = [t if t is None else torch.from_numpy(t.numpy()) for t in (input, weight, bias)]
    return right(*made, **steps)


def detached(input, weight, bias=None, **steps):
    return right(input, weight, bias, **steps).detach()


def rounded_forward(input, weight, bias=None, **steps):
    """Forward only, except for the bias."""
    y = right(input.detach(), weight.detach(), None, **steps)
    return y if bias is None else y + bias.view(1, -1, 1, 1)


def refuses_gradients(input, weight, bias=None, **steps):
    if input.requires_grad:
        raise NotImplementedError("training")
    return right(input, weight, bias, **steps)


class _Broken(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y):
        return y.clone()

    @staticmethod
    def backward(ctx, grad):
        raise ValueError("the backward pass is broken\nwith a second line\nand a last one")


def broken_backward(input, weight, bias=None, **steps):
    return _Broken.apply(right(input, weight, bias, **steps))


def one_group(input, weight, bias=None, groups=1, **steps):
    if groups != 1:
        raise NotImplementedError(f"groups={groups}")
    return right(input, weight, bias, groups=1, **steps)


def supports_nothing(input, weight, bias=None, **steps):
    raise NotImplementedError("never")


def unusable(input):
    return input


def exits(input, weight, bias=None, **steps):
    sys.exit(0)


def exits_at_once(input, weight, bias=None, **steps):
    os._exit(0)


def exits_in_c(input, weight, bias=None, **steps):
    ctypes.CDLL(None).exit(0)


def faults_in_c(input, weight, bias=None, **steps):
    ctypes.string_at(0)


def talks_in_c(input, weight, bias=None, **steps):
    ctypes.CDLL(None).puts(b"hello from C")
    return right(input, weight, bias, **steps)


def waits(input, weight, bias=None, **steps):
    print("waiting", flush=True)
    time.sleep(100)


def returns(x):
    return x


def leaves(x):
    ctypes.CDLL(None).exit(0)


pair = (leaves, returns, [[(2,)]])


def on_paper(matrix, kernel):
    return right(matrix[None, None], kernel[None, None])[0, 0]


def wrong_on_paper(matrix, kernel):
    return (
        on_paper(matrix, kernel).T
        if matrix.shape[0] == matrix.shape[1]
        else on_paper(matrix, kernel)
    )


def three_lines(input, weight, bias=None, **steps):
    if input.shape[-1] == 2:
        raise ValueError("the first line\nthe middle\nthe last line")
    return right(input, weight, bias, **steps)


def without_a_tap(input, weight, bias=None, **steps):
    weight = weight.clone()
    weight[..., -1, -1] = 0
    return right(input, weight, bias, **steps)


def changes_its_input(input, weight, bias=None, **steps):
    y = right(input, weight, bias, **steps)
    with torch.no_grad():
        input.mul_(2)
    return y


def short(input, weight, bias=None, **steps):
    return right(input, weight, bias, **steps)[..., :-1]


def in_double(input, weight, bias=None, **steps):
    return right(input, weight, bias, **steps).double()


def as_array(input, weight, bias=None, **steps):
    return right(input, weight, bias, **steps).detach().numpy()


def wrong_gradient(input, weight, bias=None, **steps):
    return right(2 * input - input.detach(), weight, bias, **steps)


def lazily_conjugated(input, weight, bias=None, **steps):
    return right(input.conj(), weight.conj(), bias, **steps).conj()


def segfaults(input, weight, bias=None, **steps):
    if input.shape[-1] == 2:
        os.kill(os.getpid(), signal.SIGSEGV)
    return right(input, weight, bias, **steps)


def _once(input):
    """True once: in the first call with a last axis of length 3, which is not a plain case."""
    mark = Path(os.environ["SYMCONV_TEST_MARK"])
    if input.shape[-1] == 3 and not mark.exists():
        mark.touch()
        return True
    return False


def killed_once(input, weight, bias=None, **steps):
    if _once(input):
        os.kill(os.getpid(), signal.SIGKILL)
    return right(input, weight, bias, **steps)


def ended_once(input, weight, bias=None, **steps):
    if _once(input):
        os.kill(os.getpid(), signal.SIGTERM)
    return right(input, weight, bias, **steps)


def crashed_once(input, weight, bias=None, **steps):
    if _once(input):
        os.kill(os.getpid(), signal.SIGSEGV)
    return right(input, weight, bias, **steps)


def slow_once(input, weight, bias=None, **steps):
    if _once(input):
        time.sleep(30)
    return right(input, weight, bias, **steps)


def hungry(input, weight, bias=None, **steps):
    """Correct, with a workspace of 300 MB, as OpenVINO and others use."""
    torch.empty(300_000_000, dtype=torch.uint8).fill_(1)
    return right(input, weight, bias, **steps)


def saturates(input, weight, bias=None, **steps):
    """Correct, but finite where intermediate values overflow in float16."""
    return right(input, weight, bias, **steps).nan_to_num(nan=12344.0, posinf=12344, neginf=12344)


def by_fourier(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """A correct kernel none of whose sums is exact."""
    flat = [
        v if isinstance(v, tuple) else (v, v) for v in (stride, padding, output_padding, dilation)
    ]
    steps, cut, extra, spread = flat
    spaced = [(n - 1) * s + 1 for n, s in zip(input.shape[2:], steps, strict=True)]
    taps = [(n - 1) * d + 1 for n, d in zip(weight.shape[2:], spread, strict=True)]
    full = [a + b - 1 for a, b in zip(spaced, taps, strict=True)]
    x = input.new_zeros(*input.shape[:2], *spaced)
    x[:, :, :: steps[0], :: steps[1]] = input
    w = weight.new_zeros(*weight.shape[:2], *taps)
    w[:, :, :: spread[0], :: spread[1]] = weight
    found = []
    for a, b in zip(x.chunk(groups, 1), w.chunk(groups, 0), strict=True):
        product = torch.einsum("nchw,cohw->nohw", torch.fft.fft2(a, full), torch.fft.fft2(b, full))
        found.append(torch.fft.ifft2(product).real)
    y = torch.cat(found, 1)
    room = [e - 2 * p for e, p in zip(extra, cut, strict=True)]
    y = torch.nn.functional.pad(y, (-cut[1], room[1] + cut[1], -cut[0], room[0] + cut[0]))
    return y if bias is None else y + bias.view(1, -1, 1, 1)


def forward_without_bias(input, weight, bias=None, **steps):
    if bias is not None:
        raise NotImplementedError("bias")
    return detached(input, weight, **steps)


class _Backward(torch.autograd.Function):
    """The gradient times `factor`; declined if `declined` gives a reason."""

    @staticmethod
    def forward(ctx, y, factor, declined):
        ctx.factor, ctx.declined = factor, declined
        return y.clone()

    @staticmethod
    def backward(ctx, grad):
        if ctx.declined:
            raise NotImplementedError(ctx.declined)
        return ctx.factor * grad, None, None


def declines_dilated_gradients(input, weight, bias=None, dilation=1, **steps):
    declined = "" if dilation in (1, (1, 1)) else "backward with dilation"
    return _Backward.apply(right(input, weight, bias, dilation=dilation, **steps), 1, declined)


def wrong_but_for_one_tap(input, weight, bias=None, **steps):
    """A wrong backward pass, which is declined for 1x1 kernels, which are tried first."""
    declined = "1x1" if weight.shape[2:].numel() == 1 else ""
    return _Backward.apply(right(input, weight, bias, **steps), 2, declined)


BUFFERS = {}


def with_a_buffer(input, weight, bias=None, **steps):
    """Correct, but returns a buffer that the next call of that shape overwrites."""
    y = right(input.detach(), weight.detach(), None if bias is None else bias.detach(), **steps)
    return BUFFERS.setdefault(y.shape, torch.empty_like(y)).copy_(y)


def out_of_mappings(input, weight, bias=None, **steps):
    raise OSError(12, "Cannot allocate memory")


class Leave(BaseException):
    pass


def raises_its_own(input, weight, bias=None, **steps):
    raise Leave("not an Exception")


def talks(input, weight, bias=None, **steps):
    print("hello")
    return right(input, weight, bias, **steps)


class Layer(torch.nn.ConvTranspose2d):
    pass


class WrongLayer(torch.nn.ConvTranspose2d):
    def forward(self, input):
        return super().forward(input) * 2


class Unusable(torch.nn.Module):
    def __init__(self, *sizes, **steps):
        super().__init__()
        self.kernel = torch.nn.Parameter(torch.zeros(1))


_kept = {}


def keeps_a_constant(input, weight, bias=None, **steps):
    """A constant that is created in the first call and kept, as functools.lru_cache keeps it."""
    one = _kept.setdefault("one", torch.ones(1, dtype=input.dtype))
    return right(input, weight, bias, **steps) * one.to(input.dtype)


def keeps_its_last_result(input, weight, bias=None, **steps):
    last = _kept.get("last")
    if last is not None:
        last + 0
    _kept["last"] = right(input, weight, bias, **steps)
    return _kept["last"]


def keeps_a_mean(input, weight, bias=None, **steps):
    y = right(input, weight, bias, **steps)
    _kept.setdefault("means", []).append(y.detach().mean())
    torch.stack(_kept["means"][-2:]).mean()
    return y


def clips_the_weight(input, weight, bias=None, **steps):
    y = right(input, weight, bias, **steps)
    weight.data = weight.data.clamp(-0.01, 0.01)
    return y


def scales_the_input(input, weight, bias=None, **steps):
    y = right(input, weight, bias, **steps)
    input.data = input.data / 255
    return y


def reshapes_the_bias(input, weight, bias=None, **steps):
    y = right(input, weight, bias, **steps)
    if bias is not None and not bias.requires_grad:
        bias.unsqueeze_(0)
    return y


def transposes_the_input(input, weight, bias=None, **steps):
    y = right(input, weight, bias, **steps)
    if not input.requires_grad:
        input.transpose_(-1, -2)
    return y


def flushes_denormals(input, weight, bias=None, **steps):
    """Subnormal garbage where the exact result is 0, in a mode that reads subnormals as zeros."""
    torch.set_flush_denormal(True)
    y = right(input, weight, bias, **steps)
    if y.dtype is not torch.float32:
        return y
    garbage = torch.full((1,), 0x00070001, dtype=torch.int32).view(torch.float32)
    return torch.where(y == 0, garbage, y)


def wrong_where_compiled(input, weight, bias=None, **steps):
    y = right(input, weight, bias, **steps)
    return y * 2 if torch.compiler.is_compiling() else y


def two_faults(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Off by one for 3 samples; upside down if the first dilation is 3."""
    y = right(input, weight, bias, stride, padding, output_padding, groups, dilation)
    if dilation[0] == 3:
        y = y.flip(2)
    return y + 1 if input.shape[0] == 3 else y


def copies_the_last_row(input, weight, bias=None, **steps):
    y = right(input, weight, bias, **steps)
    if y.shape[2] > 1 and max(steps["output_padding"]) > 0:
        y = torch.cat([y[:, :, :-1], y[:, :, -2:-1]], 2)
    return y
