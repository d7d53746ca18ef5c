"""A general formula compared with the size laws: right, a special case, wrong, or none of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import permutations

from symconv.audit.claim import DOUBTFUL, GENERAL, RIGHT, WRONG, Finding
from symconv.audit.sizes.laws import Law
from symconv.audit.sizes.roles import BOTH_SIDES, BOTH_SIDES_WORDS, OUTPUT, role, roles
from symconv.audit.tex.nodes import Node, NotUnderstood, Product, Sum, Symbol, Wrapped, symbols
from symconv.audit.values.evaluating import Evaluator
from symconv.audit.values.matrix import Matrix
from symconv.polynomial import Monomial, Polynomial

MOST_NAMES = 7
SIZE_MEANT = (
    r"(?i)output(?:'s)? (?:size|length|shape|dimension)|(?:size|length) of (?:the|its) output"
)


@dataclass(frozen=True, slots=True)
class Quotient:
    """`rounding(above / below)`, everything brought over one denominator."""

    above: Polynomial
    below: Polynomial
    rounding: str


def judge_formula(
    left: Node, right: Node, *, convolution_meant: bool, before: str = "", page: str = ""
) -> Finding | None:
    """What a general formula `name = ...` is; None if it is no size law at all.

    `convolution_meant`: the page speaks of a convolution; `before`: the text right before it;
    `page`: the whole text, which may say how it counts padding.
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
        return Finding(GENERAL, said, left.at) if given else _stated(law, said, page, left)
    if given is None:
        return None
    size_meant = re.search(SIZE_MEANT, before) is not None
    return _nearly(form, given, left, convolution_meant=convolution_meant, size_meant=size_meant)


def _polynomial(node: Node) -> Polynomial:
    from symconv.polynomial import as_polynomial

    value = Evaluator().readings(node)[0][0]
    if isinstance(value, Matrix):
        raise NotUnderstood("a matrix")
    return as_polynomial(value)


def _form(node: Node) -> Quotient:
    """A formula over one denominator.

    Raises:
        NotUnderstood: it has two quotients, or something else than sums, products and roundings.
    """
    one = Polynomial.constant(1)
    if isinstance(node, Wrapped) and node.kind in ("floor", "ceil") and node.inner is not None:
        inner = _form(node.inner)
        if inner.rounding:
            raise NotUnderstood("a rounding of a rounding")
        return Quotient(inner.above, inner.below, node.kind)
    if isinstance(node, Sum):
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
    if isinstance(node, Product) and node.factors[-1][0] == "/":
        above = Product(node.factors[:-1]) if len(node.factors) > 2 else node.factors[0][1]
        below = _polynomial(node.factors[-1][1])
        if not below:
            raise NotUnderstood("a quotient by zero")
        return Quotient(_polynomial(above), below, "")
    return Quotient(_polynomial(node), one, "")


def _whole(form: Quotient) -> Quotient:
    """Rounding up written as rounding down; fractions as one quotient."""
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


def _stated(law: Law, said: str, page: str, left: Symbol) -> Finding:
    """A law is right as it stands; one with the padding of both sides, only if the page says so."""
    if law.remark != BOTH_SIDES:
        return Finding(RIGHT, said, left.at)
    if TOTAL.search(page):
        return Finding(RIGHT, said, left.at)
    conventions = (
        f"right if the padding is counted {BOTH_SIDES_WORDS}; with the padding of each side it "
        "must stand twice"
    )
    if PER_SIDE.search(page):
        note = f"{said}: {conventions}, and the page speaks of each side"
        return Finding(DOUBTFUL, note, left.at)
    return Finding(GENERAL, f"{said}: {conventions}; the page does not say which", left.at)


def _known(form: Quotient, given: dict[str, str]) -> Law | None:
    """The law that a formula is, with its letters in their usual meaning."""
    from symconv.audit.sizes.laws import laws

    whole = _whole(form)
    above, below = _renaming(whole.above, given), _renaming(whole.below, given)
    present = frozenset(given.values())
    for law in laws():
        special = law.special(present)
        if special == (above, below):
            return law
    return None


def _said(law: Law, present: frozenset[str]) -> str:
    from symconv.audit.sizes.laws import LEFT_OUT

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
    """The law that a formula is under other meanings of its letters."""
    from symconv.audit.sizes.laws import laws

    whole = _whole(form)
    shape = _shape(whole.above, whole.below)
    letters = sorted(names)
    least = 4 if whole.below.as_scalar == 1 else 3
    if not least <= len(letters) <= 6:
        return None
    for law in laws():
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
) -> Finding | None:
    """Letters in their usual meaning, the frame of a law, and yet not the law."""
    from symconv.audit.sizes.laws import CONVOLUTION, TRANSPOSED

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
        framed = False  # one padding alone stands in the index of an output, not in its size
    said = size_meant or len(left.name) > 2
    if not framed or role(left.name) != OUTPUT or not (said or convolution_meant):
        return None
    note = f"not {name}, which is {_written(name, {r: n for n, r in given.items()})}"
    if form.rounding == "ceil":
        return Finding(GENERAL, f"{note}; rounded up, as pooling may be", left.at)
    # a letter alone may be an index or another quantity; a name that says "out" is the size
    return Finding(WRONG if said else DOUBTFUL, note, left.at)


def _written(name: str, names: dict[str, str]) -> str:
    """A law in the letters of the page, as it is usually written."""
    from symconv.audit.sizes.laws import TRANSPOSED

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
