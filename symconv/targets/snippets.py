"""A call of a target as a few lines of torch that anybody can paste and run.

The lines make the same call that the verdict is about: the same values in the same dtype, layouts
and device, the same switches and threads, compiled or not, forward or backward.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symconv.exact.dtypes import INTEGER
from symconv.targets.surfaces import EAGER, SURFACES
from symconv.targets.tensors import CHANNELS_LAST, Array

MOST_NUMBERS = 400
LEAVES = {"output": "y", "grad_input": "x.grad", "grad_weight": "w.grad", "grad_bias": "b.grad"}
"""The expression for each result after the lines have run."""
LETTERS = {"x": "x", "w": "w", "bias": "b", "grad": "g"}
PLACES = {
    "mkldnn": ("torch.backends.mkldnn.enabled",),
    "cudnn": ("torch.backends.cudnn.enabled",),
    "benchmark": ("torch.backends.cudnn.benchmark",),
    "deterministic": ("torch.backends.cudnn.deterministic",),
    "tf32": ("torch.backends.cudnn.allow_tf32", "torch.backends.cuda.matmul.allow_tf32"),
}
"""The torch flags that each switch of `environment.py` sets."""


@dataclass(frozen=True)
class PastedCall:
    """A call as data.

    Attributes:
        target: `torch` or `module:callable`.
        call: `torch`, `paper` or `module`.
        dims: number of spatial axes.
        dtype: torch's name.
        operands: `x`, `w` and possibly `bias`, as they are passed; `grad` if there is a backward
            pass. On the meta device, which has no values, their shapes.
        steps: torch's keyword arguments.
        layouts: layout by operand; contiguous if not named.
        device: where the call runs.
        switches: backend switches.
        threads: number of threads that torch may use, 0 for torch's default.
        leaves: the inputs require gradients, with or without a backward pass.
        surface: how the target is run, a name of `SURFACES`.
    """

    target: str
    call: str
    dims: int
    dtype: str
    operands: Mapping[str, Array | tuple[int, ...]]
    steps: Mapping[str, Any]
    layouts: Mapping[str, str] = field(default_factory=dict)
    device: str = "cpu"
    switches: Mapping[str, bool] = field(default_factory=dict)
    threads: int = 0
    leaves: bool = False
    surface: str = EAGER

    @property
    def backward(self) -> bool:
        """Whether the call includes a backward pass."""
        return "grad" in self.operands

    @property
    def size(self) -> int:
        """Number of values that the lines contain."""
        return sum(v.size for v in self.operands.values() if not isinstance(v, tuple))

    def lines(self) -> list[str]:
        """Lines of Python that compute `y` and, with a backward pass, `x.grad` etc."""
        importing, name = _imported(self.target)
        found = ["import torch", *filter(None, [importing])]
        if self.threads:
            found.append(f"torch.set_num_threads({self.threads})")
        for switch, on in self.switches.items():
            found += [f"{place} = {on}" for place in PLACES[switch]]
        for operand, values in self.operands.items():
            layout = self.layouts.get(operand, "contiguous")
            found.append(f"{LETTERS[operand]} = {self._tensor(values, layout)}")
        inputs = [LETTERS[n] for n in ("x", "w", "bias") if n in self.operands]
        if self.backward or self.leaves:
            found.append(f"for t in ({', '.join(inputs)}): t.requires_grad_()")
        found += self._call(name.format(dims=self.dims))
        if self.backward:
            found.append("y.backward(g)")
        return found

    def _tensor(self, values: Array | tuple[int, ...], layout: str) -> str:
        if isinstance(values, tuple):
            return f"torch.zeros({values}, dtype=torch.{self.dtype}, device={self.device!r})"
        text = literal(values, self.dtype)
        if self.device != "cpu":
            text += f".to({self.device!r})"
        return laid(text, layout, values.shape)

    def _call(self, name: str) -> list[str]:
        bias = "b" if "bias" in self.operands else "None"
        steps = ", ".join(f"{key}={value}" for key, value in self.steps.items())
        expression, wrapped = SURFACES[self.surface].expression, self.surface != EAGER
        if self.call == "paper":
            shown = expression.format(f=name)
            return [f"f = {shown}", "y = torch.stack([f(s[0], w[0, 0]) for s in x])[:, None]"]
        if self.call == "module":
            given = "x, w, b" if bias == "b" else "x, w"
            values = '{"weight": w, "bias": b}' if bias == "b" else '{"weight": w}'
            groups = self.steps["groups"]
            found = [
                f"m = {name}(w.shape[0], w.shape[1] * {groups}, tuple(w.shape[2:]), "
                f"bias={bias == 'b'}, {steps})",
                f"f = lambda {given}: torch.func.functional_call(m, {values}, (x,))",
            ]
            found += [f"f = {expression.format(f='f')}"] if wrapped else []
            return [*found, f"y = f({given})"]
        if wrapped:
            return [f"f = {expression.format(f=name)}", f"y = f(x, w, {bias}, {steps})"]
        return [f"y = {name}(x, w, {bias}, {steps})"]


GRADIENTS = (
    "[g is not None for g in torch.autograd.grad(y, (x, w), torch.ones_like(y), allow_unused=True)]"
)
"""An expression: whether the input and the weight receive gradients."""


def literal(values: Any, dtype: str) -> str:
    """An expression for a tensor of these numbers, each in the shortest form that is exact."""
    wide: Any = np.float64 if dtype in ("float64", "complex128") else np.float32

    def one(value: Any) -> str:
        if dtype in INTEGER:
            return str(int(value))
        number = wide(value)
        if not np.isfinite(number):
            return f'float("{number}")'
        if number == 0 and np.signbit(number):
            return "-0.0"
        return str(int(number)) if number == int(number) and abs(number) < 1e6 else str(number)

    if np.iscomplexobj(values):
        found = [f"complex({one(v.real)}, {one(v.imag)})" for v in values.ravel()]
    else:
        found = [one(v) for v in values.ravel()]
    return f"torch.tensor([{', '.join(found)}], dtype=torch.{dtype}).reshape{values.shape}"


def laid(text: str, layout: str, shape: tuple[int, ...]) -> str:
    """An expression that gives a contiguous tensor a layout, as `LAYOUTS` of tensors.py does."""
    if layout == "channels_last":
        wanted = CHANNELS_LAST.get(len(shape))
        return f"{text}.contiguous(memory_format=torch.{wanted})" if wanted else text
    if layout == "strided":
        spread = f"torch.nn.functional.pad({text}.unsqueeze(-1), (1, 0)).flatten(-2)"
        return f"torch.nn.functional.pad({spread}, (0, 1))[..., 1::2]"
    views = {"transposed": ".mT.contiguous().mT", "expanded": f"[:1].expand{shape}"}
    return text + views.get(layout, "")


def _imported(target: str) -> tuple[str, str]:
    """`(import line, name to call)` of a target."""
    if target == "torch":
        return "", "torch.nn.functional.conv_transpose{dims}d"
    module, _, name = target.partition(":")
    if not name or "<" in name:
        return f"# {target}: put your function here", "your_function"
    first = name.partition(".")[0]
    return f"from {module} import {first}", name


def is_view(call: PastedCall) -> str:
    """An expression: whether the result shares memory with an input."""
    y, *inputs = (
        f"{letter}.untyped_storage().data_ptr()"
        for letter in ("y", *(LETTERS[n] for n in ("x", "w", "bias") if n in call.operands))
    )
    return f"({y} in ({', '.join(inputs)},))"


def guarded(lines: list[str], call: PastedCall, ending: str) -> list[str]:
    """Add lines that copy the inputs before the call and compare them after it.

    `ending` is a format string for the last line; its argument is the comparison.
    """
    inputs = [LETTERS[n] for n in ("x", "w", "bias", "grad") if n in call.operands]
    place = next(n for n, line in enumerate(lines) if line.startswith(("y = ", "f = ", "m = ")))
    copies = [f"before = [t.detach().clone() for t in ({', '.join(inputs)},)]"]
    pairs = f"zip(({', '.join(inputs)},), before)"
    compared = f"all(t.detach().allclose(b, 0, 0, True) for t, b in {pairs})"
    return [*lines[:place], *copies, *lines[place:], ending.format(compared)]
