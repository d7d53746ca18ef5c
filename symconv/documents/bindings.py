"""Names that a document gives values to: all of them are kept, any of them may be meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symconv.documents.tex.nodes import Node
from symconv.documents.values.matrix import Matrix, Reading, Value

MOST_VALUES = 6
_ASSIGNED = re.compile(r"^[ \t]*([A-Za-z_]\w*)[ \t]*(?:,[^=\n]*)?=(?!=)", re.M)
_LET = re.compile(
    r"(?i)\b(?:let|for an?|consider)\b[^.$]{0,40}\$\s*([^$=]{1,40}?)\s*\$\s+(?:be|denote)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document a name was given a value, or is used.

    Attributes:
        section: number of headings before it.
        cell: of a notebook, or None.
        printed: a program printed it.
    """

    section: int = 0
    cell: int | None = None
    printed: bool = False


class Bindings(dict[str, list["Reading"]]):
    """Names to values, the newest first, each with the line that gave it.

    A number's name is forgotten at the next heading: letters such as k or s are used again and
    again; a matrix stays, but a doubt may only rest on what the same section said last.

    Attributes:
        here: the place that is being read.
        related: letters that the section relates by equations, such as `c^2 + s^2 = 1`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.here = Place()
        self.related: set[str] = set()
        self._newest: dict[str, tuple[Node | None, Place]] = {}
        self._stale: set[str] = set()

    def copied(self) -> Bindings:
        """The same names and values, to try a reading on."""
        made = Bindings()
        made.update({name: list(values) for name, values in self.items()})
        made.here, made.related = self.here, set(self.related)
        made._newest, made._stale = dict(self._newest), set(self._stale)
        return made

    def bind(self, name: str, value: Value, line: int, node: Node | None = None) -> None:
        """One more value of a name; `node`: as it is printed."""
        known = self.setdefault(name, [])
        if any(value == other for other, _ in known):
            known[:] = [r for r in known if r[0] == value] + [r for r in known if r[0] != value]
        else:
            known.insert(0, (value, f"{name} as in line {line}"))
            del known[MOST_VALUES:]
        self._newest[name] = node, self.here
        self._stale.discard(name)

    def forget(self, name: str) -> None:
        """The name stands for something else from here on, which was not read."""
        self._stale.add(name)

    def assigned(self, code: str) -> None:
        """Names that a program assigns, or a text introduces, are no longer what they were."""
        names = {m[1] for m in _ASSIGNED.finditer(code)}
        self._stale |= {name for name in self if name.split()[-1] in names}

    def introduced(self, text: str) -> None:
        """`Let $A$ be the matrix of the picture`."""
        letters = {
            re.sub(r"[\\{}]|math\w+|bm|boldsymbol", "", m[1]).strip() for m in _LET.finditer(text)
        }
        self._stale |= {name for name in self if name.split()[-1] in letters}

    def sure(self, name: str) -> bool:
        """Whether the newest value is what the name means here, as far as a page can say."""
        if name not in self._newest or name in self._stale:
            return False
        _, place = self._newest[name]
        if place.section != self.here.section:
            return False
        return not (place.printed or self.here.printed) or place.cell == self.here.cell

    def node(self, name: str) -> Node | None:
        """What is printed for the newest value."""
        return self._newest[name][0] if name in self._newest else None

    def new_section(self) -> None:
        """Forget the numbers."""
        self.related.clear()
        for name in list(self):
            self[name] = [r for r in self[name] if isinstance(r[0], Matrix)]
            if not self[name]:
                del self[name]
