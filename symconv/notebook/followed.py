"""The claim on the notebook's programs, traced with symbols: they are right for every X and K."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symconv.core.dialects.building import torch_geometry
from symconv.notebook.claims import Maker, TourClaim
from symconv.render.tree import Code, Table, paragraph
from symconv.results.evidence import Outcome, Verdict, identical
from symconv.results.reasons import stated
from symconv.targets import torchlib
from symconv.targets.comparing import CrossCheck
from symconv.targets.resolve import load_target

SHAPES = (((2, 2), (2, 2)), ((3, 3), (2, 2)), ((4, 3), (3, 2)))
NAMES = ("scatter", "by_matrix", "by_windows")


def programs(devices: Sequence[str]) -> TourClaim:
    """The loop, the matrix and the strided windows compute the transposed convolution."""
    from symconv.notebook import programs as written
    from symconv.tracing import follow

    sentence = (
        "The loop, the matrix and the strided windows of the notebook, as torch programs, compute "
        "the transposed convolution for every X and K"
    )
    rows, causes, trusted = [], [], {"torch's dispatcher", "the formulas of the operations used"}
    for name in NAMES:
        target = load_target(getattr(written, name), call="paper")
        for size, taps in SHAPES:
            found = follow(target, torch_geometry(size, taps), dtype="float32")
            same = not (found.refusal or found.fault or found.differences)
            trusted |= set(found.trusted)
            words = [found.refusal, found.fault, *(d.told(True) for d in found.differences[:1])]
            causes += [f"{name}: {w}" for w in words if w]
            sizes = "{}x{} with {}x{}".format(*size, *taps)
            operations = sum(found.operations.values())
            rows.append(
                (
                    (Code(name),),
                    (sizes,),
                    ("identical" if same else "not",),
                    (f"{found.cells}",),
                    (f"{operations}",),
                )
            )
    shapes = ", ".join("{}x{} with {}x{}".format(*size, *taps) for size, taps in SHAPES)
    evidence = identical(sentence, f"{shapes}, every value", "run one of them on numbers")
    evidence = replace(evidence, trusted=(*evidence.trusted, *sorted(trusted)))
    outcome = Outcome.REFUTED if causes else Outcome.HOLDS
    header = ("program", "shape", "polynomials", "cells", "operations")
    blocks = (
        paragraph("Each program runs unchanged on symbolic tensors:"),
        Table(header, tuple(rows), (14, 22, 14, 8, 12)),
    )
    check = CrossCheck(("programs",), reason="the programs are followed, no numbers are compared")
    verdict = Verdict(outcome, evidence, reasons=stated("; ".join(causes)))
    return TourClaim("programs", sentence, verdict, Outcome.HOLDS, check, "", blocks)


def makers() -> tuple[Maker, ...]:
    """The claims of this part; none if torch is not installed, as the programs need it."""
    return (programs,) if torchlib.installed() else ()
