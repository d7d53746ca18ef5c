r"""Read a page written by symconv back and check every equation on it.

Unlike in other documents, nothing is ambiguous: every product of matrices is the matrix product,
every name has a given value, and `\neq` is checked as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from symconv.documents.document import blocks_of
from symconv.documents.sources.blocks import DISPLAY, INLINE
from symconv.documents.tex.chains import Statement, statements
from symconv.documents.tex.nodes import Node, NotUnderstood, Symbol, symbols
from symconv.documents.tex.parser import Parser
from symconv.documents.values.entries import budget
from symconv.documents.values.evaluating import Evaluator
from symconv.documents.values.matrix import Value

OWN_PAGE = 10**9
"""Computation budget for a page written by symconv, which may be as large as the user requested."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two neighbouring sides of an equation, both with a value.

    Attributes:
        line: the line of the page.
        relation: `=`, `≠` or `≈`.
        left: the value of the left side.
        right: the value of the right side.
    """

    line: int
    relation: str
    left: Value
    right: Value

    @property
    def holds(self) -> bool:
        """Whether the relation is true; `≈` is checked like `=`."""
        return (self.left == self.right) != (self.relation == "≠")

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"


@dataclass(slots=True)
class ReadBack:
    """Result of reading a page back.

    Attributes:
        compared: all pairs of neighbouring sides that both have a value.
        left_out: number of sides without a value, by reason.
    """

    compared: list[Comparison] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> list[Comparison]:
        """The comparisons that do not hold."""
        return [c for c in self.compared if not c.holds]


@budget(OWN_PAGE)
def read_back(
    text: str, kind: str, values: Mapping[str, Value], letters: Collection[str] = ()
) -> ReadBack:
    """Compare the sides of every equation of a page.

    Args:
        text: the page.
        kind: latex, markdown, notebook or plain.
        values: the values of names.
        letters: names that are symbols and have no value.
    """
    found = ReadBack()
    chains: list[tuple[int, Statement]] = []
    for block in blocks_of(text, "page", kind):
        if block.kind in (DISPLAY, INLINE):
            try:
                read = statements(block.text)
            except NotUnderstood as error:
                _leave(found, str(error))
                continue
            for chain in read:
                start = chain.sides[0][0][2] if chain.sides[0] else 0
                chains.append((block.line + block.text.count("\n", 0, start), chain))
    known: dict[str, Value] = dict(values)
    for _, chain in chains:
        _define(chain, known, letters)  # a block may be used before its definition
    for line, chain in chains:
        name = _name(chain)
        if name is not None and name not in values:
            known.pop(name, None)  # redefined: the page gives it a new value from here on
        _chain(chain, line, known, letters, found)
    return found


def _leave(found: ReadBack, reason: str) -> None:
    found.left_out[reason] = found.left_out.get(reason, 0) + 1


def _chain(
    chain: Statement, line: int, known: dict[str, Value], letters: Collection[str], found: ReadBack
) -> None:
    before: Value | None = None
    for relation, tokens in zip(["", *chain.relations], chain.sides, strict=True):
        value = None
        try:
            node = Parser(list(tokens)).whole()
            value = _value(node, known, letters)
        except NotUnderstood as error:
            _leave(found, str(error))
        if relation not in ("", "=", "≈", "≠"):
            before = None
        if value is None:
            before = None if relation == "≠" else before
            continue
        if before is not None:
            found.compared.append(Comparison(line, relation, before, value))
        before = value
    _define(chain, known, letters)


def _value(node: Node, known: Mapping[str, Value], letters: Collection[str]) -> Value | None:
    names = symbols(node)
    unknown = [n for n in names if n not in known and n not in letters]
    if unknown:
        raise NotUnderstood(f"a name without a value: {min(unknown)}")
    bindings = {n: [(known[n], "")] for n in names if n in known}
    return Evaluator(bindings, one_product=True).readings(node)[0][0]


def _define(chain: Statement, known: dict[str, Value], letters: Collection[str]) -> None:
    """Record the value of a name that a page defines, as in `T_{1} = [...]`."""
    name = _name(chain)
    if name is None or name in known or chain.relations[:1] != ["="]:
        return
    try:
        value = _value(Parser(list(chain.sides[1])).whole(), known, letters)
    except NotUnderstood:
        return
    if value is not None:
        known[name] = value


def _name(chain: Statement) -> str | None:
    """The name, if the first side of a chain is a single name; None otherwise."""
    try:
        node = Parser(list(chain.sides[0])).whole()
    except NotUnderstood:
        return None
    return node.name if isinstance(node, Symbol) else None
