"""Comparison of exact results with torch on integer operands.

Denominators are cleared first, so that every dtype can be compared exactly, in any order of
summation: int64 while the sums stay below 2^62, float64 below 2^53, float32 below 2^24, float16
below 2^11, bfloat16 below 2^8. On the CPU the first three are compared; on CUDA also half and
complex dtypes, which have their own kernels there. An algorithm that rounds nevertheless
(Winograd, FFT) is accepted if rounding its result to integers gives the exact one, and the run
says so.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from symconv.exact.dtypes import DTYPES
from symconv.results.evidence import Evidence, Method, Outcome, Semantics
from symconv.targets import torchlib
from symconv.targets.environment import backends

EXACT_BELOW = {name: 2**dtype.exact_bits for name, dtype in DTYPES.items()}
_ON_CPU = ("int64", "float64", "float32")
COMPARED = {"cpu": _ON_CPU, "cuda": (*_ON_CPU, *(n for n in DTYPES if n not in _ON_CPU))}
"""The dtypes compared on each device by default."""
NOT_INSTALLED = "torch is not installed"
Call = Callable[[str, str], Any]
"""`call(dtype, device)` returns a torch tensor."""


@dataclass(frozen=True, slots=True)
class Run:
    """Result for one dtype on one device.

    Attributes:
        device: `cpu` or `cuda`.
        dtype: torch's name.
        outcome: HOLDS if torch agrees, REFUTED if it differs, UNDECIDED if nothing was compared.
        note: why nothing was compared, where torch differs, or how it agrees.
    """

    device: str
    dtype: str
    outcome: Outcome
    note: str = ""


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Result of comparing one call with torch, or the reason why it was not compared.

    Attributes:
        calls: the torch calls.
        runs: one per dtype and device.
        environment: versions and devices.
        note: the factors that cleared denominators, and how operands were coded.
        reason: why nothing ran.
    """

    calls: tuple[str, ...]
    runs: tuple[Run, ...] = ()
    environment: str = ""
    note: str = ""
    reason: str = ""

    @property
    def what(self) -> str:
        """The torch calls as text."""
        return " and ".join(self.calls)

    @property
    def outcome(self) -> Outcome:
        """REFUTED if any run differs, HOLDS if any agrees and none differs, else UNDECIDED."""
        seen = {run.outcome for run in self.runs}
        if Outcome.REFUTED in seen:
            return Outcome.REFUTED
        return Outcome.HOLDS if Outcome.HOLDS in seen else Outcome.UNDECIDED

    @property
    def mark(self) -> str:
        """One line for the page: the call, whether it agrees, and in which dtypes."""
        if not self.runs:
            return f"not cross-checked: {self.reason}"
        if self.outcome is Outcome.UNDECIDED:
            return f"not cross-checked: {self.runs[0].note}"
        several = len(self.calls) > 1
        word = "DIFFERS"
        if self.outcome is Outcome.HOLDS:
            word = "agree" if several else "agrees"
        done = dict.fromkeys(r.dtype for r in self.runs if r.outcome is self.outcome)
        return f"{self.what} {word}: {', '.join(done)}"

    @property
    def detail(self) -> str:
        """Environment, factors and notes of the runs, which `mark` leaves out."""
        notes = [f"{r.dtype} on {r.device}: {r.note}" for r in self.runs if r.note]
        return "; ".join(part for part in (self.environment, self.note, *notes) if part)

    @property
    def evidence(self) -> Evidence:
        """The scope of the agreement."""
        return Evidence(
            statement=f"{self.what} returns the exact result",
            domain="these numbers, on " + (self.environment or "no build"),
            semantics=Semantics.IEEE,
            method=Method.CHECKED,
            trusted=("the torch build and device named", "the comparison of integers"),
            refute_by="run the torch call on these numbers",
            algorithm_class="any that is exact on these integers",
        )

    def to_json(self) -> dict[str, Any]:
        """The result as JSON values."""
        return {
            "verdict": self.outcome.value,
            "mark": self.mark,
            "environment": self.environment,
            "note": self.note,
            "runs": [
                {"device": r.device, "dtype": r.dtype, "verdict": r.outcome.value, "note": r.note}
                for r in self.runs
            ],
        }


def compare(
    what: str,
    call: Call,
    expected: Sequence[int],
    bound: int,
    devices: Sequence[str],
    note: str = "",
    dtypes: Sequence[str] = (),
) -> CrossCheck:
    """Run `call` in every dtype on every device and compare with exact integers.

    `bound` is at least the absolute value of every partial sum, in any order.
    """
    calls = (what,)
    if not torchlib.installed():
        return CrossCheck(calls, reason=NOT_INSTALLED)
    runs = []
    for device in devices:
        for dtype in dtypes or COMPARED[device]:
            if bound >= EXACT_BELOW[dtype]:
                size = bound.bit_length() - 1
                too_large = f"sums reach 2^{size}, too large to be exact in {dtype}"
                runs.append(Run(device, dtype, Outcome.UNDECIDED, too_large))
            else:
                runs.append(_run(call, expected, dtype, device))
    environment = ", ".join(
        torchlib.environment(device) + (", TF32 off" if device == "cuda" else "")
        for device in devices
    )
    return CrossCheck(calls, tuple(runs), environment, note)


def _run(call: Call, expected: Sequence[int], dtype: str, device: str) -> Run:
    try:
        with backends({"benchmark": False, "deterministic": True}):
            result = call(dtype, device).cpu()
    except RuntimeError as error:
        first = str(error).splitlines()[0][:100]
        # torch has int64 convolutions on the CPU only; their absence elsewhere is not an error
        absent = "not implemented" in first or (dtype == "int64" and device != "cpu")
        outcome = Outcome.UNDECIDED if absent else Outcome.REFUTED
        return Run(device, dtype, outcome, f"torch raised: {first}")
    flat = result.reshape(-1).tolist()
    if len(flat) != len(expected):
        return Run(
            device, dtype, Outcome.REFUTED, f"{len(flat)} entries instead of {len(expected)}"
        )
    if flat == list(expected):
        return Run(device, dtype, Outcome.HOLDS)
    if all(map(cmath.isfinite, flat)) and list(map(_nearest, flat)) == list(expected):
        return Run(device, dtype, Outcome.HOLDS, "after rounding to integers")
    n = next(n for n, (u, v) in enumerate(zip(flat, expected, strict=True)) if u != v)
    return Run(
        device,
        dtype,
        Outcome.REFUTED,
        f"entry {n} is {flat[n]}, but the exact value is {expected[n]}",
    )


def _nearest(value: complex) -> complex:
    """Round to the nearest integer; a complex number in both parts."""
    return complex(round(value.real), round(value.imag)) if value.imag else round(value.real)


def merged(checks: Sequence[CrossCheck]) -> CrossCheck:
    """Combine several checks of one claim into one."""
    if len(checks) == 1:
        return checks[0]
    calls = tuple(dict.fromkeys(call for c in checks for call in c.calls))
    notes = "; ".join(dict.fromkeys(c.note for c in checks if c.note))
    ran = [c for c in checks if c.runs]
    if not ran:
        return CrossCheck(calls, reason=checks[0].reason)
    runs = tuple(run for c in ran for run in c.runs)
    return CrossCheck(calls, runs, ran[0].environment, notes)
