"""Memory of a followed program: the handles in each storage, and whether the inputs reached it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from symconv.tracing.refusing import Refused
from symconv.tracing.tensor import Symbols, storage_of


class Storages:
    """Every storage that was made, by its key."""

    def __init__(self) -> None:
        """Nothing was made yet."""
        self._storages: dict[int, tuple[Any, torch.Tensor]] = {}
        self._dependent: set[int] = set()

    def remember(self, made: Symbols) -> None:
        """The handles of a storage, which stays alive so that its key is not used again."""
        storage = storage_of(made)
        made.key = storage._cdata
        self._storages.setdefault(made.key, (storage, made.handles))

    def stored(self, key: int) -> torch.Tensor:
        """The handles of a storage.

        Raises:
            Refused: it is unknown.
        """
        if key not in self._storages:
            raise Refused("a tensor's storage was replaced by one that was made elsewhere")
        return self._storages[key][1]

    def reached(self, tensors: Iterable[Any]) -> None:
        """The inputs take part in what these hold from now on."""
        for tensor in tensors:
            if isinstance(tensor, Symbols):
                self._dependent.update(_places(tensor))

    def depends(self, value: Any) -> bool:
        """Whether the inputs took part in what a tensor's memory holds, cancelled or not: rounded
        numbers need not cancel where polynomials do.
        """
        return isinstance(value, Symbols) and not self._dependent.isdisjoint(_places(value))


def _places(tensor: Symbols) -> tuple[int, int]:
    """The storage that the program sees, and that of the handles: some operations return views
    that torch's schema does not tell of.
    """
    return tensor.key, tensor.handles.untyped_storage().data_ptr()
