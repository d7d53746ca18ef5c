"""A transposed convolution in Triton: each program gathers a block of one output channel."""

import torch
import triton
import triton.language as tl

BLOCK = 64


@triton.jit
def _gather(
    x,
    w,
    y,
    c_out,
    h,
    wd,
    out_h,
    out_w,
    sh,
    sw,
    ph,
    pw,
    dh,
    dw,
    C_IN: tl.constexpr,
    KH: tl.constexpr,
    KW: tl.constexpr,
    BLOCK: tl.constexpr,
):
    sample, channel = tl.program_id(0) // c_out, tl.program_id(0) % c_out
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    row, column = at // out_w, at % out_w
    inside = at < out_h * out_w
    total = tl.zeros((BLOCK,), dtype=tl.float32)
    for c in range(C_IN):
        for i in range(KH):
            for j in range(KW):
                # the input cell that tap (i, j) reads, if there is one
                up, left = row + ph - i * dh, column + pw - j * dw
                r, s = up // sh, left // sw
                hit = (up >= 0) & (left >= 0) & (up % sh == 0) & (left % sw == 0)
                hit = hit & (r < h) & (s < wd) & inside
                values = tl.load(x + ((sample * C_IN + c) * h + r) * wd + s, mask=hit, other=0.0)
                tap = tl.load(w + ((c * c_out + channel) * KH + i) * KW + j)
                total += values.to(tl.float32) * tap.to(tl.float32)
    place = (sample * c_out + channel) * out_h * out_w + at
    tl.store(y + place, total.to(y.dtype.element_ty), mask=inside)


def conv_transpose2d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Forward only, one group."""
    if groups != 1:
        raise NotImplementedError("groups")
    pairs = [
        v if isinstance(v, tuple) else (v, v) for v in (stride, padding, output_padding, dilation)
    ]
    (sh, sw), (ph, pw), (eh, ew), (dh, dw) = pairs
    x, w = input.contiguous(), weight.contiguous()
    batch, c_in, h, wd = x.shape
    _, c_out, kh, kw = w.shape
    out_h = (h - 1) * sh - 2 * ph + dh * (kh - 1) + eh + 1
    out_w = (wd - 1) * sw - 2 * pw + dw * (kw - 1) + ew + 1
    y = torch.empty((batch, c_out, out_h, out_w), dtype=x.dtype, device=x.device)
    grid = (batch * c_out, triton.cdiv(out_h * out_w, BLOCK))
    _gather[grid](x, w, y, c_out, h, wd, out_h, out_w, sh, sw, ph, pw, dh, dw, c_in, kh, kw, BLOCK)
    return y if bias is None else y + bias[:, None, None]
