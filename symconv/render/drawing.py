"""Shapes of a small picture, in pixels from the top left corner; writers make SVG or LaTeX."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

CELL = 26.0


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue from 0 to 255, and how much of it covers the paper, from 0 to 1."""

    red: int
    green: int
    blue: int
    cover: float = 1.0

    @property
    def on_white(self) -> tuple[float, float, float]:
        """From 0 to 1 each, as it looks on white paper."""
        parts = (self.red, self.green, self.blue)
        red, green, blue = (1 - self.cover * (1 - part / 255) for part in parts)
        return red, green, blue


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A box with an edge; faint ones have a dashed one."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour | None = None
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A line of words at its baseline; light ones stand on a dark colour."""

    x: float
    y: float
    text: str
    centred: bool = False
    light: bool = False
    faint: bool = False


Shape = Rectangle | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on a ground of a size."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


@dataclass
class Canvas:
    """Where a drawing is made."""

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def cell(
        self,
        x: float,
        y: float,
        words: str = "",
        fill: Colour | None = None,
        *,
        faint: bool = False,
        light: bool = False,
    ) -> None:
        """A square with words in its middle."""
        self.shapes.append(Rectangle(x, y, CELL, CELL, fill, faint))
        if words:
            middle = (x + CELL / 2, y + CELL / 2 + 4)
            self.shapes.append(Words(*middle, words, True, light, faint))

    def bar(self, x: float, y: float, width: float, height: float, fill: Colour | None) -> None:
        """A box of any size."""
        self.shapes.append(Rectangle(x, y, width, height, fill))

    def words(self, x: float, y: float, words: str, *, centred: bool = False) -> None:
        """A line of words, at its baseline."""
        self.shapes.append(Words(x, y, words, centred))

    def put(self, drawing: Drawing, x: float, y: float) -> None:
        """Another drawing, its corner at x, y."""
        self.shapes += [replace(s, x=s.x + x, y=s.y + y) for s in drawing.shapes]

    @property
    def drawing(self) -> Drawing:
        """What was made."""
        return Drawing(self.width, self.height, tuple(self.shapes))


SHADES = tuple(
    Colour(*rgb)
    for rgb in (
        (11, 95, 176),
        (179, 84, 30),
        (17, 99, 41),
        (125, 60, 152),
        (164, 14, 38),
        (0, 112, 122),
        (138, 109, 0),
        (92, 75, 138),
    )
)
"""Told apart also by what is written on them."""


def shade(n: int) -> Colour:
    """A colour for the n-th of several things."""
    return SHADES[n % len(SHADES)]


def tint(share: float, of: Colour = SHADES[0]) -> Colour:
    """From nothing to full, for heat maps."""
    return replace(of, cover=round(0.08 + 0.72 * min(max(share, 0.0), 1.0), 2))
