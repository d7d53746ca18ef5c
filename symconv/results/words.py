"""Reasons as English sentences. No code reads these; it decides by the reasons themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from symconv.results.reasons import Reason, ReasonKind

K = ReasonKind
FAST = "consistent with a fast algorithm such as Winograd or FFT"
OTHERWISE = (
    "To decide: --by decode recovers the products from its results; symconv check without --by "
    "symbolic tests it on numbers"
)


def _raised(reason: Reason) -> str:
    where = " in the backward pass" if reason["backward"] else ""
    return f"raised{where} {reason['brief']}"


def _no_backward(reason: Reason) -> str:
    source = "input and weight" if reason["from_inputs"] else "the autograd graph"
    return f"has no backward pass: the result is detached from {source}"


def _beyond(reason: Reason) -> str:
    bound = f"the bound of {reason['model']}" if reason["model"] else "every bound"
    return f"{reason['wrong']} of {reason['cells']} cells exceed {bound}"


def _nonfinite(what: str) -> Callable[[Reason], str]:
    def sentence(reason: Reason) -> str:
        where = f"in {reason['wrong']} of {reason['cells']} cells, first in {reason['where']}"
        lenient = reason.as_dict().get("lenient")
        fast = "; consistent with a fast algorithm or inserted zeros" if lenient else ""
        return f"{what}, {where}{fast}"

    return sentence


def _memory_of_worker(reason: Reason) -> str:
    size = reason["bytes"]
    amount = (
        f"{size / 2**30:.3g} GiB more than torch needs" if size else "all of the machine's memory"
    )
    return f"a worker may allocate {amount}"


def _mistake(reason: Reason) -> str:
    source = f" (as in {reason['source']})" if reason["source"] else ""
    return f"{reason['name']}: {reason['description']}{source}"


def _products(what: str) -> Callable[[Reason], str]:
    def sentence(reason: Reason) -> str:
        common = f", all with {reason['common']}" if reason["common"] else ""
        if reason["count"] == reason["total"]:
            common = ", all of them"
        count = f"{reason['count']} of {reason['total']}"
        return f"{count} products are {what}{common} ({reason['named']})"

    return sentence


def _factor(reason: Reason) -> str:
    count, total = reason["count"], reason["total"]
    many = f"all {total}" if reason["which"] == "all" else f"{count} of {total}"
    return f"{many} products have the factor {reason['factors']} ({reason['named']})"


def _wrong_cells(reason: Reason) -> str:
    wrong, cells, result = reason["wrong"], reason["cells"], reason["result"]
    if wrong == cells:
        return f"every cell of {result} is wrong"
    common = f", all at {reason['common']}" if reason["common"] else ""
    zero = " where it is 0" if reason["zero"] else ""
    return f"{wrong} of {cells} cells of {result} are wrong{common}{zero}"


def _refused(reason: Reason) -> str:
    right = ""
    if reason["points"]:
        right = f". At {reason['points']} of {reason['of']} points the path that it takes is right"
    return f"it cannot be followed: {reason['refusal']}{right}. {OTHERWISE}"


def _other_path(reason: Reason) -> str:
    against = reason["against"]
    right = f"it agrees with {against}" if against else "it is right"
    count = f"{reason['count']} of {reason['cells']} cells"
    return (
        f"on symbols {count} are different polynomials; {reason['difference']}; on numbers "
        f"{right}: it takes a different path there"
    )


def _numbers_differ(reason: Reason) -> str:
    if reason["against"]:
        return (
            f"on symbols it equals {reason['against']}, on numbers it does not, so one of them "
            "depends on something other than values"
        )
    return (
        "on symbols it is right, on numbers it is not, so it depends on something other than values"
    )


SENTENCES: dict[ReasonKind, str | Callable[[Reason], str]] = {
    K.RAISED: _raised,
    K.NO_BACKWARD_RAISED: "has no backward pass: with gradients required it raised {brief}",
    K.NO_BACKWARD: _no_backward,
    K.RETURN_TYPE: "returned {got}, but a tensor is required",
    K.SHAPE: "returned shape {got}, but {needed} is required",
    K.DTYPE: "returned dtype {got}, but {needed} is required",
    K.DEVICE: "returned device {got}, but {needed} is required",
    K.VIEW_OF_INPUT: "returned a view of an input's memory",
    K.MOVED_INPUT: "moved an input to other memory, or changed its shape or requires_grad",
    K.CHANGED_INPUT: "changed an input in place",
    K.GRADIENT_MISSING: "{result} is None, but shape {needed} is required",
    K.GRADIENT_SHAPE: "{result} has shape {got}, but {needed} is required",
    K.ACCEPTS_ILLEGAL: "returned shape {shape} although {condition}",
    K.NOT_EXACT: "{wrong} of {cells} cells are not the exact result",
    K.NOT_EXACT_BUT_FAST: f"{{wrong}} of {{cells}} cells are not the exact result; {FAST}",
    K.BEYOND_BOUND: _beyond,
    K.NOT_CONVENTIONAL: (
        f"not of conventional accuracy in {{wrong}} of {{cells}} cells; {FAST}. To decide: use "
        "--algorithm direct if the kernel forms each product once"
    ),
    K.MAY_OVERFLOW: "every cell may overflow in an intermediate sum",
    K.NONFINITE_LOST: _nonfinite("an inf or nan among the terms is lost"),
    K.NONFINITE_SPREAD: _nonfinite("not finite although every term is finite"),
    K.NONFINITE_KIND: _nonfinite("a different kind of inf or nan than the terms give"),
    K.DIFFERENT_ELEMENT: "{where} in {dtype} is {actual}, {whose} {expected}",
    K.DIFFERENT_SHAPE: "{where} in {dtype} has shape {got}, {whose} {needed}",
    K.SIGNAL: lambda r: f"{r['signal']}: {r['frame']}" if r["frame"] else r["signal"],
    K.EXIT_CODE: "exit code {code}",
    K.TIME_LIMIT: "it exceeded the time limit of one case (--case-seconds)",
    K.MEMORY_LIMIT: "it exceeded the memory limit (--case-memory)",
    K.ALLOCATION_FAILED: "an allocation failed (--case-memory)",
    K.NO_THREADS: "the system did not let it start more threads",
    K.SIGNAL_FROM_OUTSIDE: ("{signal}, which users, schedulers and a system out of memory send"),
    K.DEVICE_LOST: "the device was lost: {message}",
    K.NOT_AGAIN: "it did not occur again in {runs} separate runs",
    K.JUDGE_FAILED: "{type} at {frame}",
    K.WORKER_MEMORY: _memory_of_worker,
    K.MISTAKE: _mistake,
    K.PRODUCTS_MISSING: _products("missing"),
    K.PRODUCTS_MOVED: _products("in another cell"),
    K.PRODUCTS_EXTRA: _products("extra"),
    K.PRODUCTS_COPIED: _products("also in another cell"),
    K.FACTOR: _factor,
    K.BIAS_WRONG: "the bias is wrong in {count} of {total} cells",
    K.NOT_ZERO: "the result is not zero for operands that are zero",
    K.NOT_BILINEAR: ("the result is not the sum of its single products: it depends on values"),
    K.WRONG_CELLS: _wrong_cells,
    K.REFUSED: _refused,
    K.KEEPS_SYMBOLS: (
        "it keeps a tensor of symbols from the call that was followed, so its later calls on "
        "numbers prove nothing: {refusal}"
    ),
    K.AT_VALUES: (
        "it asks for values; on {values} it computes different polynomials: {difference}"
    ),
    K.RETURNED_ON_SYMBOLS: "{fault}; also on numbers",
    K.ONLY_ON_SYMBOLS: "on symbols {fault}; not on numbers",
    K.OTHER_POLYNOMIALS: "{count} of {cells} cells are different polynomials; {difference}",
    K.OTHER_PATH: _other_path,
    K.CONSTANTS_DIFFER: (
        "equal up to constants: the largest relative error of a coefficient is {largest:.2g}"
    ),
    K.KERNEL_DIFFERS: "in {dtype}: {difference}",
    K.FAULT_OF: "{program} {fault}",
    K.NUMBERS_DIFFER: _numbers_differ,
    K.CIRCULAR: (
        "circular: the program calls {calls}, whose formula is the definition itself. To decide: "
        "--by symbolic --probe-kernels decodes it"
    ),
    K.NOT_DECODED: "{result} is not decoded: {refusal}",
    K.PRODUCTS_DIFFER: "{difference}",
    K.STATED: "{text}",
}
"""The sentence of each kind, without its full stop: a format string, or a function."""


def sentence(reason: Reason) -> str:
    """One reason as a clause.

    >>> from symconv.results.reasons import because
    >>> sentence(because(ReasonKind.SHAPE, got="(1, 4)", needed="(1, 5)"))
    'returned shape (1, 4), but (1, 5) is required'
    """
    form = SENTENCES[reason.kind]
    return form.format(**reason.as_dict()) if isinstance(form, str) else form(reason)


def sentences(reasons: Iterable[Reason]) -> str:
    """Several reasons, joined by semicolons; "" for none."""
    return "; ".join(map(sentence, reasons))
