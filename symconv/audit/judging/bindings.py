"""Names that a document gives values to: all of them are kept, any of them may be meant."""

from __future__ import annotations

from symconv.audit.values.matrix import Matrix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symconv.audit.values.evaluating import Reading
    from symconv.audit.values.matrix import Value

MOST_VALUES = 6


class Bindings(dict[str, list["Reading"]]):
    """Names to values, the newest first, each with the line that gave it.

    A number's name is forgotten at the next heading: letters such as k or s are used again and
    again; a matrix stays.
    """

    def bind(self, name: str, value: Value, line: int) -> None:
        """One more value of a name."""
        known = self.setdefault(name, [])
        if all(value != other for other, _ in known):
            known.insert(0, (value, f"{name} as in line {line}"))
            del known[MOST_VALUES:]

    def new_section(self) -> None:
        """Forget the numbers."""
        for name in list(self):
            self[name] = [r for r in self[name] if isinstance(r[0], Matrix)]
            if not self[name]:
                del self[name]
