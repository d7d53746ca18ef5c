"""A finding as a few lines of torch, to be pasted into an issue."""

from __future__ import annotations

from symconv.checking.snippet import importing, literal
from symconv.fuzz.case import Case
from symconv.fuzz.finding import DEATHS, Finding
from symconv.fuzz.plan import Plan
from symconv.fuzz.values import operands
from symconv.targets.tensors import CHANNELS_LAST

MOST_NUMBERS = 400
RAISED = ("exception", "backward")
"""Kinds that may have shown in the backward pass."""
LEAF = {"grad_input": "x.grad", "grad_weight": "w.grad", "grad_bias": "b.grad"}


def snippet(target: str, call: str, finding: Finding) -> str:
    """The smallest case in plain torch, for an issue."""
    case = finding.case
    if case.device == "meta" or finding.kind == "accepts illegal":
        return _without_values(target, case)
    plan = Plan(case.geometry())
    values = operands(case, plan)
    if sum(v.size for v in values.values()) > MOST_NUMBERS:
        return ""
    line, name = importing(target)
    lines = ["import torch", *([line] if line else [])]
    died = finding.kind in DEATHS
    if case.threads > 1 or died or target == "torch":  # its kernels depend on it
        lines.append(f"torch.set_num_threads({case.threads})")
    for switch, on in case.switches:
        if switch == "mkldnn" and not on:
            lines.append("torch.backends.mkldnn.enabled = False")
    letters = {"x": "x", "w": "w", "bias": "b", "grad": "g"}
    backward = finding.result in LEAF or (case.gradients and (died or finding.kind in RAISED))
    for operand, letter in letters.items():
        if operand in values and (operand != "grad" or backward):
            array = values[operand]
            array = array[0] if operand in ("x", "grad") and not case.batch else array
            layout = getattr(case, f"{operand}_layout", "contiguous")
            lines.append(f"{letter} = {laid(literal(array, case.dtype), layout, array.shape)}")
    leaves = ["x", "w", *(["b"] if case.bias else [])]
    if backward:
        lines.append(f"for t in ({', '.join(leaves)}): t.requires_grad_()")
    steps = ", ".join(f"{key}={value}" for key, value in case.steps().items())
    name = name.format(dims=case.dims)
    if call == "paper":
        lines.append(f"y = {name}(x[0, 0], w[0, 0])")
    else:
        lines.append(f"y = {name}(x, w, {'b' if case.bias else 'None'}, {steps})")
    lines += ["y.backward(g)"] if backward else []
    shown = LEAF.get(finding.result, "y")
    expected = finding.results.get("exact")
    told = f"  # exact: {expected}" if expected else ""
    if finding.kind == "non-finite":  # the exact results know no inf and nan
        told = f"  # {finding.where} must be {finding.expected}"
    lines.append(f"print({shown}.flatten().tolist()){told}")
    return "\n".join(lines)


def laid(text: str, layout: str, shape: tuple[int, ...]) -> str:
    """A contiguous tensor's expression, laid out as `LAYOUTS` of tensors.py does."""
    if layout == "channels_last":
        wanted = CHANNELS_LAST.get(len(shape))
        return f"{text}.contiguous(memory_format=torch.{wanted})" if wanted else text
    if layout == "strided":
        return f"torch.nn.functional.pad({text}.repeat_interleave(2, -1), (1, 0))[..., 1::2]"
    views = {"transposed": ".mT.contiguous().mT", "expanded": f"[:1].expand{shape}"}
    return text + views.get(layout, "")


def _without_values(target: str, case: Case) -> str:
    line, name = importing(target)
    steps = ", ".join(f"{key}={value}" for key, value in case.steps().items())
    x = (case.batch, case.in_channels, *case.size) if case.batch else (case.in_channels, *case.size)
    w = (case.in_channels, case.out_channels // case.groups, *case.kernel_size)
    device = f", device={case.device!r}"
    return "\n".join([
        "import torch", *([line] if line else []), f"x = torch.zeros({x}{device})",
        f"w = torch.zeros({w}{device})",
        f"print({name.format(dims=case.dims)}(x, w, None, {steps}).shape)",
    ])  # fmt: skip
