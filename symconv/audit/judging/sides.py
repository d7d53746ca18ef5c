"""One side of a chain: read, evaluated, and whether its value rests on names outside matrices."""

from __future__ import annotations

from symconv.audit.tex.lexer import Token
from symconv.audit.tex.nodes import (
    Grid,
    Listed,
    Node,
    NotUnderstood,
    Number,
    Product,
    Sum,
    Symbol,
    Wrapped,
    has_list,
    symbols,
)
from symconv.audit.tex.parser import Parser
from symconv.audit.values.evaluating import Bound, Evaluator
from symconv.audit.values.matrix import Reading, SizesDiffer, Value

LIMITS = frozenset("lim limsup liminf sup inf max min argmax argmin varlimsup".split())


class Side:
    """What stands between two relations.

    Attributes:
        node: the formula, None if it is not understood.
        reason: why it is not.
        outer: names outside matrices.
        called: names before a bracket, which may be functions.
        plain: its value where no outer name occurs and between matrices the matrix product is
            meant; empty where that has none.
        misfit: matrices of different sizes are added.
        limit: it holds a limit, a maximum or the like, whose value is not computed.
        at: where it begins.
    """

    __slots__ = (
        "_readings",
        "at",
        "called",
        "limit",
        "misfit",
        "node",
        "outer",
        "plain",
        "reason",
    )

    def __init__(self, found: list[Token]) -> None:
        self.at = found[0][2] if found else 0
        self.node: Node | None = None
        self.reason = ""
        self.outer: set[str] = set()
        self.called: set[str] = set()
        self.plain: list[Reading] = []
        self._readings: list[Reading] | None = None
        self.misfit = False
        self.limit = any(kind == "cmd" and text in LIMITS for kind, text, _ in found)
        if not found:
            return  # it stands elsewhere
        parser = Parser(list(found))
        try:
            self.node = parser.whole()
        except NotUnderstood as error:
            self.reason = str(error)
            return
        self.called = parser.called
        self.outer = symbols(self.node, outside_cells=True)
        if not self.outer:
            self._evaluate(self.node)

    def _evaluate(self, node: Node) -> None:
        try:
            self.plain = Evaluator(one_product=True).readings(node)
            return
        except NotUnderstood:
            pass
        try:
            self._readings = Evaluator().readings(node)
        except NotUnderstood as error:
            self.reason = str(error)
            self.misfit = isinstance(error, SizesDiffer) and not has_list(node)

    @property
    def readings(self) -> list[Reading]:
        """Its values in every reading, where no outer name occurs; reckoned when asked for."""
        if self._readings is None:
            self._readings = []
            if self.plain and self.node is not None:
                self._readings = Evaluator().readings(self.node)
        return self._readings

    @property
    def missing(self) -> bool:
        """Whether it stands elsewhere, or what it is cannot be known."""
        return self.node is None and not self.reason

    @property
    def ground(self) -> bool:
        """Whether it has a value of its own."""
        return bool(self.plain or self._readings)

    @property
    def name(self) -> str | None:
        """The name that the whole side is, if it is one."""
        return self.node.name if isinstance(self.node, Symbol) else None

    @property
    def written_out(self) -> bool:
        """Whether it is a matrix or number as printed, with no operation on it."""
        return is_literal(self.node)

    @property
    def value(self) -> Value:
        """Its plainest value, of a side that has one."""
        return (self.plain or self.readings)[0][0]

    def bound(self, bindings: Bound, wanted: tuple[int, int] | None = None) -> list[Reading]:
        """Its values under names that were given a value elsewhere; of a wanted size, if given.

        Raises:
            NotUnderstood: there is none.
        """
        assert self.node is not None
        return Evaluator(bindings, wanted=wanted).readings(self.node)


def is_literal(node: Node | None) -> bool:
    """A printed number, matrix or list, perhaps with a minus sign."""
    if isinstance(node, Sum) and len(node.terms) == 1:
        return isinstance(node.terms[0][1], Number)
    return isinstance(node, (Number, Grid, Listed))


def computes(node: Node | None) -> bool:
    """Whether an operation stands outside the cells."""
    return isinstance(node, (Sum, Product, Wrapped)) and not is_literal(node)
