"""A case as a few lines of torch that anybody can paste and run."""

from __future__ import annotations

from typing import Any

import numpy as np

from symconv.arithmetic.deciding import NAMES
from symconv.judge import Judgement
from symconv.targets.tensors import Problem, steps_of

MOST_NUMBERS = 400
LEAVES = {"output": "y", "grad_input": "x.grad", "grad_weight": "w.grad", "grad_bias": "b.grad"}


def literal(values: Any, dtype: str) -> str:
    """Numbers as Python reads them back into the dtype, the shortest that do."""
    wide: Any = np.float64 if dtype in ("float64", "complex128") else np.float32

    def one(value: Any) -> str:
        number = wide(value)
        if not np.isfinite(number):
            return f'float("{number}")'
        return str(int(number)) if number == int(number) and abs(number) < 1e6 else str(number)

    if np.iscomplexobj(values):
        found = [f"complex({one(v.real)}, {one(v.imag)})" for v in values.ravel()]
    else:
        found = [one(v) for v in values.ravel()]
    return f"torch.tensor([{', '.join(found)}], dtype=torch.{dtype}).reshape{values.shape}"


def importing(target: str) -> tuple[str, str]:
    """`(import line, name to call)` of a target."""
    if target == "torch":
        return "", "torch.nn.functional.conv_transpose{dims}d"
    module, _, name = target.partition(":")
    if not name or "<" in name:
        return f"# {target}: put your function here", "your_function"
    first = name.partition(".")[0]
    return f"from {module} import {first}", name


def snippet(target: str, problem: Problem, judgement: Judgement, call: str = "torch") -> str:
    """Lines of Python that print the deciding element; "" where the operands are too many."""
    operands = {"x": problem.x, "w": problem.w, "b": problem.bias}
    backward = judgement.result in LEAVES and judgement.result != "output"
    if backward:
        operands["g"] = problem.grad
    present = {name: v for name, v in operands.items() if v is not None}
    if sum(v.size for v in present.values()) > MOST_NUMBERS or call == "module":
        return ""
    line, name = importing(target)
    lines = [part for part in ("import torch", line) if part]
    for letter, values in present.items():
        lines.append(f"{letter} = {literal(values, problem.dtype)}")
    name = name.format(dims=len(problem.geometry.axes))
    if call == "paper":
        lines.append(f"y = {name}(x[0, 0], w[0, 0])[None, None]")
    else:
        steps = ", ".join(f"{key}={value}" for key, value in steps_of(problem.geometry).items())
        bias = "b" if problem.bias is not None else "None"
        if backward:
            leaves = ["x", "w"] + (["b"] if problem.bias is not None else [])
            lines.append(f"for t in ({', '.join(leaves)}): t.requires_grad_()")
        lines.append(f"y = {name}(x, w, {bias}, {steps})")
    if backward:
        lines.append("y.backward(g)")
    worst = judgement.worst
    if worst is not None:
        place = worst.place.removeprefix(NAMES[judgement.result])
        lines.append(f"print({LEAVES[judgement.result]}{place}.item())  # exact: {worst.rounded!r}")
    else:
        lines.append("print(y)")
    return "\n".join(lines)
