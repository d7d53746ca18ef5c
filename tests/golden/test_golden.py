"""Golden files of complete pages: every change of a page is read before it is committed."""

import os
import re
from pathlib import Path

import pytest

from symconv.notebook import tour
from symconv.render import html, latex, markdown, text
from tests.golden.pages import CASES, page

FILES = Path(__file__).parent / "files"


def compare(name: str, content: str) -> None:
    path = FILES / name
    if os.environ.get("SYMCONV_UPDATE_GOLDEN"):
        path.write_text(content)
    assert path.read_text() == content, f"{name} changed; see tests/README.md"


@pytest.mark.parametrize("name", CASES)
def test_pages(name):
    made = page(name)
    compare(f"{name}.txt", made.to_text())
    compare(f"{name}.tex", made.to_latex())
    compare(f"{name}.md", made.to_markdown())
    compare(f"{name}.html", html.fragment(made.document))


def test_the_tour():
    pytest.importorskip("torch")
    document = tour("cpu").document
    for name, write in (("tour.txt", text), ("tour.md", markdown), ("tour.tex", latex)):
        writer = write.fragment if write is latex else write.page
        compare(name, re.sub(r"torch \d+\.\d+\.\d+", "torch VERSION", writer(document)))
