"""Compare the outputs printed in a document with those that its code prints."""

from __future__ import annotations

from collections.abc import Sequence

from symconv.documents.claim import NOT_RUN, RANDOM, RIGHT, UNREAD, WRONG, Assessment, Claim
from symconv.documents.outputs.machine import depend_on_machine
from symconv.documents.outputs.printed import (
    SHORTENED,
    difference,
    numbers,
    plain,
    same,
    same_but_for_residues,
    shortened,
)
from symconv.documents.outputs.running import Runs, run_twice
from symconv.documents.sources.blocks import CODE, OUTPUT, Block


def judge_outputs(blocks: Sequence[Block], file: str, seconds: float) -> tuple[list[Claim], str]:
    """Run the code of a document (`seconds` at most) and judge every printed output.

    Returns a claim for each output, and a description of the limits under which the code ran.
    """
    cells: list[str] = []
    outputs: list[tuple[int, Block]] = []
    for block in blocks:
        if block.kind == CODE:
            cells.append(block.text)
        elif block.kind == OUTPUT:
            outputs.append((len(cells) - 1, block))
    if not outputs:
        return [], "not at all: there is no printed output"
    runs = run_twice(cells, seconds)
    of_machine = depend_on_machine(cells)
    claims = []
    last: dict[int, Block] = {}
    for cell, block in outputs:
        if cell < 0:
            finding = Assessment(UNREAD, "a printed output without code before it")
        elif cell in last:
            finding = Assessment(UNREAD, "a second printed output of the same program")
        else:
            finding = _finding(cell, block.text, runs, of_machine[cell])
        last[cell] = block
        claims.append(Claim(file, block.cell, block.line, shortened(block.text), finding))
    return claims, runs.isolation


def _finding(cell: int, printed: str, runs: Runs, of_machine: bool) -> Assessment:
    """Judge one printed output; `of_machine`: it also depends on the machine."""
    first, second = runs.results
    if cell >= len(first) or cell >= len(second):
        return Assessment(NOT_RUN, runs.ended)
    result, other = first[cell], second[cell]
    failed = next((n for n in range(cell) if first[n]["error"]), None)
    how = None if result["error"] else same(printed, result["printed"])
    if how is not None and plain(other["printed"]) == plain(result["printed"]):
        return Assessment(RIGHT, how)
    if result["error"]:
        return Assessment(NOT_RUN, result["error"])
    if plain(other["printed"]) != plain(result["printed"]):
        return Assessment(RANDOM, "two seeds print different results")
    if failed is not None:
        return Assessment(NOT_RUN, f"an earlier program failed: {first[failed]['error']}")
    if not numbers(printed) or "0x" in printed or printed.lstrip().startswith("<"):
        return Assessment(UNREAD, "a printed output that does not consist of numbers")
    if of_machine:
        return Assessment(UNREAD, "a printed output that depends on the machine")
    if SHORTENED in printed or SHORTENED in result["printed"]:
        return Assessment(UNREAD, "a printed output that is shortened")
    if same_but_for_residues(printed, result["printed"]):
        return Assessment(UNREAD, "a printed output that differs only in rounding residues")
    return Assessment(WRONG, difference(printed, result["printed"]))
