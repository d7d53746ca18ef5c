"""Two hundred random configurations: no engine rejects a page, no line is too wide."""

import html as html_module
import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import symconv
from symconv.core.dialects.torch import TorchAxis
from symconv.core.sizes import accepts
from symconv.derivation.derivation import NAMES
from symconv.proof import narrate
from symconv.proof.library import files, load
from symconv.proof.trusted import certificates
from symconv.render import html, latex, latexmath, lines, markdown, text
from symconv.render.pdf import compile_latex
from symconv.render.tree import Badge, Document, matrix
from tests.support.engines import required

HERE = Path(__file__).parent
COUNT = 200


def drawn_axis(chance, dims):
    while True:
        torch = TorchAxis(
            chance.randint(1, (6, 4, 2)[dims - 1]),
            chance.randint(1, (5, 3, 2)[dims - 1]),
            chance.randint(1, 3),
            chance.randint(0, 2),
            chance.randint(0, 2),
            chance.randint(1, 2),
        )
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
        given |= {
            "groups": groups,
            "in_channels": groups * chance.randint(1, 2),
            "out_channels": groups * chance.randint(1, 2),
        }
        given |= {"bias": True} if chance.random() < 0.4 else {}
    chapters = [name for name in NAMES if name != "check"]
    chapters += ["stretched", "pictures"]
    if set(given["dilation"]) == {1}:
        chapters.append("phases")
    bias = given.pop("bias", None)
    return symconv.derive(bias=bias, chapters=chapters, device="cpu", **given)


@pytest.fixture(scope="module")
def pages():
    chance = random.Random(6)
    return [drawn(chance) for _ in range(COUNT)]


def formulas_of(markdown):
    markdown = re.sub(r"\(data:image/svg[^)]*\)", "", markdown)
    shown = re.findall(r"^\$\$\n(.*?)\n\$\$$", markdown, re.S | re.M)
    rest = re.sub(r"^\$\$\n.*?\n\$\$$", "", markdown, flags=re.S | re.M)
    return shown + re.findall(r"(?<!\\)\$((?:[^$\\]|\\.)+)\$", rest)


@pytest.mark.parametrize("writer", ["to_text", "to_latex", "to_html"])
def test_ten_columns_are_never_cut(pages, monkeypatch, writer):
    met, plain = [], lines.fitted

    def watched(matrix, measure, limits):
        shown = plain(matrix, measure, limits)
        if len(matrix.rows[0]) <= 10:
            met.append(shown.small)
            assert len(shown.rows[0]) == len(matrix.rows[0])
        return shown

    for module in (lines, text, latex, html):
        monkeypatch.setattr(module, "fitted", watched)
    for page in pages:
        getattr(page, writer)()
    assert len(met) > 100


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
    answer = rendered(formulas)
    assert answer["count"] == len(formulas) and answer["refused"][:3] == []


def rendered(formulas):
    done = subprocess.run(
        ["node", "render.js"], input=json.dumps(formulas), capture_output=True, text=True, cwd=HERE
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.engine
def test_a_last_row_of_one_blank_cell_is_there():
    """As in the transpose of a one-row matrix whose last column no tap reaches."""
    found = shutil.which("node") and (HERE / "node_modules" / "katex").is_dir()
    required(found, "node with tests/engines/node_modules")
    column = latexmath.math(matrix([[1], [None], [None]]))
    answer = rendered([column])
    assert answer["refused"] == [] and answer["rows"] == {"KaTeX": 3, "MathJax": 3}


@pytest.mark.engine
def test_pdflatex_sets_every_page_without_an_overfull_line(pages, pdflatex):
    for start in range(0, COUNT, 50):
        parts = "\n\\clearpage\n".join(page.to_latex() for page in pages[start : start + 50])
        _, log = compile_latex(
            "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
            f"{parts}\n\\end{{document}}\n"
        )
        assert re.findall(r"Overfull.*", log) == []


MEASURE = """<script>
const narrow = window.innerWidth, sizes = node => [...node.querySelectorAll("math, svg")].map(
  m => m.getBoundingClientRect()).filter(box => box.width === 0 || box.height === 0).length;
document.title = JSON.stringify({width: document.documentElement.scrollWidth, narrow,
  formulas: document.querySelectorAll("math").length,
  cells: document.querySelectorAll("mtd").length, empty: sizes(document.body),
  errors: document.querySelectorAll("merror, parsererror").length});
document.body.replaceChildren();  // what is dumped
</script>"""


def browsed(text, folder, script):
    """The title that `script` gives to a page, in a browser window as wide as a phone."""
    browser = required(shutil.which("chromium"), "chromium")
    (folder / "page.html").write_text(text.replace("</body>", script + "</body>"))
    done = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--window-size=390,800",
            "--virtual-time-budget=2000",
            "--dump-dom",
            (folder / "page.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    title = re.findall(r"<title>(.*?)</title>", done.stdout, re.S)[0]
    return json.loads(html_module.unescape(title))


@pytest.mark.engine
def test_chromium_lays_every_page_out_for_a_phone(pages, tmp_path):
    for start in range(0, COUNT, 50):
        bodies = [html.fragment(page.document) for page in pages[start : start + 50]]
        text = html.page(Document("pages", ())).replace("</main>", "\n".join(bodies) + "</main>")
        found = browsed(text, tmp_path, MEASURE)
        assert found["formulas"] == text.count("<math") > 0
        assert found["cells"] == text.count("<mtd") and found["errors"] == found["empty"] == 0
        # formulas scroll in their boxes, pictures shrink; headless windows have a minimum width
        assert found["width"] <= max(found["narrow"], 500)


STEP = """<script>
const seen = [], figure = document.querySelector("figure.steps");
const frames = [...figure.querySelectorAll(".frames svg")];
const note = () => seen.push(frames.map((f, n) => getComputedStyle(f).display === "none" ? "" : n)
  .join(""));
const press = key => figure.dispatchEvent(new KeyboardEvent("keydown", {key, cancelable: true}));
note(); press("ArrowRight"); note(); press("ArrowRight"); note(); press("ArrowLeft"); note();
const slider = figure.querySelector("input[type=range]");
slider.value = 3; slider.oninput(); note();
figure.querySelector("button").click(); note();
document.title = JSON.stringify(seen);
</script>"""


@pytest.mark.engine
def test_the_placement_is_stepped_through_by_keys_and_slider(tmp_path):
    page = symconv.derive(input_size=(2, 2), kernel_size=(2, 2), chapters=("pictures",))
    assert browsed(page.to_html(), tmp_path, STEP) == ["0", "1", "2", "1", "3", "0123"]
    bare = re.sub("<script>.*?</script>", "", page.to_html(), flags=re.S)
    alone = """<script>document.title = JSON.stringify([...document.querySelectorAll(
      ".frames svg")].filter(f => getComputedStyle(f).display !== "none").length)</script>"""
    assert browsed(bare, tmp_path, alone) == 4
