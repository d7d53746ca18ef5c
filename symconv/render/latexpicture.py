"""Drawings as LaTeX `picture` environments, which need no package; colours need `color`."""

from __future__ import annotations

from symconv.render.drawing import Rectangle, Shape, Words
from symconv.render.latexwidth import TEXT_WIDTH
from symconv.render.latexwords import text
from symconv.render.tree import Picture

POINTS = 0.6
"""Points per pixel, where the page is large enough: text of 12 pixels is 7 points high."""
TEXT_HEIGHT = 520.0
SMALL = 0.45
"""At this many points per pixel or fewer, text is set one size smaller."""


def picture(node: Picture, colour: bool) -> str:
    """The picture with its description below; without `colour` it has only lines and text."""
    drawing = node.drawing
    unit = min(POINTS, (TEXT_WIDTH - 2) / drawing.width, TEXT_HEIGHT / drawing.height)
    size = r"\scriptsize" if unit > SMALL else r"\tiny"
    lines = [_shape(shape, drawing.height, colour) for shape in drawing.shapes]
    return "\n".join(
        (
            rf"{{\noindent\setlength{{\unitlength}}{{{unit:.4f}pt}}\linethickness{{0.25pt}}{size}",
            rf"\begin{{picture}}({drawing.width:g},{drawing.height:g})",
            *lines,
            r"\end{picture}\par}",
            rf"{{\footnotesize\noindent {text(node.alt)}\par}}",
        )
    )


def _shape(shape: Shape, height: float, colour: bool) -> str:
    """One shape; the y axis of `picture` points up, that of drawings down."""
    if isinstance(shape, Words):
        place = "[b]" if shape.centred else "[bl]"
        words = text(shape.text)
        shown = rf"\textcolor{{white}}{{{words}}}" if shape.light and colour else words
        return rf"\put({shape.x:g},{height - shape.y:g}){{\makebox(0,0){place}{{{shown}}}}}"
    return _rectangle(shape, height, colour)


def _rectangle(shape: Rectangle, height: float, colour: bool) -> str:
    corner = f"({shape.x:g},{height - shape.y - shape.height:g})"
    size = f"({shape.width:g},{shape.height:g})"
    edge = rf"\dashbox{{3}}{size}{{}}" if shape.faint else rf"\framebox{size}{{}}"
    written = rf"\put{corner}{{{edge}}}"
    if shape.fill is None or not colour:
        return written
    shares = ",".join(f"{part:.3f}" for part in shape.fill.on_white)
    rule = rf"\rule{{{shape.width:g}\unitlength}}{{{shape.height:g}\unitlength}}"
    return rf"\put{corner}{{\textcolor[rgb]{{{shares}}}{{{rule}}}}}" + "\n" + written
