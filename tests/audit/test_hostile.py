"""Documents made to break the reader: clear messages, bounded time and memory, no crash."""

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from symconv.core.errors import ParseError
from symconv.documents import audit
from symconv.documents.document import read_document
from symconv.documents.folders import MOST_BYTES

GOLDEN = Path(__file__).parents[1] / "golden" / "files"


def grid(rows, columns, cell="3"):
    return (
        r"\begin{bmatrix}"
        + r"\\".join("&".join([cell] * columns) for _ in range(rows))
        + r"\end{bmatrix}"
    )


LETTERS = "abcdefghijklmnopqrstuvw"
BOMB = "".join(
    rf"\newcommand\{a}{{\{b}\{b}}}" for a, b in zip(LETTERS, LETTERS[1:] + "x", strict=True)
)
HOSTILE = {
    "deep brackets": r"\[" + "(" * 15_000 + r"=1\]",
    "deep fractions": r"\[" + r"\frac{1}{" * 3_000 + "1" + "}" * 3_000 + r"=1\]",
    "deep exponents": r"\[" + "x^{" * 3_000 + "}" * 3_000 + r"=1\]",
    "deep lists": r"\[" + "[1," * 3_000 + r"=1\]",
    "deep matrices": r"\[" + r"\begin{bmatrix}" * 3_000 + r"=1\]",
    "fonts": r"\[x=" + r"\mathbf" * 1_000 + r"\]",
    "exponents": r"\[3=2" + "^1" * 1_000 + r"\]",
    "transposes": r"\[3=A" + "^T" * 3_000 + r"\]",
    "signs": r"\[" + "-" * 50_000 + r"1=1\]",
    "relations": r"\[3=" + "=" * 14_000 + r"\]",
    "a long chain": r"\[" + "1=" * 14_000 + r"\]",
    "only a relation": r"\[=\] $=$ $<$ $\approx$ $= =$",
    "words": r"\[x=" + r"\text{if}" * 14_000 + r"\]",
    "thousands": r"\[1" + ",000" * 20_000 + r",0=1\]",
    "digits": "$" + "9" * 100_000 + "=1$",
    "a huge power": r"$((9^{64})^{64})^{64} = 1$ $(a+b+c+d+e)^{40} = 1$",
    "a large number": r"\[3=(2^{500})^{30}\] \[[1,(2^{500})^{30}]=[1,2]\]",
    "powers of letters": r"\[(x+y)^{512}=1+(x+y)^{512}\]",
    "many letters": r"\[[1," + "x'" * 14_000 + r"1]=1\]",
    "many factors": r"\[[1," + "(1+x)" * 1_000 + r"]=1\]",
    "long products": rf"\[{grid(1, 440)}{grid(1, 440)}={grid(1, 440)}\]",
    "many products": rf"\[{(grid(2, 2) + grid(3, 3)) * 5}=1\]",
    "products of letters": rf"\[{grid(2, 2, 'x_1') * 10}=1\]",
    "Kronecker": r"\[" + r"\otimes".join([grid(6, 6)] * 5) + r"=1\]",
    "matrix powers": r"\[" + "(" * 12 + grid(3, 3) + "^8)" * 12 + r"=1\]",
    "an inverse": rf"\[{grid(64, 64)}^{{-1}}=1\]",
    "ragged": r"\[\begin{bmatrix}" + "1&" * 20_000 + "1" + r"\\1" * 9_000 + r"\end{bmatrix}=1\]",
    "many blocks": r"\[" + "+".join([grid(20, 20, "1")] * 16) + "=" + grid(20, 20, "5") + r"\]",
    "many fractions": r"\[" + "+".join(rf"1/{n}^{{40}}" for n in range(1001, 2999)) + r"=1\]",
    "recursive macros": r"\newcommand\a{\a\a}" + r"$\a=1$ " * 300,
    "a macro bomb": BOMB + r"$\a=1$" * 20,
    "open macros": r"\def\a{" * 20_000,
    "spaced macros": r"\newcommand\a" + " " * 2_000 + "x" + r"\newcommand\a[" * 10_000,
    "superscript digits": "\\[[x_{1²1}+y,1]=1\\]",
    "dollars": "$" * 300_000,
    "open displays": "\\[x=1\n" * 20_000,
    "open environments": "\\begin{align}x=1\n" * 8_000,
    "backticks": "`" * 100_000,
    "quotes": "> \\[ x\n" * 10_000,
    "form feeds": "\n\x0c" * 50_000,
    "sizes": "input 3x" * 50_000,
    "one line": "a b 1 2 3 input output kernel " * 20_000,
    "equations": "1+1=2 " * 50_000,
}


@pytest.mark.parametrize("kind", ["a.tex", "a.md", "a.txt"])
@pytest.mark.parametrize("name", HOSTILE)
def test_bounded(name, kind):
    start = time.process_time()
    read_document(HOSTILE[name], kind)
    assert time.process_time() - start < 5


PUT_IN = [
    "",
    "{",
    "}",
    "\\",
    "&",
    r"\\",
    "^",
    "_",
    "=",
    "9",
    "^T",
    r"\frac",
    "(",
    "]",
    "x",
    "$",
    ",",
    r"\left",
    ".",
    "-",
    "²",
    r"\begin{bmatrix}",
    r"\end{bmatrix}",
]


def mutants(count, seed):
    """Displays of symconv's pages with characters removed, doubled, exchanged and inserted."""
    chance = random.Random(seed)
    text = (GOLDEN / "tour.tex").read_text() + (GOLDEN / "letters.tex").read_text()
    displays = [part.partition(r"\]")[0] for part in text.split(r"\[")[1:]]
    displays = [d for d in displays if len(d) < 1_200]
    for _ in range(count):
        signs = list(chance.choice(displays))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(signs))
            signs[at : at + chance.randint(0, 2)] = chance.choice([*PUT_IN, signs[at] * 2])
        yield "".join(signs)


def test_mutated_formulas_neither_crash_nor_hang():
    slowest = 0.0
    for formula in mutants(4_000, seed=8):
        start = time.process_time()
        read_document(rf"\[{formula}\]", "a.tex")
        slowest = max(slowest, time.process_time() - start)
    assert slowest < 0.5  # 0.05 on a quiet machine; see docs/audit.md


BROKEN = [
    "",
    "[]",
    "{}",
    "{",
    '{"cells": 5}',
    '{"cells": true}',
    '{"worksheets": 5}',
    "[" * 100_000,
]
ODD = [
    {"cells": [None, 5, "x", {}, {"cell_type": "markdown"}, {"cell_type": "code", "outputs": 5}]},
    {"cells": [{"cell_type": "markdown", "source": [1, None, "$1+1=3$"]}]},
    {"cells": [{"cell_type": "code", "source": 5, "outputs": [None, {"data": 5}, {"text": {}}]}]},
    {"worksheets": [{"cells": 5}, {"cells": [{"cell_type": "markdown", "source": "$1+1=2$"}]}]},
]


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_notebook(text):
    with pytest.raises(ParseError, match="is not a notebook"):
        read_document(text, "a.ipynb")


@pytest.mark.parametrize("book", ODD)
def test_an_odd_notebook(book):
    read_document(json.dumps(book), "a.ipynb")


def test_files_that_are_no_text(tmp_path):
    binary, large, missing = (tmp_path / name for name in ("b.md", "l.md", "m.md"))
    binary.write_bytes(bytes(range(256)))
    large.write_bytes(b"x" * (10 * 1024**2))
    for path, words in (
        (binary, "is not text"),
        (large, f"larger than {MOST_BYTES // 1024**2} MiB"),
        (missing, "not a file or folder"),
    ):
        with pytest.raises(ParseError, match=words):
            audit([str(path)])


def test_one_bad_file_does_not_hide_a_folder(tmp_path):
    (tmp_path / "a.md").write_bytes(b"\0\1")
    (tmp_path / "b.md").write_text("$1+1=3$")
    (tmp_path / "c.png").write_bytes(b"\0")
    done = audit([str(tmp_path)])
    assert [c.verdict for c in done.claims] == ["not understood", "wrong"]
    assert done.others == {".png": 1}


def test_the_number_of_claims_is_bounded(monkeypatch):
    monkeypatch.setattr("symconv.documents.document.MOST_CLAIMS", 100)
    for page in ("$1+1=2$ " * 200, "1 + 1 = 2\n\n" * 200):
        found = read_document(page, "a.txt").claims
        assert len(found) == 102 and any("more than 100 claims" in c.note for c in found)


def test_other_codings(tmp_path):
    page = "Größe: $1+1=3$"
    for coding in ("latin-1", "utf-16", "utf-8-sig"):
        path = tmp_path / "a.md"
        path.write_bytes(page.encode(coding))
        assert audit([str(path)]).count("wrong") == 1


def test_documents_that_are_read_at_once_have_the_verdicts_that_they_have_alone():
    """Three light threads beside a heavy statement: the budget of one is not that of another."""
    heavy = "$(" + " + ".join(f"a_{n}" for n in range(40)) + ")^6 = 1$"
    light = "\n\n".join(f"${n} + {n} = {2 * n}$" for n in range(200))
    documents = [heavy, light, light, light]
    alone = [[c.verdict for c in read_document(text, "a.md").claims] for text in documents]
    for _ in range(5):
        with ThreadPoolExecutor(len(documents)) as pool:
            read = list(pool.map(lambda text: read_document(text, "a.md"), documents))
        assert [[c.verdict for c in page.claims] for page in read] == alone
