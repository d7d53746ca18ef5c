"""Frozen slotted records, as `dataclass(frozen=True, slots=True)` makes them, without its import.

`dataclasses` brings inspect, ast and dis, which cost more than Python's own start; the floors below
`symconv size` and `symconv audit` must answer at once. Everything else uses `dataclasses`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is not imported either, for the same reason
if TYPE_CHECKING:
    from typing import Any, TypeVar, dataclass_transform

    T = TypeVar("T")
else:

    def dataclass_transform(**_):  # noqa: D103 - typing's own, for type checkers alone
        return lambda made: made


@dataclass_transform(frozen_default=True)
def frozen(cls: type[T]) -> type[T]:
    """The class with a slot for each annotated field, compared and hashed by their values.

    Defaults are the class attributes of that name; `__post_init__` is called where there is one.

    Raises:
        TypeError: a class with bases, or without fields: those are for `dataclasses`.
    """
    body: dict[str, Any] = dict(cls.__dict__)
    names = tuple(body.get("__annotations__", {}))
    if cls.__bases__ != (object,) or not names:
        raise TypeError(f"{cls.__name__}: a frozen record has fields, and no bases")
    defaults = {name: body.pop(name) for name in names if name in body}
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    body |= {"__slots__": names, "__match_args__": names}
    body = _METHODS | body
    made: type[T] = type(cls.__name__, cls.__bases__, body)
    _write(made, names, defaults)
    return made


def _write(made: Any, names: tuple[str, ...], defaults: dict[str, Any]) -> None:
    """Constructor, equality and hash as plain code, which is what makes them fast."""
    given = ", ".join(f"{n}=_default_{n}" if n in defaults else n for n in names)
    sets = "".join(f"    _set_{n}(self, {n})\n" for n in names)
    after = "    self.__post_init__()\n" if hasattr(made, "__post_init__") else ""
    own, others = (f"({''.join(f'{who}.{n}, ' for n in names)})" for who in ("self", "other"))
    source = (
        f"def __init__(self, {given}):\n{sets}{after}"
        f"def __hash__(self):\n    return hash({own})\n"
        "def __eq__(self, other):\n"
        "    if other.__class__ is not self.__class__:\n        return NotImplemented\n"
        f"    return {own} == {others}\n"
    )
    space = {f"_default_{n}": value for n, value in defaults.items()}
    space |= {f"_set_{n}": getattr(made, n).__set__ for n in names}
    exec(source, space)
    for name in ("__init__", "__hash__", "__eq__"):
        space[name].__qualname__ = f"{made.__qualname__}.{name}"
        setattr(made, name, space[name])


def _refuse(self: object, name: str, value: object) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")


def _delete(self: object, name: str) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")


def _reduce(self: Any) -> tuple[Any, ...]:
    return type(self), tuple(getattr(self, name) for name in self.__slots__)


def _repr(self: Any) -> str:
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
    return f"{type(self).__qualname__}({values})"


_METHODS = {
    "__setattr__": _refuse,
    "__delattr__": _delete,
    "__reduce__": _reduce,
    "__repr__": _repr,
}
