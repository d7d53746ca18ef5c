"""Judge general size formulas, such as `o = s (i - 1) + k - 2p`.

`role` maps a symbol or word to the quantity that it usually denotes. `laws` gives the known size
laws as polynomials in torch's parameter names; stride, dilation, padding and output padding may be
omitted from a formula (`LEFT_OUT`). `judge_formula` compares a formula with these laws.

The law of transposed convolution is `laws.out_size`. Sources of the others: the shape section
of torch.nn.Conv2d's documentation; Dumoulin & Visin, "A guide to convolution arithmetic for deep
learning" (arXiv 1603.07285), sections 2, 4 and 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations

from symconv.core import laws
from symconv.core.polynomial import Monomial, Polynomial, Scalar
from symconv.documents.claim import DOUBTFUL, GENERAL, RIGHT, WRONG, Assessment
from symconv.documents.tex.nodes import (
    Node,
    NotUnderstood,
    ProductNode,
    SumNode,
    Symbol,
    Wrapped,
    symbols,
)
from symconv.documents.values.evaluating import Evaluator
from symconv.documents.values.matrix import EntryMatrix

OUTPUT = "output"
BOTH_SIDES_WORDS = "for both sides together"
BOTH_SIDES = f"with padding counted {BOTH_SIDES_WORDS}"
"""The remark of the laws in which one number is the padding of both sides together."""
_WORDS = {
    "stride": "stride",
    "strides": "stride",
    "padding": "padding",
    "pad": "padding",
    "pads": "padding",
    "dilation": "dilation",
    "rate": "dilation",
    "kernel": "kernel_size",
    "kernel_size": "kernel_size",
    "filter": "kernel_size",
    "ksize": "kernel_size",
    "output_padding": "output_padding",
    "op": "output_padding",
    "opad": "output_padding",
    "outpad": "output_padding",
    "input": "size",
    "input_size": "size",
    "in": "size",
    "output": OUTPUT,
    "output_size": OUTPUT,
    "out": OUTPUT,
}
_LETTERS = {
    **dict.fromkeys("sS", "stride"),
    **dict.fromkeys("pP", "padding"),
    **dict.fromkeys("kKfF", "kernel_size"),
    **dict.fromkeys("d", "dilation"),
    **dict.fromkeys("inNMHWLhw", "size"),
    **dict.fromkeys("a", "output_padding"),
    **dict.fromkeys("oO", OUTPUT),
}
_AXES = frozenset("h w x y H W 1 2 0 i".split())


def role(name: str) -> str | None:
    """The quantity that a name usually denotes, as a torch parameter name; None if unknown."""
    plain = name.rstrip("'").rpartition(" ")[2].rstrip("'")
    if plain.lower() in _WORDS:
        return _WORDS[plain.lower()]
    base, _, index = plain.partition("_")
    index = index.lower().replace(" ", "")
    if index in ("out", "o", "output") or index.startswith(("out_", "o_")):
        if _LETTERS.get(base) == "padding":
            return "output_padding"
        return OUTPUT if _LETTERS.get(base) == "size" else None
    known = _WORDS.get(base.lower()) or _LETTERS.get(base)
    if index in ("in", "input") or index.startswith("in_"):
        return "size" if known == "size" else None
    return known if not index or index in {a.lower() for a in _AXES} else None


def roles(names: set[str]) -> dict[str, str] | None:
    """The quantity of every name; None unless all are known and different."""
    found = {name: role(name) for name in names}
    known = [r for r in found.values() if r is not None and r != OUTPUT]
    if len(known) < len(found) or len(set(known)) < len(known):
        return None
    return {name: r for name, r in found.items() if r is not None}


_V = Polynomial.variable
LEFT_OUT: dict[str, Scalar] = {"stride": 1, "dilation": 1, "padding": 0, "output_padding": 0}
"""The value of each quantity that a formula may omit."""

TRANSPOSED = "the output size of a transposed convolution"
CONVOLUTION = "the output size of a convolution"


@dataclass(frozen=True, slots=True)
class Law:
    """A size law: `floor(numerator / denominator)`.

    Attributes:
        name: the quantity that it gives.
        numerator: a polynomial in torch's parameter names.
        denominator: a polynomial; 1 if there is no division.
        remark: the padding convention that it assumes; empty for the usual one.
        both_sides: whether its padding is that of both sides together.
        gives_padding: whether it gives a padding instead of a size.
    """

    name: str
    numerator: Polynomial
    denominator: Polynomial
    remark: str = ""
    gives_padding: bool = False
    both_sides: bool = False

    def special(self, present: frozenset[str]) -> tuple[Polynomial, Polynomial] | None:
        """The law specialised to the quantities in `present`: numerator and denominator.

        None if a quantity that must not be omitted is absent, or the law lacks a present one.
        """
        names = {*self.numerator.variables, *self.denominator.variables}
        absent = names - present
        if not present <= names or not absent <= set(LEFT_OUT):
            return None
        values = {n: _V(n) if n in present else Polynomial.constant(LEFT_OUT[n]) for n in names}
        one = Polynomial.constant(1)
        above = self.numerator.evaluate(values) + 0 * one
        below = self.denominator.evaluate(values) + 0 * one
        return above, below

    def specials(self, count: int) -> list[tuple[frozenset[str], Polynomial, Polynomial]]:
        """All specialisations to `count` quantities, each with the set of these quantities."""
        names = frozenset({*self.numerator.variables, *self.denominator.variables})
        found = []
        for gone in combinations(sorted(names & set(LEFT_OUT)), max(len(names) - count, 0)):
            special = self.special(names - set(gone))
            if special is not None and len(names) >= count:
                found.append((names - set(gone), *special))
        return found


@lru_cache(maxsize=1)
def known_laws() -> tuple[Law, ...]:
    """All known size laws, the usual padding convention first."""
    n, k, s, p, d = map(_V, ("size", "kernel_size", "stride", "padding", "dilation"))
    op, one = _V("output_padding"), Polynomial.constant(1)
    found = []
    conventions = (
        (p, p, "", False),
        (p, Polynomial(), BOTH_SIDES, True),
        (_V("padding_begin"), _V("padding_end"), "with a padding for each side", False),
    )
    for begin, end, remark, both in conventions:
        cropped = laws.out_size(
            size=n, kernel_size=k, stride=s, dilation=d, crop_begin=begin, crop_end=end - op
        )
        found.append(Law(TRANSPOSED, cropped, one, remark, both_sides=both))
        span = laws.conv_span(
            size=n, kernel_size=k, padding_begin=begin, padding_end=end, dilation=d
        )
        found.append(Law(CONVOLUTION, span + s, s, remark, both_sides=both))
    return (
        *found,
        Law("the extent of a dilated kernel", laws.extent(kernel_size=k, dilation=d), one),
        Law("the size of an input with zeros inserted", s * (n - 1) + 1, one),
        Law(
            "the padding of the convolution that does the same",
            d * (k - 1) - p,
            one,
            gives_padding=True,
        ),
        Law(
            "the padding that keeps the size",
            d * (k - 1),
            Polynomial.constant(2),
            gives_padding=True,
        ),
        Law("the output size of a padded (same) convolution", n + s - 1, s),
    )


MOST_NAMES = 7
SIZE_MEANT = (
    r"(?i)output(?:'s)? (?:size|length|shape|dimension)|(?:size|length) of (?:the|its) output"
)


@dataclass(frozen=True, slots=True)
class Quotient:
    """A formula as one fraction: `rounding(above / below)`."""

    above: Polynomial
    below: Polynomial
    rounding: str


def judge_formula(
    left: Node, right: Node, *, convolution_meant: bool, before: str = "", page: str = ""
) -> Assessment | None:
    """Judge a general formula `name = ...`; None if it does not resemble a size law.

    Args:
        left: the left side.
        right: the right side.
        convolution_meant: whether the page mentions a convolution.
        before: the text directly before the formula.
        page: the whole text, which may say how it counts padding.
    """
    names = symbols(right)
    if not isinstance(left, Symbol) or not 1 <= len(names) <= MOST_NAMES or left.name in names:
        return None
    try:
        form = _form(right)
    except NotUnderstood:
        return None
    if len(form.above.terms) < 2 and form.below.as_scalar == 1:
        return None
    given = roles(names)
    if given is not None:
        law = _known(form, given)
        if law is not None:
            fits = law.gives_padding == (role(left.name) == "padding")
            present = frozenset(given.values())
            return _stated(law, _said(law, present), page, left) if fits else None
    other = _renamed(form, names)
    if other is not None:
        law, said = other
        return Assessment(GENERAL, said, left.at) if given else _stated(law, said, page, left)
    if given is None:
        return None
    size_meant = re.search(SIZE_MEANT, before) is not None
    return _nearly(form, given, left, convolution_meant=convolution_meant, size_meant=size_meant)


def _polynomial(node: Node) -> Polynomial:
    from symconv.core.polynomial import as_polynomial

    value = Evaluator().readings(node)[0][0]
    if isinstance(value, EntryMatrix):
        raise NotUnderstood("a matrix")
    return as_polynomial(value)


def _form(node: Node) -> Quotient:
    """Bring a formula over one denominator.

    Raises:
        NotUnderstood: it has two quotients, or operations other than sums, products and rounding.
    """
    one = Polynomial.constant(1)
    if isinstance(node, Wrapped) and node.kind in ("floor", "ceil") and node.inner is not None:
        inner = _form(node.inner)
        if inner.rounding:
            raise NotUnderstood("a rounding of a rounding")
        return Quotient(inner.above, inner.below, node.kind)
    if isinstance(node, SumNode):
        total, quotient = Polynomial(), None
        for sign, part in node.terms:
            try:
                total = total + sign * _polynomial(part)
            except NotUnderstood:
                if quotient is not None or sign != 1:
                    raise
                quotient = _form(part)
        if quotient is None:
            return Quotient(total, one, "")
        return Quotient(quotient.above + total * quotient.below, quotient.below, quotient.rounding)
    if isinstance(node, ProductNode) and node.factors[-1][0] == "/":
        above = ProductNode(node.factors[:-1]) if len(node.factors) > 2 else node.factors[0][1]
        below = _polynomial(node.factors[-1][1])
        if not below:
            raise NotUnderstood("a division by zero")
        return Quotient(_polynomial(above), below, "")
    return Quotient(_polynomial(node), one, "")


def _whole(form: Quotient) -> Quotient:
    """Rewrite a fraction with integer coefficients, and rounding up as rounding down."""
    above, below = form.above, form.below
    denominators = [c.denominator for _, c in above.terms if not isinstance(c, int)]
    if denominators and below.as_scalar == 1:
        above, below = above * max(denominators), below * max(denominators)
    if form.rounding == "ceil":
        above = above + below - 1
    return Quotient(above, below, "floor")


TOTAL = re.compile(
    r"(?i)\b(?:total(?:\s+(?:amount|number|of))?|in total|altogether|both sides together)\b"
    r"[^.]{0,60}\bpad|\bpad\w*[^.]{0,60}\b(?:in total|altogether|both sides together|total)\b"
    r"|\ba total of\b[^.]{0,60}\bpad"
)
PER_SIDE = re.compile(
    r"(?i)\b(?:each|every|either|both|all)\s+(?:side|border|edge|end|boundar)\w*|\bper side\b"
    r"|\bto the left and\b|\bleft and right\b|padding\s*=|nn\.Conv"
    r"|2\s*(?:\\cdot|\\times|\*)?\s*\\?(?:p|P|text\{padding\}|padding)\b"
)


def _stated(law: Law, said: str, page: str, left: Symbol) -> Assessment:
    """The finding for a formula that equals a law.

    It is right, except that a law with the padding of both sides together requires the page to say
    that it counts padding in this way.
    """
    if not law.both_sides:
        return Assessment(RIGHT, said, left.at)
    if TOTAL.search(page):
        return Assessment(RIGHT, said, left.at)
    conventions = (
        f"right if the padding is counted {BOTH_SIDES_WORDS}; if it is counted for each side, it "
        "must appear twice"
    )
    if PER_SIDE.search(page):
        note = f"{said}: {conventions}, and the page counts it for each side"
        return Assessment(DOUBTFUL, note, left.at)
    return Assessment(GENERAL, f"{said}: {conventions}; the page does not say which", left.at)


def _known(form: Quotient, given: dict[str, str]) -> Law | None:
    """The law that a formula equals if its symbols have their usual meaning; None if none."""
    whole = _whole(form)
    above, below = _renaming(whole.above, given), _renaming(whole.below, given)
    present = frozenset(given.values())
    for law in known_laws():
        special = law.special(present)
        if special == (above, below):
            return law
    return None


def _said(law: Law, present: frozenset[str]) -> str:
    names = {*law.numerator.variables, *law.denominator.variables}
    gone = [f"{n} {LEFT_OUT[n]}" for n in LEFT_OUT if n in names - present]
    special = f", the special case of {', '.join(gone)}".replace("_", " ") if gone else ""
    return law.name + special + (f", {law.remark}" if law.remark else "")


def _renaming(polynomial: Polynomial, names: dict[str, str]) -> Polynomial:
    new = [((tuple(sorted(names[n] for n in monomial)), c),) for monomial, c in polynomial.terms]
    return type(polynomial).sum([type(polynomial)(terms) for terms in new])


Terms = frozenset[tuple["Monomial", object]]


def _terms(polynomial: Polynomial, names: dict[str, str] | None = None) -> Terms:
    found = set()
    for monomial, c in polynomial.terms:
        found.add((tuple(sorted(names[n] for n in monomial) if names else sorted(monomial)), c))
    return frozenset(found)


def _shape(*polynomials: Polynomial) -> list[list[tuple[int, str]]]:
    return [sorted((len(m), str(c)) for m, c in p.terms) for p in polynomials]


def _renamed(form: Quotient, names: set[str]) -> tuple[Law, str] | None:
    """The law that a formula equals if its symbols have other meanings, and its description."""
    whole = _whole(form)
    shape = _shape(whole.above, whole.below)
    letters = sorted(names)
    least = 4 if whole.below.as_scalar == 1 else 3
    if not least <= len(letters) <= 6:
        return None
    for law in known_laws():
        for present, above, below in law.specials(len(letters)):
            if _shape(above, below) != shape:
                continue
            wanted = _terms(above), _terms(below)
            for meaning in permutations(sorted(present)):
                trial = dict(zip(letters, meaning, strict=True))
                if (_terms(whole.above, trial), _terms(whole.below, trial)) == wanted:
                    told = ", ".join(f"{n} for {m}".replace("_", " ") for n, m in trial.items())
                    return law, f"{_said(law, present)}, with {told}"
    return None


def _nearly(
    form: Quotient,
    given: dict[str, str],
    left: Symbol,
    *,
    convolution_meant: bool,
    size_meant: bool,
) -> Assessment | None:
    """The finding for a formula that has the main terms of a law but is not that law.

    Its symbols have their usual meaning (`given`). `size_meant`: the text before the formula
    mentions an output size.
    """
    present = frozenset(given.values())
    if not {"size", "kernel_size"} <= present or not {"stride", "padding"} & present:
        return None
    above = dict(_renaming(form.above, given).terms)
    below = _renaming(form.below, given)
    if below.as_scalar != 1:
        framed = str(below) == "stride" and above.get(("size",)) == 1
        name = CONVOLUTION
    elif "stride" in present:
        framed = above.get(("size", "stride")) == 1
        name = TRANSPOSED
    else:
        framed = above.get(("size",)) == 1 and above.get(("kernel_size",)) in (1, -1)
        name = TRANSPOSED if above.get(("kernel_size",)) == 1 else CONVOLUTION
    if "padding" in present and abs(above.get(("padding",), 0)) != 2:
        framed = False  # a single padding occurs in the index of an output, not in its size
    said = size_meant or len(left.name) > 2
    if not framed or role(left.name) != OUTPUT or not (said or convolution_meant):
        return None
    note = f"not {name}, which is {_written(name, {r: n for n, r in given.items()})}"
    if form.rounding == "ceil":
        return Assessment(GENERAL, f"{note}; rounded up, as in some pooling", left.at)
    # a single symbol may be an index or another quantity; a longer name such as "out" is the size
    return Assessment(WRONG if said else DOUBTFUL, note, left.at)


def _written(name: str, names: dict[str, str]) -> str:
    """Write a law in its usual form with the symbols of the page."""
    n, k = names["size"], names["kernel_size"]
    s, p, d = (names.get(r) for r in ("stride", "padding", "dilation"))
    extra = names.get("output_padding")
    if name == TRANSPOSED:
        head = f"({n} - 1) {s}" if s else n
        kernel = f" + {d} ({k} - 1)" if d else f" + {k}"
        ones = (1 if d else 0) - (0 if s else 1)
        tail = f" {'+' if ones > 0 else '-'} 1" if ones else ""
        return head + kernel + (f" - 2{p}" if p else "") + (f" + {extra}" if extra else "") + tail
    room = n + (f" + 2{p}" if p else "") + (f" - {d} ({k} - 1) - 1" if d else f" - {k}")
    return f"floor(({room}) / {s}) + 1" if s else f"{room} + 1"
