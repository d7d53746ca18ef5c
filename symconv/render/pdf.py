"""PDF through pdflatex, which may read and write only in a temporary directory of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from symconv.core.errors import EngineMissing, SymconvError
from symconv.render import latex
from symconv.render.format import PageFormat
from symconv.render.lines import Limits
from symconv.render.tree import Document

INSTALL = "install it with: apt-get install texlive-latex-base"
TIMEOUT = 120


class PdfError(SymconvError):
    """pdflatex failed or timed out; the message has the first error from its log."""


def pdflatex() -> str | None:
    """The path of pdflatex, or None if it is not installed."""
    return shutil.which("pdflatex")


def require_pdflatex() -> str:
    """The path of pdflatex.

    Raises:
        EngineMissing: pdflatex is not installed; the message says how to install it.
    """
    engine = pdflatex()
    if engine is None:
        raise EngineMissing(f"PDF output requires pdflatex, which is not installed; {INSTALL}")
    return engine


def compile_latex(source: str) -> tuple[bytes, str]:
    """The PDF of a complete ASCII LaTeX document, and the log of pdflatex.

    Raises:
        EngineMissing: pdflatex is not installed; the message says how to install it.
        PdfError: pdflatex stopped with an error or ran longer than `TIMEOUT` seconds.
    """
    engine = require_pdflatex()
    environment = {**os.environ, "openin_any": "p", "openout_any": "p"}
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.tex")
        page.write_text(source, encoding="ascii")
        command = [
            engine,
            "-no-shell-escape",
            "-halt-on-error",
            "-interaction=batchmode",
            page.name,
        ]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=TIMEOUT
            )
        except subprocess.TimeoutExpired:
            raise PdfError(f"pdflatex did not finish within {TIMEOUT} s") from None
        log_file = page.with_suffix(".log")
        log = log_file.read_text(encoding="latin-1") if log_file.exists() else ""
        if done.returncode:
            complaint = next((line for line in log.splitlines() if line.startswith("!")), "no log")
            raise PdfError(f"pdflatex stopped: {complaint}")
        return page.with_suffix(".pdf").read_bytes(), log


def page(document: Document, limits: Limits = latex.PAGE) -> bytes:
    """The whole file.

    Raises:
        EngineMissing: there is no pdflatex.
    """
    return compile_latex(latex.standalone(document, limits))[0]


FORMAT = PageFormat(
    "pdf",
    (".pdf",),
    latex.PAGE,
    page,
    appends=False,
    file_name="page.pdf",
    require=require_pdflatex,
)
