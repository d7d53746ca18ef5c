"""Read one document from top to bottom and turn every statement into a claim with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from symconv.documents.bindings import Bindings, Place
from symconv.documents.claim import DOUBTFUL, GENERAL, HEEDED, UNREAD, WRONG, Assessment, Claim
from symconv.documents.excerpt import blanked, end_of
from symconv.documents.sources.blocks import (
    CODE,
    DISPLAY,
    HEADING,
    INLINE,
    NEAR,
    REFUTED,
    TEXT,
    Block,
    Lines,
    joined,
    spans,
)
from symconv.documents.statements import judge
from symconv.documents.tex.chains import Statement, readings, statements
from symconv.documents.tex.macros import Macros, expand, read_macros
from symconv.documents.tex.nodes import NotUnderstood
from symconv.documents.units import has_unit, power_of_ten

KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "latex",
    ".ipynb": "notebook",
    ".txt": "plain",
    ".rst": "rst",
    ".qmd": "markdown",
    ".rmd": "markdown",
    ".mdx": "markdown",
}
_EQUAL = re.compile(
    r"=|≈|≡|\\(?:approx|equiv|simeq|doteq|coloneqq|triangleq|neq?|begin|text)\b|[≔≃]"
)
_CONVOLUTION = re.compile(r"(?i)convol|kernel|stride")
_ARITHMETIC = re.compile(r"(?i)mod|clock|bool|binary|octal|hexa|true or|find the|base|math[bf][bf]")
"""Quick test before `context.other_arithmetic`: each of its patterns contains one of these."""
MOST_CLAIMS = 50_000


def kind_of(name: str) -> str:
    """The kind of a file by its extension; markdown if that is unknown."""
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return KINDS.get(ending, "markdown")


class Reading:
    """Result of reading one document.

    Attributes:
        file: the name of the document.
        claims: the claims in the order of the page.
        prose: number of sentences not judged because they say nothing about sizes.
        formulas: number of formulas that claim nothing.
        blocks: the blocks of the document.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.claims: list[Claim] = []
        self.prose = 0
        self.formulas = 0
        self.blocks: list[Block] = []


def blocks_of(text: str, name: str, kind: str) -> Iterable[Block]:
    """The blocks of a text of one of `KINDS`; a display continued in the next one is joined to it.

    Raises:
        ParseError: `kind` is notebook and the text is not one.
    """
    return joined(_blocks_of(text, name, kind))


def _blocks_of(text: str, name: str, kind: str) -> Iterable[Block]:
    if kind == "latex":
        from symconv.documents.sources import latex_source as latex

        return latex.blocks(text)
    if kind == "notebook":
        from symconv.documents.sources import notebook_source as notebook

        return notebook.blocks(text, name)
    if kind == "rst":
        from symconv.documents.sources import rst

        return rst.blocks(text)
    if kind == "plain":
        from symconv.documents.sources import plain_text as plain

        return plain.blocks(text)
    from symconv.documents.sources import markdown_source as markdown

    return markdown.blocks(text)


def read_document(
    text: str, name: str, kind: str | None = None, macros: Macros | None = None
) -> Reading:
    """Read and judge a document.

    Args:
        text: the whole file.
        name: its name in the report, whose extension determines the kind if `kind` is None.
        kind: markdown, latex, notebook, rst or plain.
        macros: LaTeX macros in addition to those that the document defines.

    Raises:
        ParseError: the document is named as a notebook and is not one.
    """
    kind = kind or kind_of(name)
    known = {**(macros or {}), **read_macros(text)}
    reader = _Reader(name, known, text)
    for block in blocks_of(text, name, kind):
        reader.take(block)
        if len(reader.reading.claims) > MOST_CLAIMS:
            finding = Assessment(
                UNREAD, f"the rest is not read: more than {MOST_CLAIMS:,} claims in one document"
            )
            reader.reading.claims.append(Claim(name, block.cell, block.line, "", finding))
            break
    reader.end_section()
    reader.reading.claims.sort(key=lambda c: (c.cell or 0, c.line))
    if kind == "latex":
        reader.reading.claims += _not_followed(text, name)
    return reader.reading


def unreadable(name: str, reason: str) -> Reading:
    """The reading of a file that cannot be read: one claim that is not understood."""
    reading = Reading(name)
    reading.claims.append(Claim(name, None, 1, "", Assessment(UNREAD, reason)))
    return reading


def _not_followed(text: str, name: str) -> Iterator[Claim]:
    from symconv.documents.sources.latex_source import INPUT

    lines = Lines(text)
    for match in INPUT.finditer(text):
        finding = Assessment(
            UNREAD, "another file, which is not followed: give it as an argument too"
        )
        yield Claim(name, None, lines.at(match.start()), match[0], finding)


class _Reader:
    """Process the blocks of a document one after another.

    Values of names persist across sections; a mark of refutation applies until the section ends.
    """

    def __init__(self, file: str, macros: Macros, page: str) -> None:
        self.reading = Reading(file)
        self.page = page
        self.headings = 0
        self.arithmetic = ""
        self.macros = macros
        self.bindings = Bindings()
        self.section = 0
        self.refuted = False
        self.convolution_meant = False

    def take(self, block: Block) -> None:
        """Process one block."""
        self.reading.blocks.append(block)
        if block.kind == HEADING:
            self.end_section()
        self.bindings.here = Place(self.headings, block.cell, printed=block.printed)
        if block.kind == REFUTED:
            self.refuted = True
        elif block.kind in (DISPLAY, INLINE):
            self._formula(block)
        elif block.kind in (TEXT, HEADING):
            self._text(block)
        elif block.kind == CODE:
            self.convolution_meant = self.convolution_meant or "conv" in block.text
            self.bindings.assigned(block.text)

    def end_section(self) -> None:
        """End a section. If it is marked as refuted, its wrong and doubtful claims become general.

        The page itself says that they are false, so it does not claim them.
        """
        if self.refuted:
            for n, claim in enumerate(self.reading.claims[self.section :], self.section):
                if claim.verdict in (WRONG, DOUBTFUL):
                    note = f"the page itself marks it as refuted; {claim.note}"
                    finding = replace(claim.finding, verdict=GENERAL, note=note)
                    self.reading.claims[n] = replace(claim, finding=finding)
        self.section = len(self.reading.claims)
        self.refuted = False
        self.headings += 1
        self.arithmetic = ""
        self.bindings.new_section()

    def _claim(self, block: Block, line: int, text: str, finding: Assessment) -> None:
        if len(self.reading.claims) <= MOST_CLAIMS:
            self.reading.claims.append(Claim(self.reading.file, block.cell, line, text, finding))

    def _formula(self, block: Block) -> None:
        expanded = any(f"\\{name}" in block.text for name in self.macros)
        if not expanded and not _EQUAL.search(block.text):
            self.reading.formulas += 1
            return
        source = block.text
        try:
            source = expand(source, self.macros) if expanded else source
            groups = readings(source)
        except NotUnderstood as error:
            self._claim(block, block.line, block.text, Assessment(UNREAD, str(error)))
            return
        lines = Lines(source, block.line)
        claimed = False
        if block.kind == INLINE and groups:
            for alternative in groups[-1]:
                if alternative:
                    _apply_unit(alternative[-1], block.after)
        for alternatives in groups:
            for statement, findings in self._judged(alternatives, lines, block):
                start = _start(statement)
                for finding in findings:
                    if finding.verdict in HEEDED:
                        finding = self._unless_denied(finding, block.before, block.after)
                    at = lines.at(max(finding.at, start) if finding.at >= 0 else start)
                    text = source[start : end_of(statement)]
                    self._claim(block, at, text, finding)
                    claimed = True
        self.reading.formulas += not claimed

    def _judged(
        self, alternatives: list[list[Statement]], lines: Lines, block: Block
    ) -> list[tuple[Statement, list[Assessment]]]:
        """The findings of the first alternative without a wrong or doubtful one, else of the last.

        The bindings made by the chosen alternative are kept.
        """
        for n, chosen in enumerate(alternatives):
            last = n + 1 == len(alternatives)
            bindings = self.bindings if last else self.bindings.copied()
            found = [
                (
                    statement,
                    judge(
                        statement,
                        bindings,
                        lines.at(_start(statement)),
                        convolution_meant=self.convolution_meant,
                        before=block.before,
                        page=self.page,
                    ),
                )
                for statement in chosen
            ]
            if last or not any(f.verdict in HEEDED for _, findings in found for f in findings):
                self.bindings = bindings
                return found
        return []

    def _text(self, block: Block) -> None:
        from symconv.documents.prose import UNKNOWN
        from symconv.documents.size_sentences import judge_sentence, sentences

        if _CONVOLUTION.search(block.text):
            self.convolution_meant = True
        lines = Lines(block.text, block.line)
        known = spans(block.text, markdown=True) if block.spans is None else block.spans
        found_spans = [s for s in known if s.kind != CODE]
        if not self.arithmetic and _ARITHMETIC.search(block.text):
            from symconv.documents.context import other_arithmetic

            self.arithmetic = other_arithmetic(block.text)
        self.bindings.introduced(block.text)
        outside = blanked(block.text, found_spans, UNKNOWN) if "=" in block.text else ""
        if "=" in outside:
            self._arithmetic(block, outside, lines)
        text = blanked(block.text, [s for s in found_spans if s.kind == DISPLAY])
        for at, sentence in sentences(text):
            found = judge_sentence(sentence)
            if found is None:
                self.reading.prose += 1
            else:
                self._claim(block, lines.at(at), sentence, found)

    def _arithmetic(self, block: Block, outside: str, lines: Lines) -> None:
        from symconv.documents.prose import arithmetic

        for at, equation, power in arithmetic(outside):
            if equation is None:
                line = block.text[at:].partition("\n")[0]
                reason = "text next to this equation is not read, but may belong to it"
                self._claim(block, lines.at(at), line, Assessment(UNREAD, reason))
                continue
            near = block.text[max(0, at - NEAR) : at], block.text[at + len(equation) :][:NEAR]
            for statement in statements(equation.replace("*", r"\cdot ")):
                if power is not None:
                    statement.scale_last(power)
                for finding in judge(statement, Bindings()):
                    if finding.verdict in HEEDED:
                        finding = self._unless_denied(finding, *near)
                    if finding.verdict == WRONG and len(statement.sides) > 2:
                        said = "a chain in plain text may be a running total"
                        note = f"{finding.note}. Doubtful: {said}"
                        finding = Assessment(DOUBTFUL, note, finding.at)
                    self._claim(block, lines.at(at), equation, finding)

    def _unless_denied(self, finding: Assessment, before: str, after: str) -> Assessment:
        """Make a finding general if the surrounding text denies, supposes or asks the formula."""
        from symconv.documents.context import claims_nothing  # imported only if needed

        word = self.arithmetic or claims_nothing(before, after)
        if not word:
            return finding
        said = f"the surrounding text says {word!r}, so it claims nothing here"
        return Assessment(GENERAL, f"{said}; {finding.note}", finding.at)


def _start(statement: Statement) -> int:
    return next((side[0][2] for side in statement.sides if side), 0)


def _apply_unit(statement: Statement, after: str) -> None:
    """Apply a word directly after an inline formula: a power of ten, or a unit.

    A unit removes the last side, whose value then cannot be known.
    """
    power = power_of_ten(after)
    if power is not None:
        statement.scale_last(power)
    elif has_unit(after):
        statement.cut_last()
