"""Two hundred configurations drawn at random: no engine refuses a page, no line is too wide."""

import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import symconv
from symconv.derivation.page import NAMES
from symconv.dialects.torch import TorchAxis
from symconv.document import markdown
from symconv.document.pdf import compile_latex
from symconv.document.tree import Badge
from symconv.proof import certificates, narrate
from symconv.proof.library import files, load
from symconv.sizes import accepts
from tests.support.engines import required

HERE = Path(__file__).parent
COUNT = 200


def drawn_axis(chance, dims):
    while True:
        torch = TorchAxis(
            chance.randint(1, (6, 4, 2)[dims - 1]), chance.randint(1, (5, 3, 2)[dims - 1]),
            chance.randint(1, 3), chance.randint(0, 2), chance.randint(0, 2), chance.randint(1, 2),
        )  # fmt: skip
        if accepts(torch):
            return torch


def drawn(chance):
    dims = chance.choice((1, 2, 2, 2, 3))
    axes = [drawn_axis(chance, dims) for _ in range(dims)]
    groups = chance.choice((1, 1, 1, 2))
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    given = {name: tuple(getattr(a, name) for a in axes) for name in names}
    given["input_size"] = tuple(a.size for a in axes)
    if chance.random() < 0.5 or groups > 1:
        given |= {"groups": groups, "in_channels": groups * chance.randint(1, 2),
                  "out_channels": groups * chance.randint(1, 2)}  # fmt: skip
        given |= {"bias": True} if chance.random() < 0.4 else {}
    chapters = [name for name in NAMES if name != "check"] + ["stretched"]
    if set(given["dilation"]) == {1}:
        chapters.append("phases")
    bias = given.pop("bias", None)
    return symconv.derive(bias=bias, chapters=chapters, device="cpu", **given)


@pytest.fixture(scope="module")
def pages():
    chance = random.Random(6)
    return [drawn(chance) for _ in range(COUNT)]


def formulas_of(markdown):
    shown = re.findall(r"^\$\$\n(.*?)\n\$\$$", markdown, re.S | re.M)
    rest = re.sub(r"^\$\$\n.*?\n\$\$$", "", markdown, flags=re.S | re.M)
    return shown + re.findall(r"(?<!\\)\$((?:[^$\\]|\\.)+)\$", rest)


@pytest.mark.engine
def test_katex_and_mathjax_take_every_formula(pages):
    found = shutil.which("node") and (HERE / "node_modules" / "katex").is_dir()
    required(found, "node with tests/engines/node_modules")
    formulas = [f for page in pages for f in formulas_of(page.to_markdown())]
    for path in files():
        entry = load(path)
        known = {} if entry.only_rocq else certificates.read(entry.certificate)
        formulas += formulas_of(markdown.page(narrate.document(entry, known, Badge("x", "y"))))
    formulas = list(dict.fromkeys(formulas))
    assert len(formulas) > 1000
    done = subprocess.run(["node", "render.js"], input=json.dumps(formulas), capture_output=True,
                          text=True, cwd=HERE)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout)
    assert answer["count"] == len(formulas) and answer["refused"][:3] == []


@pytest.mark.engine
def test_pdflatex_sets_every_page_without_an_overfull_line(pages, pdflatex):
    for start in range(0, COUNT, 50):
        parts = "\n\\clearpage\n".join(page.to_latex() for page in pages[start : start + 50])
        _, log = compile_latex(
            "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
            f"{parts}\n\\end{{document}}\n"
        )
        assert re.findall(r"Overfull.*", log) == []


@pytest.mark.engine
def test_chromium_lays_pages_out_for_a_phone(pages, tmp_path):
    browser = required(shutil.which("chromium"), "chromium")
    measure = ("<script>document.title = document.documentElement.scrollWidth + ' ' + "
               "document.querySelectorAll('math').length</script>")  # fmt: skip
    for n, page in enumerate(pages[:3]):
        text = page.to_html()
        (tmp_path / f"{n}.html").write_text(text.replace("</body>", measure + "</body>"))
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--window-size=390,800",
             "--virtual-time-budget=2000", "--dump-dom", (tmp_path / f"{n}.html").as_uri()],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        width, formulas = map(int, re.findall(r"<title>(\d+) (\d+)</title>", done.stdout)[0])
        assert formulas == text.count("<math") > 0
        # headless windows are never narrower than 500; formulas scroll inside their boxes
        assert width <= 500
