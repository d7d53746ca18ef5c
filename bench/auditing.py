"""Benchmarks of `symconv audit` against starting Python and importing SymPy."""

import random
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.timing import Row, interleaved, measured, slower

SIZE = 60_000
PROSE = """The transposed convolution puts down a scaled copy of the kernel for every entry of its
input, and adds where copies overlap. This section works through one more example, since the
bookkeeping of rows and columns is what people get wrong, and since it is short enough to be checked
by hand. We write $X$ for the input and $K$ for the kernel, both small, and $s$ for the stride.

"""


def matrix(rows) -> str:
    body = r" \\ ".join(" & ".join(map(str, row)) for row in rows)
    return rf"\begin{{bmatrix}}{body}\end{{bmatrix}}"


def paper(letters: bool) -> str:
    """A LaTeX article of 60 kB: a matrix sum in every paragraph, a size in every third one."""
    chance = random.Random(0)
    text = "\\documentclass{article}\\begin{document}\n"
    n = 0
    while len(text) < SIZE:
        n += 1
        a, b = ([[chance.randint(0, 9) for _ in range(3)] for _ in range(3)] for _ in "ab")
        c = [[x + y for x, y in zip(*rows, strict=True)] for rows in zip(a, b, strict=True)]
        if letters:
            a = [[f"x_{{{r},{k}}}" for k in range(3)] for r in range(3)]
            c = [
                [f"{x} + {y}" for x, y in zip(*rows, strict=True)]
                for rows in zip(a, b, strict=True)
            ]
        text += f"{PROSE}\\[ {matrix(a)} + {matrix(b)} = {matrix(c)} \\]\n"
        if n % 3 == 0:
            text += f"The size is $({n} - 1) \\cdot 2 + 3 = {(n - 1) * 2 + 3}$.\n\n"
    return text + "\\end{document}\n"


def run(*words):
    subprocess.run(words, check=True, capture_output=True)


def auditing() -> list[Row]:
    symconv = str(Path(sys.executable).with_name("symconv"))
    bare = partial(run, sys.executable, "-c", "pass")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for letters, words in ((False, "numbers"), (True, "letters")):
            page = Path(folder, f"{words}.tex")
            page.write_text(paper(letters))
            pair = interleaved(partial(run, symconv, "audit", str(page)), bare, 15)
            name = f"symconv audit of 60 kB of LaTeX, matrices of {words} / bare Python's start"
            rows.append(slower(name, pair, 10))
        page = Path(folder, "one.tex")
        page.write_text(f"\\[{matrix([[1, 2], [3, 4]])} + {matrix([[1, 0], [0, 1]])} = 1\\]")
        pair = interleaved(
            partial(run, symconv, "audit", str(page)),
            partial(run, sys.executable, "-c", "import sympy"),
            9,
        )
        rows.append(measured("symconv audit of one formula / importing sympy", pair))
    return rows
