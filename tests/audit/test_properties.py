"""True identities in any notation are right; with one cell changed they never are."""

from fractions import Fraction
from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.audit.judged import claims

NUMBERS = st.one_of(
    st.integers(-9, 9), st.fractions(-4, 4, max_denominator=4), st.sampled_from([12, 128, -1000])
)
KINDS = ("sum", "multiple", "product", "transposed", "placed", "letters", "number")


def matrices(rows, columns):
    row = st.lists(NUMBERS, min_size=columns, max_size=columns)
    return st.lists(row, min_size=rows, max_size=rows)


@st.composite
def identities(draw):
    """`(left side, right side)`, each as parts that are computed here by definitions."""
    kind = draw(st.sampled_from(KINDS))
    h, w, v = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(2, 3))
    a = draw(matrices(h, w))
    if kind == "sum":
        b = draw(matrices(h, w))
        return [a, "+", b], [
            [x + y for x, y in zip(*rows, strict=True)] for rows in zip(a, b, strict=True)
        ]
    if kind == "multiple":
        c = draw(NUMBERS.filter(lambda n: n not in (0, 1, -1)))
        return [c, "", a], [[c * x for x in row] for row in a]
    if kind == "product":
        a, column = draw(matrices(max(h, 2), max(w, 2))), draw(matrices(max(w, 2), 1))
        return [a, "", column], [
            [sum(x * y[0] for x, y in zip(row, column, strict=True))] for row in a
        ]
    if kind == "transposed":
        return [a, "T"], [list(column) for column in zip(*a, strict=True)]
    if kind == "placed":
        x, k = draw(matrices(2, 2)), draw(matrices(v, v))
        parts, total = [], [[0] * (v + 1) for _ in range(v + 1)]
        for i, j in product(range(2), repeat=2):
            block = [[None] * (v + 1) for _ in range(v + 1)]
            for r, c in product(range(v), repeat=2):
                block[i + r][j + c] = x[i][j] * k[r][c]
                total[i + r][j + c] += x[i][j] * k[r][c]
            parts += ["+", block]
        return parts[1:], total
    if kind == "letters":
        letters = [[f"a_{{{r},{c}}}" for c in range(w)] for r in range(h)]
        return [letters, "+", letters], [[f"2 {name}" for name in row] for row in letters]
    n, m, k = draw(NUMBERS), draw(NUMBERS), draw(NUMBERS)
    return [n, "+", m, "+", k], n + m + k


class Dress:
    """How things are printed, drawn again for each of them."""

    def __init__(self, draw):
        self.draw = draw

    def one(self, *choices):
        return self.draw(st.sampled_from(choices))

    def number(self, value):
        if value is None:
            return self.one("", "0")
        if isinstance(value, str):
            return self.one(value, f"{{{value}}}", rf"\textcolor{{blue}}{{{value}}}")
        value = Fraction(value)
        sign, size = ("-" if value < 0 else ""), abs(value)
        if size.denominator == 1:
            text = str(size.numerator)
            if size >= 1000:
                parted = f"{size.numerator:,}"
                text = self.one(text, parted.replace(",", "{,}"), parted.replace(",", r"\,"))
            elif size == 0:
                return self.one("0", "")
        elif size.denominator in (2, 4) and self.one(True, False):
            text = f"{float(size)}"
        else:
            command = self.one("frac", "tfrac", "dfrac")
            text = rf"\{command}{{{size.numerator}}}{{{size.denominator}}}"
        return self.one("{}", r"\color{{red}}{}", "{{{}}}").format(sign + text)

    def matrix(self, rows):
        body = (self.one(r" \\ ", "\\\\\n", r" \\[2pt] ")).join(
            " & ".join(map(self.number, row)) if len(row) > 1 else self.number(row[0]) or "0"
            for row in rows
        )
        if len(rows[0]) > 1 and len(rows) > 1:
            body += self.one("", r" \\")
        form = self.one("bmatrix", "pmatrix", "array")
        if form == "array":
            columns = self.one("c" * len(rows[0]), "|".join("r" * len(rows[0])))
            return rf"\left[\begin{{array}}{{{columns}}} {body} \end{{array}}\right]"
        return self.one(r"\begin{%s} %s \end{%s}", r"\boxed{\begin{%s} %s \end{%s}}") % (
            form,
            body,
            form,
        )

    def part(self, part):
        if isinstance(part, list):
            return self.matrix(part)
        if part in ("+", ""):
            return part
        if part == "T":
            return self.one("^T", r"^{\top}", r"^{\mathsf{T}}")
        text = self.number(part) or "0"
        return rf"\left({text}\right)" if text.lstrip("{").startswith(("-", r"\color")) else text

    def page(self, parts, result):
        left = " ".join(map(self.part, parts))
        right = self.part(result)
        relation = self.one("=", "&=", r"\;=\;")
        equation = f"{left} {relation} {right}" + self.one("", ".", ",", r" \quad")
        if "&=" in equation:
            equation = rf"\begin{{aligned}} {equation} \end{{aligned}}"
        if self.one(True, False):
            return "a.tex", f"\\newcommand\\equals{{=}}\n\\[\n{equation}\n\\]\n"
        return "a.md", f"Text.\n\n$$\n{equation}\n$$\n"


@settings(max_examples=300)
@given(st.data(), identities())
def test_a_true_identity_is_right_in_any_dress(data, identity):
    name, page = Dress(data.draw).page(*identity)
    assert [c.verdict for c in claims(page, name)] == ["right"], (page, claims(page, name)[0].note)


@settings(max_examples=300)
@given(st.data(), identities(), st.integers(1, 5))
def test_with_one_cell_changed_it_is_never_right(data, identity, step):
    parts, result = identity
    if isinstance(result, list):
        r = data.draw(st.integers(0, len(result) - 1))
        c = data.draw(st.integers(0, len(result[0]) - 1))
        changed = [list(row) for row in result]
        changed[r][c] = (
            f"{changed[r][c]} + {step}" if isinstance(changed[r][c], str) else changed[r][c] + step
        )
    else:
        changed = result + step
    name, page = Dress(data.draw).page(parts, changed)
    (found,) = claims(page, name)
    # another reading of the product of two matrices may give this value, and is then named
    assume(found.verdict != "right" or "product" not in found.note)
    assert found.verdict in ("wrong", "doubtful", "general"), (page, found.note)
