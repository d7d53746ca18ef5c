"""The tensor that a followed program sees: a dtype and a shape for it, handles for us."""

from __future__ import annotations

from typing import Any, NoReturn, Protocol

import torch
from torch.utils._pytree import tree_leaves

from symconv.targets.trace.refusing import Refused


class Keeper(Protocol):
    """Who knows the handles of every storage."""

    def remember(self, made: Any) -> None:
        """Of a new tensor."""

    def stored(self, key: int) -> torch.Tensor:
        """By a storage's key."""

    def refuse(self, refused: Refused) -> Refused:
        """Note a refusal, so that a program cannot swallow it."""


class Symbols(torch.Tensor):  # type: ignore[misc]  # torch is untyped here
    """A tensor without data; `handles` is an int64 tensor of the same shape and strides.

    torch moves the handles, so that a view of this tensor is a view of its handles.
    """

    handles: torch.Tensor
    tracer: Keeper
    key: int

    @staticmethod
    def __new__(
        cls, handles: torch.Tensor, dtype: torch.dtype, tracer: Keeper, requires_grad: bool = False
    ) -> Symbols:
        """Of `handles`, which are shared, not copied."""
        made: Symbols = torch.Tensor._make_wrapper_subclass(
            cls, handles.shape, strides=handles.stride(), storage_offset=handles.storage_offset(),
            dtype=dtype, device="cpu", requires_grad=requires_grad,
        )  # fmt: skip
        # a kernel that asks for the address would read memory that is not there
        torch._C._set_throw_on_mutable_data_ptr(made)
        made.handles, made.tracer = handles, tracer
        tracer.remember(made)
        return made

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Nothing is left to do."""

    def refresh(self) -> None:
        """`p.data = w` changes the storage behind this object: find the handles of the new one.

        Raises:
            Refused: the storage is none of those that were made here.
        """
        key = self.untyped_storage()._cdata
        if key != self.key:
            self.key = key
            base = self.tracer.stored(key)
            place = (self.shape, self.stride(), self.storage_offset())
            self.handles = torch.as_strided(base, *place)

    def __repr__(self, **options: Any) -> str:
        return f"Symbols(shape={tuple(self.shape)}, dtype={self.dtype})"

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> NoReturn:
        """Outside of the tracer nothing can be computed."""
        refused = Refused(f"{func} is called outside of the followed program")
        for value in tree_leaves((args, kwargs)):
            if isinstance(value, Symbols):
                value.tracer.refuse(refused)
        raise refused

    def numpy(self, *arguments: Any, **options: Any) -> NoReturn:
        """Values that are not there."""
        raise self.tracer.refuse(Refused("Tensor.numpy(): the program leaves torch here"))

    def __array__(self, *arguments: Any, **options: Any) -> NoReturn:
        raise self.tracer.refuse(
            Refused("a tensor becomes a NumPy array: the program leaves torch here")
        )

    def data_ptr(self) -> NoReturn:
        """Memory that is not there."""
        raise self.tracer.refuse(Refused("it asks for the address of a tensor's memory"))

    def tolist(self) -> NoReturn:
        """Values that are not there."""
        raise self.tracer.refuse(Refused("Tensor.tolist(): the program leaves torch here"))

    def __dlpack__(self, *arguments: Any, **options: Any) -> NoReturn:
        raise self.tracer.refuse(Refused("DLPack: the program leaves torch here"))
