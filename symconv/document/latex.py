r"""LaTeX that pdflatex with amsmath, KaTeX (strict) and MathJax all accept.

Up to 10 columns `bmatrix`; more are a spelled-out `array`, since amsmath stops at 10 columns and
KaTeX knows neither `MaxMatrixCols` nor `*{n}{c}`. No colours, no user macros. Pages need amsmath
alone.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from symconv.document.latexwidth import TEXT_WIDTH, width
from symconv.document.lines import Limits, Piece, broken, fitted
from symconv.document.tree import (
    Badge,
    Block,
    Chain,
    Code,
    Document,
    Dots,
    Equation,
    EquationList,
    Heading,
    Inline,
    Inner,
    Letter,
    Listing,
    Math,
    Matrix,
    Paragraph,
    Power,
    Product,
    Sum,
    Table,
    Value,
)
from symconv.names import GREEK
from symconv.polynomial import Polynomial, powers

PAGE = Limits(TEXT_WIDTH)
BMATRIX_COLUMNS = 10

_RELATIONS = {"=": "=", "!=": r"\neq", "<": "<", ">=": r"\geq", "->": r"\to"}
_DOTS = {"row": r"\vdots", "column": r"\cdots", "both": r"\ddots", "sum": r"\cdots"}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\^{}",
    "~": r"\~{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
}


@lru_cache(maxsize=65536)
def symbol(name: str) -> str:
    r"""`x_0_1` as `x_{0,1}`, `alpha` as `\alpha`, `ab` as `\mathit{ab}`."""
    base, *indices = name.split("_")
    if base in GREEK:
        base = "\\" + base
    elif len(base) > 1:
        base = rf"\mathit{{{base}}}"
    return f"{base}_{{{','.join(indices)}}}" if indices else base


@lru_cache(maxsize=65536)
def _monomial(monomial: tuple[str, ...]) -> str:
    parts = (symbol(n) if p == 1 else f"{symbol(n)}^{{{p}}}" for n, p in powers(monomial))
    return " ".join(parts)


def finite_decimal(value: Fraction) -> str | None:
    """`-1/4` as `-0.25`; None when the decimals do not end."""
    twos = fives = 0
    rest = value.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return None
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def number(value: int | Fraction, decimal: bool = False) -> str:
    r"""An exact number: `3`, `-\frac{1}{2}`, or `0.5` when decimals are asked for and end."""
    if isinstance(value, int):
        return str(value)
    shown = finite_decimal(value) if decimal else None
    if shown is not None:
        return shown
    return rf"{'-' if value < 0 else ''}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def polynomial(value: Polynomial, decimal: bool = False) -> str:
    """Terms in canonical order, factors side by side."""
    parts: list[str] = []
    for monomial, coefficient in value.terms:
        if not monomial:
            text = number(coefficient, decimal)
        elif coefficient in (1, -1):
            text = ("-" if coefficient < 0 else "") + _monomial(monomial)
        else:
            text = f"{number(coefficient, decimal)} {_monomial(monomial)}"
        parts.append(_joined(text) if parts else text)
    return "".join(parts) or "0"


def _joined(text: str) -> str:
    """A term behind another one: its sign becomes the operation."""
    return f" - {text[1:]}" if text.startswith("-") else f" + {text}"


def _value(node: Value) -> str:
    if isinstance(node.value, Polynomial):
        return polynomial(node.value, node.decimal)
    return number(node.value, node.decimal)


def _letter(node: Letter) -> str:
    return symbol("_".join((node.name, *map(str, node.indices))))


def _power(node: Power) -> str:
    base = math(node.base)
    if not isinstance(node.base, Letter):
        base = rf"\left({base}\right)"
    return f"{base}^{{{node.exponent}}}"


def _factor(node: Math, first: bool) -> str:
    text = math(node)
    several = isinstance(node, (Sum, Chain)) or (
        isinstance(node, Value) and isinstance(node.value, Polynomial) and len(node.value.terms) > 1
    )
    return rf"\left({text}\right)" if several or (text.startswith("-") and not first) else text


def _product(node: Product) -> str:
    sign = r" \cdot " if node.dot else " "
    return sign.join(_factor(f, first=n == 0) for n, f in enumerate(node.factors))


def _sum(node: Sum) -> str:
    parts = [math(term) for term in node.terms]
    return "".join([parts[0], *map(_joined, parts[1:])]) if parts else "0"


def _matrix(node: Matrix) -> str:
    highlights = node.highlights
    lines = []
    for r, row in enumerate(node.rows):
        cells = [math(cell) if cell is not None else "" for cell in row]
        if highlights:
            cells = [
                rf"\boxed{{{text}}}" if (r, c) in highlights else text
                for c, text in enumerate(cells)
            ]
        lines.append(" & ".join(cells))
    body = " \\\\\n".join(lines)
    columns = len(node.rows[0])
    if columns <= BMATRIX_COLUMNS:
        return f"\\begin{{bmatrix}}\n{body}\n\\end{{bmatrix}}"
    return f"\\left[\\begin{{array}}{{{'c' * columns}}}\n{body}\n\\end{{array}}\\right]"


def _chain(node: Chain) -> str:
    parts = [math(node.sides[0])]
    for relation, side in zip(node.relations, node.sides[1:], strict=True):
        parts.append(f"{_RELATIONS[relation]} {math(side)}")
    return " ".join(parts)


_WRITERS: dict[type, Any] = {
    Value: _value,
    Letter: _letter,
    Power: _power,
    Product: _product,
    Inner: lambda n: rf"\left\langle {math(n.left)}, {math(n.right)} \right\rangle",
    Sum: _sum,
    Dots: lambda n: _DOTS[n.kind],
    Matrix: _matrix,
    Chain: _chain,
}


def math(node: Math) -> str:
    """A formula without delimiters and without line breaks of its own."""
    return str(_WRITERS[type(node)](node))


def _line(cut: list[Piece], first: bool, align_at: str = "&") -> str:
    """One line; `first` means that the left-hand side stands before the alignment point."""
    parts = []
    for n, piece in enumerate(cut):
        text = math(piece.math)
        sign = piece.sign
        if sign == "+" and text.startswith("-"):
            sign, text = "-", text[1:]
        sign = _RELATIONS.get(sign, sign)
        align = align_at if n == int(first) else ""
        gap = r"\quad " if align and piece.sign == "+" else ""
        parts.append(f"{align}{gap}{sign} {text}" if sign else text)
    return " ".join(parts)


def display(node: Math, limits: Limits = PAGE) -> str:
    """A formula for a line of its own: whole, with dots, or broken into aligned lines."""
    if isinstance(node, Matrix):
        return math(fitted(node, width, limits))
    if not isinstance(node, Chain):
        return math(node)
    lines = broken(node, width, limits)
    if len(lines) == 1:
        return _line(lines[0], first=True, align_at="")
    body = " \\\\\n".join(_line(line, first=n == 0) for n, line in enumerate(lines))
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def aligned(chains: tuple[Chain, ...], limits: Limits = PAGE) -> list[str]:
    """Chains below each other; long lists become several displays, so that pages can break."""
    lines: list[str] = []
    for chain in chains:
        lines += [_line(line, first=n == 0) for n, line in enumerate(broken(chain, width, limits))]
    groups = [lines[n : n + 24] for n in range(0, len(lines), 24)]
    return ["\\begin{aligned}\n" + " \\\\\n".join(g) + "\n\\end{aligned}" for g in groups]


def text(words: str) -> str:
    """Words with LaTeX's special characters made harmless; anything but ASCII is a mistake."""
    words.encode("ascii")
    return "".join(_SPECIAL.get(c, c) for c in words)


def inline(parts: tuple[Inline, ...]) -> str:
    """The parts of a paragraph."""
    written = []
    for part in parts:
        if isinstance(part, str):
            written.append(text(part))
        elif isinstance(part, Code):
            written.append(rf"\texttt{{{text(part.text)}}}")
        else:
            written.append(f"${math(part)}$")
    return "".join(written)


def _table(node: Table) -> str:
    """One tabular a row, so that a page can break between any two."""
    room = 1 - 12 * len(node.widths) / TEXT_WIDTH - 0.01
    shares = [room * share / sum(node.widths) for share in node.widths]
    columns = "".join(f"p{{{share:.3f}\\linewidth}}" for share in shares)
    rows = [tuple((cell,) for cell in node.header), *node.rows]
    written = []
    for n, row in enumerate(rows):
        cells = " & ".join(f"\\raggedright {inline(cell)}" for cell in row)
        rule = "\\hline" if n < 2 else ""
        written.append(
            f"\\noindent\\begin{{tabular}}{{{columns}}}{rule}\n{cells} \\tabularnewline\n"
            "\\end{tabular}\\par"
        )
    return "{\\footnotesize\n" + "\n".join(written) + "\n}"


def block(node: Block, limits: Limits = PAGE) -> str:
    """One block of a page."""
    match node:
        case Heading(level, words):
            return f"\\{'sub' * (min(level, 3) - 1)}section*{{{text(words)}}}"
        case Paragraph(parts):
            return inline(parts)
        case Equation(formula):
            return f"\\[\n{display(formula, limits)}\n\\]"
        case EquationList(chains):
            return "\n".join(f"\\[\n{group}\n\\]" for group in aligned(chains, limits))
        case Table():
            return _table(node)
        case Listing(code, _):
            return f"{{\\footnotesize\n\\begin{{verbatim}}\n{code}\n\\end{{verbatim}}\n}}"
        case Badge(mark, detail):
            return f"\\noindent\\textbf{{{text(mark)}}} --- {text(detail)}"


def fragment(document: Document, limits: Limits = PAGE) -> str:
    """A page to paste into an article; needs amsmath."""
    title = Heading(1, document.title)
    return "\n\n".join(block(b, limits) for b in (title, *document.blocks)) + "\n"


def standalone(document: Document, limits: Limits = PAGE) -> str:
    """A page as a complete article."""
    return (
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\setlength{\\parindent}{0pt}\n"
        "\\setlength{\\parskip}{5pt}\n\\emergencystretch=2em\n"
        f"\\begin{{document}}\n\n{fragment(document, limits)}\n\\end{{document}}\n"
    )
