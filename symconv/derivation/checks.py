"""Checks of the numbers on a page against torch and the two oracles.

The oracles are independent definitions of transposed convolution that share no code with it (the
isolation rule).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from symconv.core.geometry import Geometry
from symconv.core.polynomial import as_polynomial
from symconv.derivation.subject import Subject
from symconv.exact.containers import nest
from symconv.oracles import polynomial_product as polynomial
from symconv.oracles import zero_insertion as stretch
from symconv.render.tree import Badge, Block, Heading, paragraph
from symconv.results.evidence import Evidence, Outcome, combine
from symconv.targets import torchlib
from symconv.targets.comparing import CrossCheck, merged
from symconv.targets.crosscheck import check_structure, check_transposed

ORACLES = {"polynomial product": polynomial, "zero insertion": stretch}
MOST_ORACLE_TERMS = 20_000


@dataclass(frozen=True, slots=True)
class OracleCheck:
    """The comparison of one independent definition with the output of the page.

    Attributes:
        name: the name of the definition.
        outcome: HOLDS if both agree, REFUTED if they differ, UNDECIDED if it was not run.
        note: where they differ, or why the definition was not run.
    """

    name: str
    outcome: Outcome
    note: str = ""


def torch_parameters(geometry: Geometry) -> dict[str, Any] | None:
    """The parameters of the equivalent torch call, as the oracles take them; None without one."""
    axes = torchlib.expressible(geometry)
    if axes is None:
        return None
    names = ("stride", "padding", "output_padding", "dilation")
    return {n: tuple(getattr(a, n) for a in axes) for n in names} | {"groups": geometry.groups}


def oracle_checks(
    geometry: Geometry,
    x: Sequence[Any],
    w: Sequence[Any],
    bias: Sequence[Any] | None,
    expected: Sequence[Any],
) -> list[OracleCheck]:
    """Compare the output `expected` of one sample with both oracles, entry by entry.

    All operands are flat, in canonical shape and C order; entries are compared as polynomials.
    """
    parameters = torch_parameters(geometry)
    if parameters is None or geometry.most_terms > MOST_ORACLE_TERMS:
        reason = "not a torch configuration" if parameters is None else "too many terms"
        return [OracleCheck(name, Outcome.UNDECIDED, reason) for name in ORACLES]
    results = []
    for name, oracle in ORACLES.items():
        answer = oracle.conv_transpose(
            nest(x, geometry.input_shape),
            nest(w, geometry.weight_shape),
            None if bias is None else list(bias),
            **parameters,
        )
        results.append(_compared(name, _flat(answer), expected))
    return results


def _flat(block: Any) -> list[Any]:
    return [v for part in block for v in _flat(part)] if isinstance(block, list) else [block]


def _compared(name: str, answer: list[Any], expected: Sequence[Any]) -> OracleCheck:
    if len(answer) != len(expected):
        return OracleCheck(
            name, Outcome.REFUTED, f"{len(answer)} outputs instead of {len(expected)}"
        )
    for n, (u, v) in enumerate(zip(answer, expected, strict=True)):
        if as_polynomial(u) != as_polynomial(v):
            return OracleCheck(name, Outcome.REFUTED, f"output {n} is {u} there and {v} here")
    return OracleCheck(name, Outcome.HOLDS)


def _first_fault(before: OracleCheck, now: OracleCheck) -> OracleCheck:
    """The checks of two samples by one oracle as one check: the first that does not hold."""
    return before if before.outcome is not Outcome.HOLDS else now


@dataclass(frozen=True, slots=True)
class Checks:
    """The comparisons behind one page."""

    oracles: tuple[OracleCheck, ...]
    torch: CrossCheck

    @property
    def outcome(self) -> Outcome:
        """The combined outcome of the comparisons; those that were not run are ignored."""
        ran = [c.outcome for c in self.oracles] + [self.torch.outcome]
        decided = [o for o in ran if o is not Outcome.UNDECIDED]
        return combine(decided)

    def to_json(self) -> list[dict[str, Any]]:
        """The comparisons as JSON objects, one each."""
        oracles = [
            {"with": c.name, "verdict": c.outcome.value, "note": c.note} for c in self.oracles
        ]
        return [*oracles, {"with": self.torch.what, **self.torch.to_json()}]


def check_subject(subject: Subject, devices: Sequence[str]) -> Checks:
    """Compare the output of a page with the oracles, sample by sample, and with torch.

    Symbolic operands and W are checked through their structure: one-hot inputs and coded weights
    show which weight connects which input and output, in the transposed convolution and in the
    convolution.
    """
    case, geometry = subject.case, subject.geometry
    batch = case.x.shape[0]
    step, out_step = len(case.x.flat) // batch, len(subject.output.flat) // batch
    oracles: list[OracleCheck] = []
    for n in range(batch):
        x = case.x.flat[n * step : (n + 1) * step]
        y = subject.output.flat[n * out_step : (n + 1) * out_step]
        found = oracle_checks(geometry, x, case.w.flat, case.bias, y)
        oracles = (
            found if n == 0 else [_first_fault(*pair) for pair in zip(oracles, found, strict=True)]
        )
    structure = merged(
        [
            check_structure(geometry, devices),
            check_structure(geometry, devices, convolution=True),
        ]
    )
    if not subject.numeric:
        unseen = [
            name for name, is_there in (("bias", case.bias), ("batch", batch > 1)) if is_there
        ]
        if unseen:
            note = f"{structure.note}; without {' and '.join(unseen)}"
            structure = replace(structure, note=note)
        return Checks(tuple(oracles), structure)
    values = check_transposed(
        geometry, case.x.flat, case.w.flat, case.bias, subject.output.flat, devices
    )
    return Checks(tuple(oracles), merged([values, structure]))


def section(evidence: Evidence, checks: Checks) -> list[Block]:
    """The chapter on how the page is known: its evidence, the oracles and torch."""
    blocks: list[Block] = [
        Heading(2, "How this is known"),
        Badge(
            evidence.method.value,
            f"{evidence.domain}; {evidence.semantics.value}. Trusted: "
            f"{', '.join(evidence.trusted)}.",
        ),
    ]
    for check in checks.oracles:
        word = {Outcome.HOLDS: "agrees", Outcome.REFUTED: "DIFFERS"}.get(check.outcome)
        note = f" ({check.note})" if check.note else ""
        blocks.append(
            paragraph(f"Independent definition by {check.name}: {word or 'not run'}{note}.")
        )
    mark = Badge("CROSS-CHECK", f"{checks.torch.mark}. {checks.torch.detail}".strip())
    return [*blocks, mark]
