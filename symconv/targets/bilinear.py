"""Decoding: read the bilinear form that a black box computes out of its results.

One operand is one-hot, the other is coded in powers of a base, so that one call shows the
coefficients of many products at once, as balanced digits. Decoding is complete for small integer
coefficients. Anything else is detected, by a digit that does not fit or by probes with integers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.core.errors import LimitError
from symconv.core.geometry import Geometry
from symconv.exact.dtypes import DTYPES, INTEGER, REAL
from symconv.targets import torchlib
from symconv.targets.engine import Implementation
from symconv.targets.tensors import LAYOUTS, Array, Layouts, steps_of, to_numpy, to_torch

Call = Callable[[Any, Any], Any]
BITS = {name: DTYPES[name].exact_bits for name in (*REAL, *INTEGER)}
"""Bits of the exact integers of every dtype that can be decoded."""
MOST_CALLS = 20_000


class NotBilinear(Exception):
    """The black box does not compute a bilinear form with small integer coefficients."""


@dataclass(frozen=True)
class Decoded:
    """A bilinear form: `result[o[n]]` is the sum of `factor[n] * left[i[n]] * right[k[n]]`.

    Attributes:
        i, k, o: flat positions in the operands and the result.
        factor: integers.
        calls: number of calls made, including probes.
        probes: number of probes with random integers, all of which agreed.
        top: largest integer in the probes; 0 if the dtype allowed only few nonzero ones.
    """

    i: Array
    k: Array
    o: Array
    factor: Array
    calls: int
    probes: int
    top: int

    @property
    def words(self) -> str:
        """The probes that support the form and their chance of error, as text."""
        if not self.top:
            return f"{self.probes} probes of sparse integers, for which there is no bound"
        chance = (2 / (2 * self.top + 1)) ** self.probes
        return (
            f"{self.probes} probes of integers up to {self.top:,}, which a different polynomial of "
            f"degree 2 passes with probability at most {chance:.1g}; for other code there is no "
            "bound"
        )


def decode(
    call: Call,
    left: tuple[int, ...],
    right: tuple[int, ...],
    dtype: str,
    device: str = "cpu",
    seed: int = 0,
) -> Decoded:
    """Read the bilinear form of `call(left, right)` out of its results.

    Raises:
        NotBilinear: the results are not those of such a form; says why.
        LimitError: decoding would take more than `MOST_CALLS` calls.
    """
    base, count, taps = DTYPES[dtype].probe_base, math.prod(left), math.prod(right)
    digits = _digits(base, BITS[dtype])
    chunks = -(-taps // digits)
    if count * chunks > MOST_CALLS:
        raise LimitError(
            f"decoding takes {count * chunks:,} calls, but at most {MOST_CALLS:,} are allowed. Use "
            "smaller sizes or fewer channels"
        )

    def run(a: Array, b: Array) -> Array:
        pair = (
            to_torch(v.astype(np.float64) if dtype not in INTEGER else v, dtype, device)
            for v in (a.reshape(left), b.reshape(right))
        )
        found = to_numpy(call(*pair)).astype(np.float64 if dtype not in INTEGER else np.int64)
        if not np.isfinite(found).all() or (found != np.rint(found)).any():
            raise NotBilinear("integers give results that are not integers")
        return found.astype(np.int64).ravel()

    zero = run(np.zeros(count, np.int64), np.zeros(taps, np.int64))
    if zero.any():
        raise NotBilinear("zeros give a result that is not zero")
    parts: list[Array] = []
    for n in range(count):
        one = np.zeros(count, np.int64)
        one[n] = 1
        for start in range(0, taps, digits):
            stop = min(start + digits, taps)
            coded = np.zeros(taps, np.int64)
            coded[start:stop] = base ** np.arange(stop - start, dtype=np.int64)
            parts.append(_read(run(one, coded), n, start, stop - start, base))
    i, k, o, factor = np.concatenate(parts, axis=1) if parts else np.zeros((4, 0), np.int64)
    probes, top = _probed(run, (i, k, o, factor), (count, taps, len(zero)), dtype, seed)
    return Decoded(i, k, o, factor, count * chunks + probes + 1, probes, top)


def _digits(base: int, bits: int) -> int:
    """Number of balanced digits of which a dtype holds all sums exactly."""
    count = 1
    while (base - 1) // 2 * (base ** (count + 1) - 1) // (base - 1) < 2**bits:
        count += 1
    return count


def _read(values: Array, n: int, start: int, count: int, base: int) -> Array:
    """`(i, k, o, factor)` of the digits in the result of one call.

    Raises:
        NotBilinear: a remainder is left: some coefficient is not a small integer.
    """
    half, rest, found = (base - 1) // 2, values.copy(), []
    for digit in range(count):
        part = (rest + half) % base - half
        rest = (rest - part) // base
        at = np.flatnonzero(part)
        found.append(np.stack([np.full(len(at), n), np.full(len(at), start + digit), at, part[at]]))
    if rest.any():
        raise NotBilinear(
            f"a product has a factor that is not an integer from {-half} to {half}, or the result "
            "contains terms other than products of one entry of each operand"
        )
    return np.concatenate(found, axis=1)


def _probed(
    run: Callable[[Array, Array], Array],
    form: tuple[Array, ...],
    sizes: tuple[int, int, int],
    dtype: str,
    seed: int,
) -> tuple[int, int]:
    """Compare the black box with the decoded form on random integers.

    Returns the number of probes and the largest integer, see `Decoded`.

    Raises:
        NotBilinear: they differ.
    """
    i, k, o, factor = form
    most = int(np.bincount(o, np.abs(factor), 1).max()) if len(o) else 1
    budget = 2 ** min(BITS[dtype], 53)
    top = max(1, min(math.isqrt(budget // max(most, 1)), 2**20))
    chance, probes = np.random.default_rng(seed), DTYPES[dtype].probes
    narrow = most * top * top > budget
    for _ in range(probes):
        a, b = (chance.integers(-top, top + 1, n) for n in sizes[:2])
        if narrow:  # few nonzero numbers, so that sums stay small
            a = a * (chance.random(len(a)) < budget / most)
        wanted = np.zeros(sizes[2], np.int64)
        np.add.at(wanted, o, factor * a[i] * b[k])
        if not np.array_equal(run(a, b), wanted):
            raise NotBilinear(
                "integers give a different result from the products decoded one by one"
            )
    return probes, 0 if narrow else top


def result_of(
    target: Implementation,
    geometry: Geometry,
    name: str,
    shapes: dict[str, tuple[int, ...]],
    ways: Layouts,
) -> Callable[[Any, Any], Any]:
    """One result as a function of its two operands."""
    torch, steps = torchlib.load(), steps_of(geometry)

    def output(x: Any, k: Any) -> Any:
        return target.call(LAYOUTS[ways.x](x), LAYOUTS[ways.w](k), None, **steps)

    def gradient(v: Any, other: Any) -> Any:
        own = "x" if name == "grad_input" else "k"
        zeros = torch.zeros(shapes[own], dtype=v.dtype, device=v.device)
        x, k = (zeros, other) if own == "x" else (other, zeros)
        leaves = {"x": LAYOUTS[ways.x](x), "k": LAYOUTS[ways.w](k)}
        leaves[own].requires_grad_()
        y = target.call(leaves["x"], leaves["k"], None, **steps)
        return torch.autograd.grad(y, leaves[own], LAYOUTS[ways.grad](v))[0]

    return output if name == "output" else gradient
