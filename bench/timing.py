"""Timing by interleaved runs and medians, so that both sides run under the same load."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison; `ratio` is how many times faster symconv is (or slower, for overheads)."""

    name: str
    ours_ms: float
    theirs_ms: float
    ratio: float
    wanted: str
    met: bool


def median_ms(runs: list[float]) -> float:
    return 1000 * statistics.median(runs)


def interleaved(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    rounds: int,
    before: Callable[[], object] = lambda: None,
) -> tuple[float, float]:
    """Median times of both functions in milliseconds; `before` runs, untimed, before each call."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, function in enumerate((ours, theirs)):
            before()
            start = time.perf_counter()
            function()
            times[side].append(time.perf_counter() - start)
    return median_ms(times[0]), median_ms(times[1])


def faster(name: str, pair: tuple[float, float], at_least: float) -> Row:
    ratio = pair[1] / pair[0]
    return Row(name, *pair, ratio, f"at least {at_least:g}x", ratio >= at_least)


def slower(name: str, pair: tuple[float, float], at_most: float) -> Row:
    ratio = pair[0] / pair[1]
    return Row(name, *pair, ratio, f"at most {at_most:g}x", ratio <= at_most)


def measured(name: str, pair: tuple[float, float]) -> Row:
    return Row(name, *pair, pair[0] / pair[1], "measured", True)
