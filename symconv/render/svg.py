"""Drawings as SVG with a text alternative; text and lines take the colours of the HTML page."""

from __future__ import annotations

from html import escape

from symconv.render.drawing import Colour, Rectangle, Words
from symconv.render.tree import Picture

FONT = 'font-family="Georgia, serif" font-size="12"'
INK, PAPER, LINE = "var(--ink, #1b1f24)", "#ffffff", "var(--line, #b8bec6)"


def _colour(fill: Colour | None) -> str:
    if fill is None:
        return "none"
    if fill.cover == 1:
        return f"#{fill.red:02x}{fill.green:02x}{fill.blue:02x}"
    return f"rgba({fill.red}, {fill.green}, {fill.blue}, {fill.cover:.2f})"


def _rectangle(shape: Rectangle) -> str:
    dash = ' stroke-dasharray="3 2"' if shape.faint else ""
    return (
        f'<rect x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" height="{shape.height:g}" '
        f'fill="{_colour(shape.fill)}" stroke="{LINE}"{dash}/>'
    )


def _words(shape: Words) -> str:
    anchor = "middle" if shape.centred else "start"
    ink = PAPER if shape.light else INK
    opacity = ' opacity="0.55"' if shape.faint else ""
    return (
        f'<text x="{shape.x:g}" y="{shape.y:g}" text-anchor="{anchor}" {FONT} fill="{ink}"'
        f"{opacity}>{escape(shape.text)}</text>"
    )


def picture(node: Picture) -> str:
    """The picture as one `svg` element."""
    drawing = node.drawing
    body = "\n".join(
        _rectangle(s) if isinstance(s, Rectangle) else _words(s) for s in drawing.shapes
    )
    size = f"{drawing.width:g} {drawing.height:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
        f'width="{drawing.width:g}" height="{drawing.height:g}" role="img" '
        f'aria-label="{escape(node.alt, quote=True)}">\n<title>{escape(node.alt)}</title>\n'
        f"{body}\n</svg>"
    )
