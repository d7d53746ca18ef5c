"""The derivation of one configuration: chapters about a subject, as a page in any format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symconv.core.arguments import suggest_names
from symconv.core.dialects.modules import is_module, operands_of_module
from symconv.core.errors import ParseError
from symconv.core.form import by_input
from symconv.derivation import (
    matrices,
    placed,
    sums,
)
from symconv.derivation import (
    other_views as otherviews,
)
from symconv.derivation import (
    size_chapter as sizechapter,
)
from symconv.derivation.checks import Checks, check_subject, section
from symconv.derivation.given import MOST_GIVEN, given
from symconv.derivation.notation import definitions, flat_index, planes, shown_lead
from symconv.derivation.subject import Options, Subject, read_subject
from symconv.exact.containers import nest, to_container, to_sympy
from symconv.exact.operands import Sizes
from symconv.exact.unrolled import unroll
from symconv.render.result import Result
from symconv.render.tree import Block, Document, Heading
from symconv.results.evidence import Evidence, Outcome, Verdict, computed, identical
from symconv.results.reasons import stated
from symconv.targets import torchlib


def _output(subject: Subject) -> list[Block]:
    """The chapter with the whole output; empty if it has symbols, as the sums already show it."""
    if not (subject.x_values and subject.w_values):
        return []
    output = subject.output
    lead = shown_lead(subject, output.shape[:2])
    named = planes("Y", output.flat, lead, subject.geometry.out_size, subject.decimal)
    return [Heading(2, "Output"), *definitions(named[:MOST_GIVEN])]


Chapter = Callable[[Subject], list[Block]]
CHAPTERS: dict[str, Chapter] = {
    "given": given,
    "blocks": placed.chapter,
    "sums": sums.chapter,
    "output": _output,
    "matrix": matrices.chapter,
    "size": sizechapter.chapter,
}
CHECK = "check"
NAMES = (*CHAPTERS, CHECK)
ON_REQUEST: dict[str, Chapter] = {
    "stretched": otherviews.by_stretching,
    "phases": otherviews.phases,
    "pictures": otherviews.pictures,
}
"""Chapters that a page has only on request."""


@dataclass(frozen=True, repr=False)
class Derivation(Result):
    """The derivation of one configuration; parts are computed when they are first read.

    Attributes:
        subject: the configuration and its operands.
        chapters: the names of the page's chapters, from `NAMES` and `ON_REQUEST`.
        devices: the devices on which torch runs for the cross-check.

    >>> import symconv
    >>> symconv.derive([1, 2], [1, 10], stride=2).output
    [1, 10, 2, 20]
    """

    subject: Subject
    chapters: tuple[str, ...] = NAMES
    devices: tuple[str, ...] = ("cpu",)

    @property
    def output(self) -> Any:
        """The output as a SymPy Matrix or array (a NumPy array of objects for array operands)."""
        case = self.subject.case
        return to_container(self.subject.shown_output, case.x.container)

    @property
    def blocks(self) -> dict[tuple[int, ...], Any]:
        """What each input of the first sample adds: `{input index: {output index: product}}`."""
        case = self.subject.case
        found = {}
        for i, terms in by_input(self.subject.geometry).items():
            x = case.x.flat[flat_index((0, *i), case.x.shape)]
            found[i] = {
                t.o: to_sympy(x * case.w.flat[flat_index(t.k, case.w.shape)]) for t in terms
            }
        return found

    @property
    def matrix(self) -> Any:
        """W as a SymPy ImmutableSparseMatrix; its transpose maps the flat input to the output."""
        import sympy

        unrolled = unroll(self.subject.geometry, self.subject.case.w.flat)
        entries = {place: to_sympy(v) for place, v in unrolled.entries.items()}
        return sympy.ImmutableSparseMatrix(*unrolled.shape, entries)

    @cached_property
    def checks(self) -> Checks:
        """The comparisons with the oracles and torch."""
        return check_subject(self.subject, self.devices)

    @property
    def evidence(self) -> Evidence:
        """The statement of the page, the domain on which it holds and how it is known."""
        geometry = self.subject.geometry
        statement = "the output is the sum of the placed blocks"
        case = self.subject.case
        domain = f"input {case.x.shape}, weight {geometry.weight_shape}"
        domain += ", with bias" if case.bias is not None else ""
        domain += ", the parameters given"
        refute = "compare with torch, or add the blocks by hand"
        if self.subject.numeric:
            return computed(statement, domain + ", these numbers", refute)
        return identical(statement, domain + ", every value", refute)

    @property
    def verdict(self) -> Verdict:
        """Refuted if an oracle or torch disagrees, undecided if nothing could be compared."""
        cause = "; ".join(c.note for c in self.checks.oracles if c.outcome is Outcome.REFUTED)
        return Verdict(
            self.checks.outcome, self.evidence, reasons=stated(cause or self.checks.torch.detail)
        )

    @cached_property
    def document(self) -> Document:
        """The page as a tree of blocks."""
        blocks: list[Block] = []
        for name in self.chapters:
            blocks += (
                section(self.evidence, self.checks)
                if name == CHECK
                else (CHAPTERS | ON_REQUEST)[name](self.subject)
            )
        return Document(_title(self.subject), tuple(blocks))

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints; a computing verb has no verdict of its own."""
        return {
            "schema": "symconv/1",
            "verb": "derive",
            "verdict": None,
            "evidence": self.evidence.to_json(),
            "output": self.output_json(),
            "output_size": list(self.subject.geometry.out_size),
            "latex": self.to_latex(),
            "checks": self.checks.to_json(),
        }

    def output_json(self) -> Any:
        """The output as nested lists of exact text such as `7`, `-1/2`, `k_0_1*x_0_0`."""
        shown = self.subject.shown_output
        return nest([str(v) for v in shown.flat], shown.shape)


def _title(subject: Subject) -> str:
    sizes = ("x".join(map(str, s)) for s in (subject.geometry.size, subject.geometry.kernel_size))
    return "Transposed convolution: input {}, kernel {}".format(*sizes)


@suggest_names
def derive(
    x: Any = None,
    w: Any = None,
    bias: Any = None,
    *,
    input_size: Sizes | None = None,
    kernel_size: Sizes | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
    dims: int | None = None,
    in_channels: int | None = None,
    out_channels: int | None = None,
    batch: int | None = None,
    chapters: str | Sequence[str] = NAMES,
    device: str = "auto",
) -> Derivation:
    """Derive a transposed convolution of given values, or of symbols for operands given by size.

    Args:
        x: the input's values (lists, SymPy or NumPy), or None with `input_size` for symbols.
        w: the weight's values, likewise, or None with `kernel_size` for symbols; or a module
            such as torch.nn.ConvTranspose2d, which gives weight, bias and parameters.
        bias: values, True for symbols, or None for no bias.
        chapters: names from `given blocks sums output matrix size check` (the default) and
            `stretched phases pictures`, in the order of the page.
        device: `auto`, `cpu` or `cuda`, where torch runs for the cross-check.
        input_size, kernel_size: spatial sizes, for symbols.
        stride, padding, output_padding, groups, dilation: torch's parameters.
        dims: number of spatial axes, required if the ranks are ambiguous.
        in_channels, out_channels, batch: counts, for symbols.

    Raises:
        GeometryError, ShapeError, ParseError, LimitError: an argument is invalid, inconsistent
            with another one or too large; the message says what to do.
        EngineMissing: `device` is `cuda` and there is none.

    >>> import symconv
    >>> page = symconv.derive([[0, 1], [2, 3]], [[0, 1], [2, 3]])
    >>> page.output
    Matrix([
    [0, 0,  1],
    [0, 4,  6],
    [4, 12, 9]])
    """
    names = chapters.split(",") if isinstance(chapters, str) else chapters
    for name in names:
        if name not in (*NAMES, *ON_REQUEST):
            known = ", ".join((*NAMES, *ON_REQUEST))
            raise ParseError(f"chapter {name!r} is not known; choose from {known}")
    steps: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "groups": groups,
        "dilation": dilation,
    }
    if is_module(w):
        w, bias, steps = operands_of_module(w)
    options = Options(
        input_size=input_size,
        kernel_size=kernel_size,
        in_channels=in_channels,
        out_channels=out_channels,
        batch=batch,
        dims=dims,
        **steps,
    )
    subject = read_subject(x, w, bias, options)
    return Derivation(subject, tuple(names), torchlib.devices(device))
