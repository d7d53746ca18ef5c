"""A torch dispatch mode that executes every aten operation of a program on polynomial handles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map

from symconv.tracing import in_place, movement
from symconv.tracing.point import Point
from symconv.tracing.questions import ASKED, Answer, note
from symconv.tracing.refusing import Refused, unknown, words
from symconv.tracing.schema_arguments import (
    PLACES,
    dtype_name,
    for_handler,
    laid_out_as,
    named,
    require_dense_on_cpu,
    require_rounding,
    shadow,
    symbols_in,
)
from symconv.tracing.storages import Storages
from symconv.tracing.table import PolynomialTable
from symconv.tracing.tensor import Symbols

FACTORIES = words(
    "zeros ones full empty eye empty_strided new_empty new_ones new_full new_zeros empty_like "
    "ones_like zeros_like full_like scalar_tensor empty_permuted new_empty_strided"
)
RANDOM = words("uniform normal bernoulli random rand randn exponential native_dropout randint")
Handlers = Mapping[str, Callable[..., Any]]
SHAPE_IN_PLACE = words(
    "t_ transpose_ squeeze_ unsqueeze_ resize_ resize_as_ swapaxes_ swapdims_ as_strided_ set_"
)
CAST = "_to_copy"
"""The conversion operation; its handler receives the dtype if it is an integer or boolean dtype."""
QUESTIONS = frozenset(("is_pinned", "device", "sym_size", "sym_stride", "sym_numel", "size"))


class Tracer(TorchDispatchMode, Storages):  # type: ignore[misc]  # torch is untyped here
    """Dispatch mode that traces the operations executed inside `with tracer:`.

    Attributes:
        table: the polynomials.
        operations: how often each operation was executed on traced tensors.
        trusted: assumptions besides the correctness of torch's dispatcher and the handlers.
        rounded: dtypes to which values were converted; the polynomials ignore that rounding.
        circular: uses of transposed convolution itself, the operation under test.
        asked: convolutions that the program called, with their arguments.
        refusal: the first refusal, kept even if the program catches it and goes on.
        point: where values that depend on the inputs are evaluated; None to refuse such operations.
        answers: questions about constants (see `questions`) with their exact answers.
        answered: whether one of these questions was about a traced tensor.
    """

    def __init__(self, handlers: Handlers, point: Point | None = None) -> None:
        """Start with an empty table; `handlers` maps torch's operation names to functions."""
        super().__init__()
        Storages.__init__(self)
        self.point = point
        self._handlers = handlers
        self.table = PolynomialTable()
        self.operations: Counter[str] = Counter()
        self.trusted: set[str] = set()
        self.rounded: set[str] = set()
        self.circular: set[str] = set()
        self.asked: list[Any] = []
        self.refusal: Refused | None = None
        self.answers: list[Answer] = []
        self.answered = False
        self._fresh = 0

    def refuse(self, refused: Refused) -> Refused:
        """Record a refusal, so that the program cannot suppress it."""
        self.refusal = self.refusal or refused
        return refused

    def inputs(
        self, letter: str, shape: tuple[int, ...], dtype: torch.dtype, requires_grad: bool = False
    ) -> Symbols:
        """A tensor of fresh variables."""
        return self.given(self.table.variables(letter, shape), dtype, requires_grad)

    def given(self, handles: Any, dtype: torch.dtype, requires_grad: bool = False) -> Symbols:
        """A tensor that counts as dependent on the inputs: an input, or uninitialised memory."""
        made = Symbols(torch.as_tensor(handles), dtype, self, requires_grad)
        self.reached([made])
        return made

    def lift(self, value: Any) -> torch.Tensor:
        """The handles of a tensor or number; plain values become constants."""
        if isinstance(value, Symbols):
            return value.handles
        # torch.tensor would make a plain number float32 and lose digits
        wide = {"dtype": torch.float64}
        plain = value if isinstance(value, torch.Tensor) else torch.tensor(value, **wide)
        if plain.dtype == torch.bfloat16:
            plain = plain.float()
        return torch.from_numpy(self.table.constants(plain.detach().cpu().numpy()))

    def undefined(self, shape: Any, letter: str = "uninitialised") -> torch.Tensor:
        """Handles of uninitialised memory: a fresh variable for each element."""
        self._fresh += 1
        letter = f"{letter}{self._fresh}"
        return torch.from_numpy(self.table.variables(letter, tuple(shape)))

    def wrapped(self, handles: torch.Tensor, dtype: torch.dtype) -> Symbols:
        """Wrap handles as a tensor that the program can use."""
        return Symbols(handles, dtype, self)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Execute one operation on handles; a refusal is recorded before it is raised."""
        try:
            return self._answer(func, args, kwargs or {})
        except Refused as refused:
            raise self.refuse(refused) from None

    def _answer(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        symbols = symbols_in(args, kwargs)
        for tensor in symbols:
            tensor.refresh()
        name = func._schema.name.split("::")[-1]
        require_dense_on_cpu(func, args, kwargs)
        if name in FACTORIES and "out" in kwargs:
            raise Refused(f"aten.{name} with out= is not followed")
        if not symbols:
            return self._constant(func, name, args, kwargs)
        self.operations[f"{func.namespace}.{name}"] += 1
        if func.namespace == "prim" or name in QUESTIONS:
            return func(*args, **kwargs)
        if func.namespace != "aten":
            raise Refused(f"{func.namespace}::{name} is opaque: no formula is known for it")
        if name in SHAPE_IN_PLACE:
            raise Refused(f"aten.{name} changes the shape of a tensor in place")
        base = name[:-1] if name.endswith("_") and not name.endswith("__") else name
        target = in_place.destination(func, args, kwargs)
        if target is not None:
            in_place.require_no_overlap(name, base, target, symbols)
        if name in FACTORIES:
            return self._like(func, name, args, kwargs)
        depends = any(map(self.depends, symbols))
        made = self._made(func, name, base, args, kwargs, target)
        if depends:
            self.reached([*tree_leaves(made), target])
        return made

    def _made(
        self,
        func: Any,
        name: str,
        base: str,
        args: Any,
        kwargs: dict[str, Any],
        target: Symbols | None,
    ) -> Any:
        """The result of an operation on traced tensors."""
        if movement.is_mover(name, base):
            return self._moved(func, name, args, kwargs, target)
        if base in movement.BY_FLOATS:
            if target is not None:
                raise Refused(f"aten.{name} with out= is not followed")
            handles = movement.moved_by_floats(func, args, kwargs)
            return self._as_shadow(handles, shadow(func, args, kwargs), name, args)
        if base in RANDOM:
            if target is None or "out" in kwargs:
                raise Refused(f"aten.{name}: random numbers are not a polynomial of the inputs")
            target.handles.copy_(self.undefined(target.shape, "random"))
            self.reached([target])
            return target
        made = self._answered(func, base, name, args, kwargs, target)
        if self.point is None:
            before, shown = len(self.answers), made
            if isinstance(made, Symbols) and base in ASKED:
                numbers = [float(self.table.number(int(h))) for h in made.handles.reshape(-1)]
                shown = torch.tensor(numbers, dtype=torch.float64).reshape(made.handles.shape)
            note(self.answers, func, args, shown)
            self.answered |= len(self.answers) > before
        return made

    def _constant(self, func: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
        """Run an operation that has no traced operands.

        New floating-point tensors are traced from here on, so that results can be written into
        them.
        """
        result = func(*args, **kwargs)
        if name in FACTORIES and isinstance(result, torch.Tensor) and result.is_floating_point():
            self.operations[f"aten.{name}"] += 1
            if "empty" in name:
                return self.given(
                    laid_out_as(self.undefined(result.shape), result, name), result.dtype
                )
            return self.wrapped(laid_out_as(self.lift(result), result, name), result.dtype)
        if name in FACTORIES and "empty" in name and isinstance(result, torch.Tensor):
            _poison(result)
        note(self.answers, func, args, result)
        base = name.rstrip("_")
        if base in RANDOM or torch.Tag.nondeterministic_seeded in func.tags:
            self.trusted.add("random numbers of the program do not reach the result")
        return result

    def _like(self, func: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
        """Create a tensor by a factory with a traced operand (`zeros_like`, `new_full`, ...)."""
        model = shadow(func, args, kwargs)
        if not model.is_floating_point():
            if "empty" in name:
                _poison(model)
            return model
        if "empty" in name:
            return self.given(laid_out_as(self.undefined(model.shape), model, name), model.dtype)
        value: Any = 1 if "ones" in name else 0
        if "full" in name:
            value = dict(named(func, args, kwargs))["fill_value"]
        one = self.lift(float(value))
        handles = one.expand(tuple(model.shape)).clone()
        return self.wrapped(laid_out_as(handles, model, name), model.dtype)

    def _moved(
        self, func: Any, name: str, args: Any, kwargs: dict[str, Any], target: Symbols | None
    ) -> Any:
        """Apply an operation that only moves elements: torch runs it on the handles."""
        if func._schema.overload_name == "dtype":
            raise Refused(f"aten.{name} reads the bits of values as another dtype")
        if "out" in kwargs:
            raise Refused(f"aten.{name} with out= is not followed")
        if "conj" in name and any(t.dtype.is_complex for t in symbols_in(args, kwargs)):
            raise Refused(f"aten.{name}: complex conjugation is not a polynomial")
        views = target is None and any(a.alias_info for a in func._schema.arguments)
        model = None if views or target is not None else shadow(func, args, kwargs)
        args, kwargs = self._lifted(func, args, kwargs)
        given = symbols_in(args, kwargs)
        result = movement.moved(func, args, kwargs)
        if target is not None:
            for source in given:
                self._trust_rounding(source.dtype, target.dtype, name)
            return target
        if model is not None:
            moved, models = tree_leaves(result), tree_leaves(model)
            wrapped = [
                self._as_shadow(one, other, name, args) if isinstance(one, torch.Tensor) else one
                for one, other in zip(moved, models, strict=True)
            ]
            return wrapped[0] if isinstance(result, torch.Tensor) else type(result)(wrapped)
        dtype = given[0].dtype

        def wrap(value: Any) -> Any:
            return self.wrapped(value, dtype) if isinstance(value, torch.Tensor) else value

        made = tree_map(wrap, result)
        if name not in ("contiguous", "reshape"):
            made = return_and_correct_aliasing(func, args, kwargs, made)
            for tensor in tree_leaves(made):
                self.remember(tensor)
        return made

    def _lifted(self, func: Any, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Replace plain tensors that hold values by constants, but not indices and masks."""

        def constant(value: Any) -> Any:
            if isinstance(value, torch.Tensor) and not isinstance(value, Symbols):
                dtype = value.dtype if value.is_floating_point() else torch.get_default_dtype()
                return self.wrapped(self.lift(value), dtype)
            return value

        pairs = named(func, args, kwargs)
        made = [v if n in PLACES else tree_map(constant, v) for n, v in pairs]
        return tuple(made[: len(args)]), dict(zip(kwargs, made[len(args) :], strict=True))

    def _as_shadow(
        self, handles: torch.Tensor, model: torch.Tensor, name: str, given: Any
    ) -> Symbols:
        """Wrap handles with the dtype and strides of torch's own result, and record rounding.

        Raises:
            Refused: the dtype is not a floating-point dtype, or the shape differs.
        """
        for tensor in symbols_in(given):
            self._trust_rounding(tensor.dtype, model.dtype, name)
        return self.wrapped(laid_out_as(handles, model, name), model.dtype)

    def _trust_rounding(self, source: torch.dtype, target: torch.dtype, name: str) -> None:
        if require_rounding(source, target, name):
            self.rounded.add(dtype_name(target))

    def _answered(
        self,
        func: Any,
        base: str,
        name: str,
        args: Any,
        kwargs: dict[str, Any],
        target: Symbols | None,
    ) -> Any:
        """Compute an arithmetic operation with its handler."""
        handler = self._handlers.get(base)
        if handler is None:
            raise unknown(name)
        inputs = {k: v for k, v in kwargs.items() if k != "out"}
        if base == CAST:
            dtype = inputs.get("dtype")
            if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
                return handler(self, *args, dtype=dtype)
        positional, keywords = for_handler(func, args, inputs)
        made: Any = handler(self, *positional, **keywords)
        if not isinstance(made, (torch.Tensor, list, tuple)):
            return made
        model = shadow(func, args, kwargs)
        if isinstance(made, torch.Tensor) and made.dtype == torch.bool and target is None:
            return laid_out_as(made, model, name)
        if target is not None:
            assert isinstance(made, torch.Tensor)  # operations that write have one result
            if made.shape != target.shape:
                raise Refused(
                    f"aten.{name} writes shape {tuple(made.shape)} into {tuple(target.shape)}"
                )
            for tensor in symbols_in(args, inputs):
                self._trust_rounding(tensor.dtype, target.dtype, name)
            target.handles.copy_(made)
            return target
        if isinstance(made, torch.Tensor):
            return self._as_shadow(made, model, name, args)
        return tuple(
            None if handles is None else self._as_shadow(handles, other, name, args)
            for handles, other in zip(made, model, strict=True)
        )

    def elementwise(self, function: Any, *values: Any) -> torch.Tensor:
        """Apply a function of flat arrays of handles to operands broadcast to a common shape."""
        shaped = torch.broadcast_tensors(*(self.lift(v) for v in values))
        flat = [np.ascontiguousarray(t.numpy()).reshape(-1) for t in shaped]
        return torch.from_numpy(np.ascontiguousarray(function(*flat))).reshape(shaped[0].shape)


def _poison(tensor: torch.Tensor) -> None:
    """Fill uninitialised integers with a conspicuous value, since programs may expect zeros."""
    if tensor.dtype == torch.bool:
        tensor.fill_(True)
    elif not (tensor.is_floating_point() or tensor.is_complex()):
        tensor.fill_(torch.iinfo(tensor.dtype).max // 3)
