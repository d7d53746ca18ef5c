"""Drawings made of rectangles and lines of text, independent of the output format.

Coordinates are pixels from the top left corner. `svg` and `latexpicture` write drawings.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

CELL = 26.0


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue from 0 to 255, and the opacity `cover` from 0 to 1."""

    red: int
    green: int
    blue: int
    cover: float = 1.0

    @property
    def on_white(self) -> tuple[float, float, float]:
        """The opaque colour that this one gives on white: red, green and blue from 0 to 1."""
        parts = (self.red, self.green, self.blue)
        red, green, blue = (1 - self.cover * (1 - part / 255) for part in parts)
        return red, green, blue


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle with an outline, dashed if `faint`; (x, y) is its top left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour | None = None
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text with its baseline at y; `light` text is white, for dark backgrounds."""

    x: float
    y: float
    text: str
    centred: bool = False
    light: bool = False
    faint: bool = False


Shape = Rectangle | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on a canvas of the given size; later shapes cover earlier ones."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


@dataclass
class Canvas:
    """A mutable canvas that collects the shapes of a drawing."""

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
        """Add a square of side `CELL` with a centred text."""
        self.shapes.append(Rectangle(x, y, CELL, CELL, fill, faint))
        if words:
            middle = (x + CELL / 2, y + CELL / 2 + 4)
            self.shapes.append(Words(*middle, words, True, light, faint))

    def bar(self, x: float, y: float, width: float, height: float, fill: Colour | None) -> None:
        """Add a rectangle of any size."""
        self.shapes.append(Rectangle(x, y, width, height, fill))

    def words(self, x: float, y: float, words: str, *, centred: bool = False) -> None:
        """Add a line of text with its baseline at y."""
        self.shapes.append(Words(x, y, words, centred))

    def put(self, drawing: Drawing, x: float, y: float) -> None:
        """Add the shapes of another drawing with its top left corner at (x, y)."""
        self.shapes += [replace(s, x=s.x + x, y=s.y + y) for s in drawing.shapes]

    @property
    def drawing(self) -> Drawing:
        """The shapes added so far, as an immutable drawing."""
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
"""Colours for different things; readers who cannot distinguish them can go by the labels."""


def shade(n: int) -> Colour:
    """The colour of the n-th of several things; colours repeat after `len(SHADES)`."""
    return SHADES[n % len(SHADES)]


def tint(share: float, of: Colour = SHADES[0]) -> Colour:
    """A heat map colour: `of` with an opacity from 0.08 (share 0) to 0.8 (share 1)."""
    return replace(of, cover=round(0.08 + 0.72 * min(max(share, 0.0), 1.0), 2))
