"""The derivation of one configuration: chapters about a subject, as a page in any format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
from symconv.derivation.subject import Subject, read_subject
from symconv.exact.containers import nest, to_container, to_sympy
from symconv.exact.unrolled import unroll
from symconv.render import html, latex, markdown, notebook, text
from symconv.render.lines import Limits
from symconv.render.tree import Block, Document, Equation, Heading
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


@dataclass(frozen=True)
class Derivation:
    """The derivation of one configuration; parts are computed when they are first read.

    Attributes:
        subject: the configuration and its operands.
        chapters: the names of the page's chapters, from `NAMES` and `ON_REQUEST`.
        devices: the devices on which torch runs for the cross-check.
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

    def to_text(self, limits: Limits = text.SCREEN) -> str:
        """The page as plain text for a terminal."""
        return text.page(self.document, limits)

    def to_latex(self, limits: Limits = latex.PAGE, *, standalone: bool = False) -> str:
        """The page as LaTeX to paste into an article with amsmath, or as a complete article."""
        return (latex.standalone if standalone else latex.fragment)(self.document, limits)

    def to_markdown(self, limits: Limits = latex.PAGE) -> str:
        """The page as Markdown with formulas in `$` and `$$`."""
        return markdown.page(self.document, limits)

    def to_html(self, limits: Limits = html.SCREEN) -> str:
        """The page as a self-contained HTML file."""
        return html.page(self.document, limits)

    def to_notebook(self) -> str:
        """The page as the text of a Jupyter notebook."""
        return notebook.page(self.document)

    def _repr_html_(self) -> str:
        return html.fragment(self.document)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_latex_(self) -> str:
        formulas = [b.math for b in self.document.blocks if isinstance(b, Equation)]
        return f"$\\displaystyle {latex.displays((formulas[-1],))[0]}$" if formulas else ""

    def output_json(self) -> Any:
        """The output as nested lists of exact text such as `7`, `-1/2`, `k_0_1*x_0_0`."""
        shown = self.subject.shown_output
        return nest([str(v) for v in shown.flat], shown.shape)


def _title(subject: Subject) -> str:
    sizes = ("x".join(map(str, s)) for s in (subject.geometry.size, subject.geometry.kernel_size))
    return "Transposed convolution: input {}, kernel {}".format(*sizes)


def derive(
    x: Any = None,
    w: Any = None,
    bias: Any = None,
    *,
    chapters: Sequence[str] = NAMES,
    device: str = "auto",
    **parameters: Any,
) -> Derivation:
    """Derive a transposed convolution of given values, or of symbols for operands given by size.

    Args:
        x: the input's values (lists, SymPy or NumPy), or None with `input_size` for symbols.
        w: the weight's values, likewise, or None with `kernel_size` for symbols.
        bias: values, True for symbols, or None for no bias.
        chapters: names from `given blocks sums output matrix size check` (the default) and
            `stretched phases pictures`, in the order of the page.
        device: `auto`, `cpu` or `cuda`, where torch runs for the cross-check.
        parameters: any of `stride padding output_padding groups dilation dims input_size
            kernel_size in_channels out_channels batch`.

    Raises:
        GeometryError, ShapeError, ParseError, LimitError: an argument is invalid, inconsistent
            with another one or too large; the message says what to do.
        EngineMissing: `device` is `cuda` and there is none.
    """
    for name in chapters:
        if name not in (*NAMES, *ON_REQUEST):
            known = ", ".join((*NAMES, *ON_REQUEST))
            raise ParseError(f"chapter {name!r} is not known; there are {known}")
    subject = read_subject(x, w, bias, **parameters)
    return Derivation(subject, tuple(chapters), torchlib.devices(device))
