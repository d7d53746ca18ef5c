"""Memory of a traced program: the handles in each storage, and whether the inputs reach it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from symconv.tracing.refusing import Refused
from symconv.tracing.tensor import Symbols, storage_of


class Storages:
    """All storages that the tracer created, by their keys."""

    def __init__(self) -> None:
        """Start without storages."""
        self._storages: dict[int, tuple[Any, torch.Tensor]] = {}
        self._dependent: set[int] = set()

    def remember(self, made: Symbols) -> None:
        """Register a tensor's storage, and keep it alive so that its key is not used again."""
        storage = storage_of(made)
        made.key = storage._cdata
        self._storages.setdefault(made.key, (storage, made.handles))

    def stored(self, key: int) -> torch.Tensor:
        """The handles of a storage.

        Raises:
            Refused: the storage was not created by the tracer.
        """
        if key not in self._storages:
            raise Refused("a tensor's storage was replaced by one created elsewhere")
        return self._storages[key][1]

    def reached(self, tensors: Iterable[Any]) -> None:
        """Mark the memory of these tensors as dependent on the inputs."""
        for tensor in tensors:
            if isinstance(tensor, Symbols):
                self._dependent.update(_places(tensor))

    def depends(self, value: Any) -> bool:
        """Whether the memory of a tensor depends on the inputs.

        It does even where the polynomials cancel, since rounded numbers need not cancel there.
        """
        return isinstance(value, Symbols) and not self._dependent.isdisjoint(_places(value))


def _places(tensor: Symbols) -> tuple[int, int]:
    """Keys of the storage that the program sees and of the storage of the handles.

    Both are needed: some operations return views that torch's schema does not declare.
    """
    return tensor.key, tensor.handles.untyped_storage().data_ptr()
