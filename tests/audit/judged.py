"""Helpers for the tests of the auditor: judge a text and return its verdicts."""

from symconv.documents.document import read_document


def claims(text: str, name: str = "page.md", **options):
    return read_document(text, name, **options).claims


def verdicts(text: str, name: str = "page.md", **options) -> list[str]:
    return [c.verdict for c in claims(text, name, **options)]


def formula(source: str) -> tuple[str, str]:
    """Verdict and note of the single finding on one display."""
    (found,) = claims(f"$$\n{source}\n$$\n")
    return found.verdict, found.note


def matrix(rows, env="bmatrix") -> str:
    body = r" \\ ".join(" & ".join("" if c is None else str(c) for c in row) for row in rows)
    return rf"\begin{{{env}}} {body} \end{{{env}}}"
