"""Run the cells of a document one after another and record what each prints.

This is a separate program, `python -I program.py CELLS SEED RESULTS`, that imports nothing of
symconv.
"""

import ast
import contextlib
import io
import json
import random
import sys
from pathlib import Path

MOST_TEXT = 200_000


def seed_all(seed: int, cells: list[str]) -> None:
    """Seed Python's random generator, and those of NumPy and torch if the code mentions them."""
    random.seed(seed)
    named = "\n".join(cells)
    if "numpy" in named:
        with contextlib.suppress(Exception):
            import numpy

            numpy.random.seed(seed)
    if "torch" in named:
        with contextlib.suppress(Exception):
            import torch

            torch.manual_seed(seed)
            torch.set_num_threads(1)


def run_cell(source: str, names: dict[str, object]) -> dict[str, object]:
    """Run a cell in the namespace `names`.

    Returns its printed output, followed by the repr of its last expression as an interactive prompt
    shows it, and the error as text, empty if there is none.
    """
    lines = [line for line in source.split("\n") if not line.lstrip().startswith(("%", "!"))]
    printed = io.StringIO()
    error = ""
    shown = ""
    try:
        tree = ast.parse("\n".join(lines))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(tree, "<cell>", "exec"), names)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
                if value is not None:
                    shown = repr(value)
    except BaseException as problem:
        error = f"{type(problem).__name__}: {str(problem)[:200]}"
    return {"printed": (printed.getvalue() + shown)[:MOST_TEXT], "error": error}


def main() -> None:
    """Run all cells of a file and write each result as soon as it is available."""
    cells = json.loads(Path(sys.argv[1]).read_text())
    seed_all(int(sys.argv[2]), cells)
    names: dict[str, object] = {"__name__": "__main__"}
    with Path(sys.argv[3]).open("w") as results:
        for source in cells:
            results.write(json.dumps(run_cell(source, names)) + "\n")
            results.flush()


if __name__ == "__main__":
    main()
