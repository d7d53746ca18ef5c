"""Names and the values that a document gives them; a later use may mean any of the values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symconv.documents.tex.nodes import Node
from symconv.documents.values.matrix import EntryMatrix, Reading, Value

MOST_VALUES = 6
_ASSIGNED = re.compile(r"^[ \t]*([A-Za-z_]\w*)[ \t]*(?:,[^=\n]*)?=(?!=)", re.M)
_LET = re.compile(
    r"(?i)\b(?:let|for an?|consider)\b[^.$]{0,40}\$\s*([^$=]{1,40}?)\s*\$\s+(?:be|denote)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document where a name is given a value or used.

    Attributes:
        section: number of headings before the place.
        cell: the cell of a notebook, or None.
        printed: whether a program printed the text.
    """

    section: int = 0
    cell: int | None = None
    printed: bool = False


class Bindings(dict[str, list["Reading"]]):
    """Maps names to their values, the newest first, each with a note on the line that gave it.

    Numbers are forgotten at the next heading, since symbols such as k or s are often reused.
    Matrices are kept, but a doubtful finding may only rest on the newest value given in the same
    section.

    Attributes:
        here: the current place in the document.
        related: symbols that the section relates by equations, such as `c^2 + s^2 = 1`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.here = Place()
        self.related: set[str] = set()
        self._newest: dict[str, tuple[Node | None, Place]] = {}
        self._stale: set[str] = set()

    def copied(self) -> Bindings:
        """An independent copy, for trying out a reading."""
        made = Bindings()
        made.update({name: list(values) for name, values in self.items()})
        made.here, made.related = self.here, set(self.related)
        made._newest, made._stale = dict(self._newest), set(self._stale)
        return made

    def bind(self, name: str, value: Value, line: int, node: Node | None = None) -> None:
        """Add a value of a name, as given in `line`; `node` is the printed formula."""
        known = self.setdefault(name, [])
        if any(value == other for other, _ in known):
            known[:] = [r for r in known if r[0] == value] + [r for r in known if r[0] != value]
        else:
            known.insert(0, (value, f"{name} as in line {line}"))
            del known[MOST_VALUES:]
        self._newest[name] = node, self.here
        self._stale.discard(name)

    def forget(self, name: str) -> None:
        """Mark a name as stale: from here on it denotes something that was not understood."""
        self._stale.add(name)

    def assigned(self, code: str) -> None:
        """Mark the names that a program assigns as stale."""
        names = {m[1] for m in _ASSIGNED.finditer(code)}
        self._stale |= {name for name in self if name.split()[-1] in names}

    def introduced(self, text: str) -> None:
        """Mark names as stale that a text introduces: `Let $A$ be the matrix of the picture`."""
        letters = {
            re.sub(r"[\\{}]|math\w+|bm|boldsymbol", "", m[1]).strip() for m in _LET.finditer(text)
        }
        self._stale |= {name for name in self if name.split()[-1] in letters}

    def sure(self, name: str) -> bool:
        """Whether a name here certainly means its newest value.

        It must have been given in this section, not be stale, and come from the same cell if either
        text was printed by a program.
        """
        if name not in self._newest or name in self._stale:
            return False
        _, place = self._newest[name]
        if place.section != self.here.section:
            return False
        return not (place.printed or self.here.printed) or place.cell == self.here.cell

    def node(self, name: str) -> Node | None:
        """The printed formula of the newest value, or None."""
        return self._newest[name][0] if name in self._newest else None

    def new_section(self) -> None:
        """Forget numbers and relations at the start of a section; keep matrices."""
        self.related.clear()
        for name in list(self):
            self[name] = [r for r in self[name] if isinstance(r[0], EntryMatrix)]
            if not self[name]:
                del self[name]
