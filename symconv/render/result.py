"""What the public functions return: a page that can be shown, printed and saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from symconv.core.errors import OutputError, ParseError
from symconv.render import html, latex, markdown, notebook, text
from symconv.render.formats import format_of_suffix, formats, render
from symconv.render.lines import Limits
from symconv.render.tree import Document, Equation


class Result:
    """A result with a page: shown as text in a terminal and as HTML in Jupyter.

    Subclasses have a property `document`, and `to_json` if `--json` prints them.
    """

    __slots__ = ()

    @property
    def document(self) -> Document:
        """The page as a tree of blocks."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        raise NotImplementedError

    def to_text(self, limits: Limits = text.SCREEN) -> str:
        """The page as plain text for a terminal."""
        return text.page(self.document, limits)

    def to_latex(self, limits: Limits = latex.PAGE, *, standalone: bool = False) -> str:
        """The page as LaTeX to paste into an article with amsmath, or as a complete article."""
        return (latex.standalone if standalone else latex.fragment)(self.document, limits)

    def to_markdown(self, limits: Limits = latex.PAGE) -> str:
        """The page as Markdown with formulas in `$` and `$$`."""
        return markdown.page(self.document, limits)

    def to_html(self, limits: Limits = html.SCREEN) -> str:
        """The page as a self-contained HTML file."""
        return html.page(self.document, limits)

    def to_notebook(self) -> str:
        """The page as the text of a Jupyter notebook."""
        return notebook.page(self.document)

    def save(self, path: str | Path) -> Path:
        """Write the page, or the JSON object, in the format that the file's suffix stands for.

        Args:
            path: a file such as `page.html`, `page.tex`, `page.md`, `page.pdf`, `page.ipynb`,
                `page.txt` or `result.json`; its folder must exist.

        Returns:
            The path.

        Raises:
            ParseError: the suffix stands for no format.
            OutputError: the file cannot be written.
            EngineMissing: the format needs a program that is not installed.
        """
        target = Path(path)
        if target.suffix.lower() == ".json":
            data: str | bytes = json.dumps(self.to_json(), indent=2) + "\n"
        else:
            name = format_of_suffix(target.name)
            if name is None:
                known = sorted(s for form in formats().values() for s in form.suffixes)
                raise ParseError(
                    f"{target.name!r} has no known suffix; choose one of {', '.join(known)}, .json"
                )
            data = render(self.document, name)
        try:
            target.write_bytes(data if isinstance(data, bytes) else data.encode())
        except OSError as error:
            raise OutputError(f"{str(target)!r} cannot be written: {error.strerror}") from None
        return target

    def __repr__(self) -> str:
        return self.to_text().rstrip("\n")

    def _repr_html_(self) -> str:
        return html.fragment(self.document)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_latex_(self) -> str:
        formulas = [b.math for b in self.document.blocks if isinstance(b, Equation)]
        return f"$\\displaystyle {latex.displays((formulas[-1],))[0]}$" if formulas else ""
