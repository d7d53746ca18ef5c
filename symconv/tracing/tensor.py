"""The tensor that a followed program sees: a dtype and a shape for it, handles for us."""

from __future__ import annotations

from typing import Any, NoReturn, Protocol

import torch
from torch.utils._pytree import tree_leaves

from symconv.tracing.refusing import Refused


class Keeper(Protocol):
    """Who knows the handles of every storage."""

    def remember(self, made: Any) -> None:
        """Of a new tensor."""

    def stored(self, key: int) -> torch.Tensor:
        """By a storage's key."""

    def refuse(self, refused: Refused) -> Refused:
        """Note a refusal, so that a program cannot swallow it."""


PRINTED = "the program reads the text of a tensor"
LEFT = "the program leaves torch here"
MEMORY = "the program reads a tensor's memory"
LEAVING = {
    "__repr__": PRINTED,
    "__str__": PRINTED,
    "__format__": PRINTED,
    "numpy": LEFT,
    "__array__": LEFT,
    "tolist": LEFT,
    "__dlpack__": LEFT,
    "to_dlpack": LEFT,
    "__array_interface__": LEFT,
    "__cuda_array_interface__": LEFT,
    "data_ptr": "it asks for the address of a tensor's memory",
    "const_data_ptr": MEMORY,
    "mutable_data_ptr": MEMORY,
    "storage": MEMORY,
    "untyped_storage": MEMORY,
    "_typed_storage": MEMORY,
    "storage_type": MEMORY,
    "share_memory_": MEMORY,
    "__reduce__": "the program pickles a tensor",
    "__reduce_ex__": "the program pickles a tensor",
    "__deepcopy__": "the program copies a tensor's memory",
    "__setstate__": MEMORY,
}
"""Methods of torch.Tensor that give values or memory away, and what a reader is told."""


def storage_of(tensor: torch.Tensor) -> Any:
    """The storage of a tensor, for the tracer's own bookkeeping."""
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.untyped_storage()


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
            cls,
            handles.shape,
            strides=handles.stride(),
            storage_offset=handles.storage_offset(),
            dtype=dtype,
            device="cpu",
            requires_grad=requires_grad,
        )
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
        key = storage_of(self)._cdata
        if key != self.key:
            self.key = key
            base = self.tracer.stored(key)
            place = (self.shape, self.stride(), self.storage_offset())
            self.handles = torch.as_strided(base, *place)

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Methods that read values or memory without an aten operation are refused.

        The refusal is noted before it is raised, so a program that catches it does not get an
        answer by taking another path.

        Raises:
            Refused: one of `LEAVING` is called.
        """
        name = getattr(func, "__name__", "")
        if name in LEAVING:
            for value in tree_leaves((args, kwargs)):
                if isinstance(value, Symbols):
                    raise value.tracer.refuse(Refused(f"Tensor.{name}(): {LEAVING[name]}"))
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **(kwargs or {}))

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
