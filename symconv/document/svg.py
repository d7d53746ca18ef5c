"""Small pictures as SVG: rectangles, words and arrows on a grid, with a text alternative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

CELL = 26
FONT = 'font-family="Georgia, serif" font-size="12"'
INK, PAPER, LINE = "var(--ink, #1b1f24)", "var(--paper, #ffffff)", "var(--line, #b8bec6)"
SHADES = ("#0b5fb0", "#b3541e", "#116329", "#7d3c98", "#a40e26", "#00707a", "#8a6d00", "#5c4b8a")
"""Told apart also by what is written on them."""


@dataclass
class Canvas:
    """Shapes in pixels, from the top left corner."""

    width: float
    height: float
    shapes: list[str] = field(default_factory=list)

    def cell(
        self, x: float, y: float, words: str = "", fill: str = "none", *, faint: bool = False,
        ink: str = INK, size: float = CELL,
    ) -> None:  # fmt: skip
        """A square with words in its middle; faint ones are dashed."""
        dash = ' stroke-dasharray="3 2"' if faint else ""
        opacity = ' opacity="0.55"' if faint else ""
        self.shapes.append(
            f'<rect x="{x:g}" y="{y:g}" width="{size:g}" height="{size:g}" fill="{fill}" '
            f'stroke="{LINE}"{dash}/>'
        )
        if words:
            self.shapes.append(
                f'<text x="{x + size / 2:g}" y="{y + size / 2 + 4:g}" text-anchor="middle" {FONT} '
                f'fill="{ink}"{opacity}>{escape(words)}</text>'
            )

    def words(self, x: float, y: float, words: str, anchor: str = "start") -> None:
        """A line of words, at its baseline."""
        self.shapes.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" {FONT} fill="{INK}">'
            f"{escape(words)}</text>"
        )

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """A thin line."""
        self.shapes.append(
            f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{LINE}"/>'
        )

    def svg(self, alt: str) -> str:
        """The picture; `alt` says in words what it shows."""
        body = "\n".join(self.shapes)
        label = escape(alt, quote=True)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} '
            f'{self.height:g}" width="{self.width:g}" height="{self.height:g}" role="img" '
            f'aria-label="{label}">\n<title>{escape(alt)}</title>\n{body}\n</svg>'
        )


def shade(n: int) -> str:
    """A colour for the n-th of several things."""
    return SHADES[n % len(SHADES)]


def tint(share: float) -> str:
    """From nothing to full, for heat maps."""
    return f"rgba(11, 95, 176, {0.08 + 0.72 * min(max(share, 0.0), 1.0):.2f})"


def rows_of(values: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Rows and columns."""
    return len(values), max((len(r) for r in values), default=0)
