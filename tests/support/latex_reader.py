"""A small strict reader of the LaTeX that symconv emits: it evaluates, or it refuses.

It knows nothing of symconv. Values are Fractions and matrices (lists of rows); blank cells are
0. Letters get their values from an environment. Anything that it does not know is an error.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

TOKEN = re.compile(
    r"\s*(\\begin\{[a-z]+\}(?:\{c+\})?|\\end\{[a-z]+\}|\\left[\[(]|\\right[\])]|\\left\\langle"
    r"|\\right\\rangle|\\frac\{(\d+)\}\{(\d+)\}|\\mathit\{([A-Za-z0-9]+)\}|\\boxed\{|\\overline\{\\smash\{|\}\\vphantom\{\.\}\}|\\phantom\{0\}|\\\\"
    r"|\\[a-zA-Z]+|\d+\.\d+|\d+|\^\{([^{}]*)\}|_\{([^{}]*)\}|[A-Za-z]|[-+=&,}])"
)


class Elided(Exception):
    """Dots stand for something: the formula cannot be evaluated."""


class Unbound(Exception):
    """A letter has no value."""


STRUCK = object()
"""A cell that is crossed out; a matrix is what is left without its rows and columns."""


@dataclass
class Reader:
    """Recursive descent over the tokens of one formula."""

    tokens: list
    env: dict
    at: int = 0

    def peek(self):
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self, expected=None):
        match = self.tokens[self.at]
        if expected is not None and match[0] != expected:
            raise ValueError(f"expected {expected}, found {match[0]}")
        self.at += 1
        return match

    def sum(self):
        total, sign = None, 1
        if self.peek() == "-":
            self.take()
            sign = -1
        while True:
            term = scale(sign, self.product())
            total = term if total is None else add(total, term)
            if self.peek() not in ("+", "-"):
                return total
            sign = 1 if self.take()[0] == "+" else -1

    def product(self):
        total = self.factor()
        while self.peek() not in ("", "+", "-", "=", "\\neq", "&", "\\\\", ",") and not (
            self.peek().startswith(("\\end", "\\right", "}"))
        ):
            if self.peek() == "\\cdot":
                self.take()
            total = multiply(total, self.factor())
        return total

    def factor(self):
        base = self.atom()
        while self.peek().startswith("^"):
            word = self.take()[5]
            if word == "T":
                base = [list(row) for row in zip(*base, strict=True)]
            elif word == "-1":
                base = inverse(base)
            else:
                power, one = base, int(word)
                for _ in range(one - 1):
                    power = multiply(power, base)
                base = power
        return base

    def atom(self):
        match = self.take()
        token = match[0]
        if re.fullmatch(r"\d+(\.\d+)?", token):
            return Fraction(token)
        if token.startswith("\\frac"):
            return Fraction(int(match[2]), int(match[3]))
        if token in ("\\cdots", "\\vdots", "\\ddots"):
            raise Elided
        if token == "\\left(":
            value = self.sum()
            self.take("\\right)")
            return value
        if token == "\\boxed{":
            value = self.sum()
            self.take("}")
            return value
        if token == "\\overline{\\smash{":
            if self.peek() == "\\phantom{0}":
                self.take()
            else:
                self.sum()
            self.take("}\\vphantom{.}}")
            return STRUCK
        if token == "\\left\\langle":
            left = self.sum()
            self.take(",")
            right = self.sum()
            self.take("\\right\\rangle")
            return sum(a[0] * b[0] for a, b in zip(left, right, strict=True))
        if token == "\\begin{bmatrix}":
            return self.matrix("\\end{bmatrix}")
        if token == "\\left[":
            columns = self.take()[0]
            rows = self.matrix("\\end{array}", columns.count("c", len("\\begin{array}")))
            self.take("\\right]")
            return rows
        if re.fullmatch(r"[A-Za-z]|\\mathit\{.*|\\[a-zA-Z]+", token):
            name = match[4] or token.lstrip("\\")
            if self.peek().startswith("_"):
                name += "_" + self.take()[6].replace(",", "_")
            if name not in self.env:
                raise Unbound(name)
            return self.env[name]
        raise ValueError(f"unexpected {token!r}")

    def matrix(self, end, declared=None):
        rows, row = [], []
        while True:
            blank = self.peek() in ("&", "\\\\", end)
            row.append(Fraction(0) if blank else self.sum())
            token = self.take()[0]
            if token == "&":
                continue
            rows.append(row)
            row = []
            if token == end:
                break
            assert token == "\\\\", token
        assert len({len(r) for r in rows}) == 1, "ragged rows"
        if declared is None:
            assert len(rows[0]) <= 10, "bmatrix stops at 10 columns"
        else:
            assert len(rows[0]) == declared, "columns declared wrongly"
        rows = without_struck(rows) if any(STRUCK in row for row in rows) else rows
        return assembled(rows) if any(isinstance(v, list) for row in rows for v in row) else rows


def without_struck(rows):
    rows = [row for row in rows if any(cell is not STRUCK for cell in row)]
    columns = [c for c in zip(*rows, strict=True) if any(cell is not STRUCK for cell in c)]
    assert not any(STRUCK in column for column in columns), "a row is struck in part"
    return [list(row) for row in zip(*columns, strict=True)]


def assembled(rows):
    """A matrix of blocks of one size as a matrix; a blank block is zeros."""
    shapes = {(len(v), len(v[0])) for row in rows for v in row if isinstance(v, list)}
    assert len(shapes) == 1, f"blocks of several sizes: {shapes}"
    ((high, wide),) = shapes
    zeros = [[Fraction(0)] * wide] * high
    blocks = [[v if isinstance(v, list) else zeros for v in row] for row in rows]
    return [[n for v in row for n in v[r]] for row in blocks for r in range(high)]


def scale(number, value):
    if value is STRUCK:
        return STRUCK
    if isinstance(value, list):
        return [[number * v for v in row] for row in value]
    return number * value


def add(left, right):
    if isinstance(left, list):
        pairs = zip(left, right, strict=True)
        return [[a + b for a, b in zip(r, s, strict=True)] for r, s in pairs]
    return left + right


def multiply(left, right):
    if isinstance(left, list) and isinstance(right, list):
        columns = list(zip(*right, strict=True))
        return [[sum(a * b for a, b in zip(row, c, strict=True)) for c in columns] for row in left]
    return scale(right, left) if isinstance(left, list) else scale(left, right)


def inverse(matrix):
    import sympy

    found = sympy.Matrix(matrix).inv()
    rows = found.tolist()
    return [[Fraction(int(v.p), int(v.q)) for v in row] for row in rows]


def tokenize(source):
    found, place = [], 0
    source = source.strip()
    while place < len(source):
        match = TOKEN.match(source, place)
        if match is None:
            raise ValueError(f"not in the grammar: {source[place : place + 30]!r}")
        found.append((match[1], match[1], match[2], match[3], match[4], match[5], match[6]))
        place = match.end()
    return found


def chains(display):
    """The chains of one display, aligned lines joined; a continuation starts with `&`."""
    inner = re.fullmatch(r"\\begin\{aligned\}(.*)\\end\{aligned\}", display.strip(), re.S)
    if inner is None:
        return [display]
    found, depth, line, lines = [], 0, "", []
    for part in re.split(r"(\\begin\{\w+\}|\\end\{\w+\}|\\\\)", inner[1]):
        depth += part.startswith("\\begin") - part.startswith("\\end")
        if part == "\\\\" and depth == 0:
            lines.append(line)
            line = ""
        else:
            line += part
    lines.append(line)
    for text in lines:
        joined = text.strip()
        if joined.startswith("&") and found:
            found[-1] += " " + joined[1:].replace("\\quad", "", 1)
        elif joined.startswith("&"):
            found.append("&" + joined[1:].replace("\\quad", "", 1))
        else:
            found.append(joined.replace("&=", "=", 1).replace("&\\neq", "\\neq", 1))
    return found


def page_chains(source):
    """All chains of a page; one that goes on in the next display is put together."""
    found = []
    for display in displays(source):
        for chain in chains(display):
            if chain.startswith("&"):
                found[-1] += " " + chain[1:]
            else:
                found.append(chain)
    return found


def sides(chain, env):
    """`[(relation before it, value or None)]`; None where letters have no value."""
    tokens = tokenize(chain)
    parts, depth, current, relation = [], 0, [], ""
    for token in tokens:
        depth += token[0].startswith("\\begin") - token[0].startswith("\\end")
        if depth == 0 and token[0] in ("=", "\\neq"):
            parts.append((relation, current))
            relation, current = token[0], []
        else:
            current.append(token)
    parts.append((relation, current))
    found = []
    for sign, own in parts:
        reader = Reader(own, env)
        try:
            value = reader.sum()
            assert reader.at == len(own), f"left over: {own[reader.at :]}"
        except (Elided, Unbound):
            value = None
        found.append((sign, value))
    return found


def blocks_of(source, env):
    """The blocks that a page defines, `T_{...} = [...]`, with their values."""
    found = {}
    for chain in page_chains(source):
        named = re.fullmatch(r"T_\{([\d,]+)\} = (.*)", chain.strip(), re.S)
        if named:
            try:
                found["T_" + named[1].replace(",", "_")] = Reader(tokenize(named[2]), env).sum()
            except (Elided, Unbound):
                continue
    return found


def check_page(source, env):
    """Every pair of neighbouring sides stands in its relation; the number of pairs compared."""
    compared = 0
    env = env | blocks_of(source, env)
    for chain in page_chains(source):
        known = None
        for relation, value in sides(chain, env):
            if value is None:
                known = None if relation == "\\neq" else known
                continue
            if known is not None:
                holds = (known == value) if relation != "\\neq" else (known != value)
                assert holds, f"{known} {relation} {value} in {chain}"
                compared += 1
            known = value
    return compared


def displays(source):
    """The displays of a page, LaTeX or Markdown."""
    return re.findall(r"\\\[\n(.*?)\n\\\]", source, re.S) + re.findall(
        r"\$\$\n(.*?)\n\$\$", source, re.S
    )
