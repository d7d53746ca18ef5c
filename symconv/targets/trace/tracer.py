"""The mode that takes every aten operation of a program and answers it on handles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map

from symconv.targets.trace import movement, writing
from symconv.targets.trace.point import Point
from symconv.targets.trace.promotion import hollow, result_dtype
from symconv.targets.trace.questions import ASKED, Answer, note
from symconv.targets.trace.refusing import Refused, unknown, words
from symconv.targets.trace.storages import Storages
from symconv.targets.trace.table import Table
from symconv.targets.trace.tensor import Symbols

FACTORIES = words(
    "zeros ones full empty eye empty_strided new_empty new_ones new_full new_zeros empty_like "
    "ones_like zeros_like full_like scalar_tensor empty_permuted new_empty_strided"
)
RANDOM = words("uniform normal bernoulli random rand randn exponential native_dropout randint")
Handlers = Mapping[str, Callable[..., Any]]
QUESTIONS = frozenset(("is_pinned", "device", "sym_size", "sym_stride", "sym_numel", "size"))


class Tracer(TorchDispatchMode, Storages):  # type: ignore[misc]  # torch is untyped here
    """Follows what runs inside `with tracer:`.

    Attributes:
        table: of the polynomials.
        operations: how often each operation was answered.
        trusted: what must be believed besides torch's dispatcher and the handlers.
        circular: uses of the very operation that is in question.
        asked: convolutions, with their arguments.
        refusal: the first one, also where the program caught it and went on.
        point: where values that depend on the inputs are looked up; None for nowhere.
        answers: questions about constants, as they were answered exactly.
        answered: one of them was about a followed tensor.
    """

    def __init__(self, handlers: Handlers, point: Point | None = None) -> None:
        """An empty table; `handlers` by torch's names of operations."""
        super().__init__()
        Storages.__init__(self)
        self.point = point
        self._handlers = handlers
        self.table = Table()
        self.operations: Counter[str] = Counter()
        self.trusted: set[str] = set()
        self.circular: set[str] = set()
        self.asked: list[Any] = []
        self.refusal: Refused | None = None
        self.answers: list[Answer] = []
        self.answered = False
        self._fresh = 0

    def refuse(self, refused: Refused) -> Refused:
        """Note a refusal, so that a program cannot swallow it."""
        self.refusal = self.refusal or refused
        return refused

    def inputs(
        self, letter: str, shape: tuple[int, ...], dtype: torch.dtype, requires_grad: bool = False
    ) -> Symbols:
        """A tensor of fresh variables."""
        return self.given(self.table.variables(letter, shape), dtype, requires_grad)

    def given(self, handles: Any, dtype: torch.dtype, requires_grad: bool = False) -> Symbols:
        """A tensor of the program's inputs, or of memory that nobody wrote to."""
        made = Symbols(torch.as_tensor(handles), dtype, self, requires_grad)
        self.reached([made])
        return made

    def lift(self, value: Any) -> torch.Tensor:
        """The handles of a tensor or number, constants among them."""
        if isinstance(value, Symbols):
            return value.handles
        # a plain number would become a float32 tensor, and lose digits
        wide = {"dtype": torch.float64}
        plain = value if isinstance(value, torch.Tensor) else torch.tensor(value, **wide)
        if plain.dtype == torch.bfloat16:
            plain = plain.float()
        return torch.from_numpy(self.table.constants(plain.detach().cpu().numpy()))

    def undefined(self, shape: Any, letter: str = "uninitialised") -> torch.Tensor:
        """Memory that nothing was written to: a fresh variable for each cell."""
        self._fresh += 1
        letter = f"{letter}{self._fresh}"
        return torch.from_numpy(self.table.variables(letter, tuple(shape)))

    def wrapped(self, handles: torch.Tensor, dtype: torch.dtype) -> Symbols:
        """A tensor for the program."""
        return Symbols(handles, dtype, self)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Answer one operation, or note why not."""
        try:
            return self._answer(func, args, kwargs or {})
        except Refused as refused:
            raise self.refuse(refused) from None

    def _answer(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        symbols = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Symbols)]
        for tensor in symbols:
            tensor.refresh()
        name = func._schema.name.split("::")[-1]
        if not symbols:
            return self._constant(func, name, args, kwargs)
        self.operations[f"{func.namespace}.{name}"] += 1
        if func.namespace == "prim" or name in QUESTIONS:
            return func(*args, **kwargs)
        if func.namespace != "aten":
            raise Refused(f"{func.namespace}::{name} is opaque: no formula of it is known here")
        base = name[:-1] if name.endswith("_") and not name.endswith("__") else name
        target = writing.destination(func, args, kwargs)
        if target is not None:
            writing.require_no_overlap(name, base, target, symbols)
            kwargs = {k: v for k, v in kwargs.items() if k != "out"}
        if name in FACTORIES:
            return self._like(func, name, args, kwargs, symbols[0].dtype)
        depends = any(map(self.depends, symbols))
        made = self._made(func, name, base, args, kwargs, symbols, target)
        if depends:
            self.reached([*tree_leaves(made), target])
        return made

    def _made(
        self, func: Any, name: str, base: str, args: Any, kwargs: dict[str, Any],
        symbols: list[Symbols], target: Symbols | None,
    ) -> Any:  # fmt: skip
        """The result of an operation on followed tensors."""
        if movement.is_mover(name, base):
            return self._moved(func, name, args, kwargs, symbols, target)
        if base in movement.BY_FLOATS:
            return self.wrapped(movement.moved_by_floats(func, args, kwargs), symbols[0].dtype)
        if base in RANDOM:
            if target is None:
                raise Refused(f"aten.{name}: random numbers are no polynomial of the inputs")
            target.handles.copy_(self.undefined(target.shape, "random"))
            self.reached([target])
            return target
        made = self._answered(base, name, args, kwargs, symbols, target)
        if self.point is None:
            before, shown = len(self.answers), made
            if isinstance(made, Symbols) and base in ASKED:
                numbers = [float(self.table.number(int(h))) for h in made.handles.reshape(-1)]
                shown = torch.tensor(numbers, dtype=torch.float64).reshape(made.handles.shape)
            note(self.answers, func, args, shown)
            self.answered |= len(self.answers) > before
        return made

    def _constant(self, func: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
        """No symbol takes part: the operation runs; new float tensors become symbols, so that
        results can be written into them.
        """
        result = func(*args, **kwargs)
        if name in FACTORIES and isinstance(result, torch.Tensor) and result.is_floating_point():
            self.operations[f"aten.{name}"] += 1
            if "empty" in name:
                return self.given(self.undefined(result.shape), result.dtype)
            return self.wrapped(self.lift(result), result.dtype)
        note(self.answers, func, args, result)
        base = name.rstrip("_")
        if base in RANDOM:
            self.trusted.add("random numbers of the program do not reach the result")
        return result

    def _like(
        self, func: Any, name: str, args: Any, kwargs: dict[str, Any], dtype: torch.dtype
    ) -> Any:
        """A new tensor, shaped like a symbol or made by one."""
        dtype = kwargs.get("dtype") or dtype
        shape = args[0].shape if name.endswith("_like") else args[1]
        if not dtype.is_floating_point:
            return func(*tree_map(hollow, args), **kwargs)
        if "empty" in name:
            return self.given(self.undefined(shape), dtype)
        value: Any = 1 if "ones" in name else 0
        if "full" in name:
            value = args[2] if name == "new_full" else args[1]
        one = self.lift(float(value))
        return self.wrapped(one.expand(tuple(shape)).clone(), dtype)

    def _moved(
        self,
        func: Any,
        name: str,
        args: Any,
        kwargs: dict[str, Any],
        symbols: list[Symbols],
        target: Symbols | None,
    ) -> Any:
        """Handles moved by torch itself."""

        def constants(value: Any) -> Any:
            plain = isinstance(value, torch.Tensor) and not isinstance(value, Symbols)
            if plain and value.is_floating_point():
                return self.wrapped(self.lift(value), value.dtype)
            return value

        args, kwargs = tree_map(constants, (args, kwargs))
        result = movement.moved(func, args, kwargs)
        if target is not None:
            return target
        dtype = symbols[0].dtype
        aliased = any(a.alias_info for a in func._schema.arguments)

        def wrap(value: Any) -> Any:
            return self.wrapped(value, dtype) if isinstance(value, torch.Tensor) else value

        made = tree_map(wrap, result)
        if aliased and name not in ("contiguous", "reshape"):
            made = return_and_correct_aliasing(func, args, kwargs, made)
            for tensor in tree_leaves(made):
                self.remember(tensor)
        return made

    def _answered(
        self,
        base: str,
        name: str,
        args: Any,
        kwargs: dict[str, Any],
        symbols: list[Symbols],
        target: Symbols | None,
    ) -> Any:
        """Arithmetic, by its handler."""
        handler = self._handlers.get(base)
        if handler is None:
            raise unknown(name)
        made = handler(self, *args, **kwargs)
        if target is not None:
            assert isinstance(made, torch.Tensor)
            target.handles.copy_(made)
            return target
        if isinstance(made, (list, tuple)):
            return tuple(None if h is None else self.wrapped(h, symbols[0].dtype) for h in made)
        if made is None or not isinstance(made, torch.Tensor) or isinstance(made, Symbols):
            return made
        if made.dtype != torch.int64 or base == "_to_copy":
            return made
        return self.wrapped(made, result_dtype(args, symbols))

    def elementwise(self, function: Any, *values: Any) -> torch.Tensor:
        """A function of flat NumPy handles over operands of shapes that fit together."""
        shaped = torch.broadcast_tensors(*(self.lift(v) for v in values))
        flat = [np.ascontiguousarray(t.numpy()).reshape(-1) for t in shaped]
        return torch.from_numpy(np.ascontiguousarray(function(*flat))).reshape(shaped[0].shape)
