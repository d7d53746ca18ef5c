"""The tensor that a traced program sees: a shape and dtype for torch, handles for symconv."""

from __future__ import annotations

from typing import Any, NoReturn, Protocol

import torch
from torch.utils._pytree import tree_leaves

from symconv.tracing.refusing import Refused


class Keeper(Protocol):
    """The part of the tracer that tensors use: it knows the handles of every storage."""

    def remember(self, made: Any) -> None:
        """Register the storage of a new tensor."""

    def stored(self, key: int) -> torch.Tensor:
        """The handles of a storage, by the storage's key."""

    def refuse(self, refused: Refused) -> Refused:
        """Record a refusal, so that the program cannot suppress it."""


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
"""Methods of torch.Tensor that expose values or memory, and the reason to report."""


def storage_of(tensor: torch.Tensor) -> Any:
    """The storage of a tensor, without the checks of `Symbols.__torch_function__`."""
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.untyped_storage()


class Symbols(torch.Tensor):  # type: ignore[misc]  # torch is untyped here
    """A tensor without data; `handles` is an int64 tensor of the same shape and strides.

    torch moves the handles, so a view of this tensor is a view of its handles.
    """

    handles: torch.Tensor
    tracer: Keeper
    key: int

    @staticmethod
    def __new__(
        cls, handles: torch.Tensor, dtype: torch.dtype, tracer: Keeper, requires_grad: bool = False
    ) -> Symbols:
        """Create a tensor on `handles`, which are shared, not copied."""
        made: Symbols = torch.Tensor._make_wrapper_subclass(
            cls,
            handles.shape,
            strides=handles.stride(),
            storage_offset=handles.storage_offset(),
            dtype=dtype,
            device="cpu",
            requires_grad=requires_grad,
        )
        # there is no data: a kernel that asks for the address must fail
        torch._C._set_throw_on_mutable_data_ptr(made)
        made.handles, made.tracer = handles, tracer
        tracer.remember(made)
        return made

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Do nothing; `__new__` has set everything."""

    def refresh(self) -> None:
        """Update `handles` after an assignment `p.data = w`, which replaces this object's storage.

        Raises:
            Refused: the new storage was not created by the tracer.
        """
        key = storage_of(self)._cdata
        if key != self.key:
            self.key = key
            base = self.tracer.stored(key)
            place = (self.shape, self.stride(), self.storage_offset())
            self.handles = torch.as_strided(base, *place)

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Refuse methods that read values or memory without an aten operation.

        The refusal is recorded before it is raised, so a program that catches it and takes another
        path is still refused.

        Raises:
            Refused: the method is one of `LEAVING`.
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
        """Refuse every operation outside the tracer."""
        refused = Refused(f"{func} is called outside the followed program")
        for value in tree_leaves((args, kwargs)):
            if isinstance(value, Symbols):
                value.tracer.refuse(refused)
        raise refused
