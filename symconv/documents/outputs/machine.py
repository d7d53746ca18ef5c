"""Detect programs of a document whose output depends on the machine, not only on the code."""

from __future__ import annotations

import ast
from collections.abc import Sequence

MODULES = frozenset(
    "os sys platform time timeit datetime socket subprocess psutil tempfile getpass shutil glob "
    "locale resource gc tracemalloc threading multiprocessing".split()
)
ATTRIBUTES = frozenset(
    "__version__ __all__ version cpu_count get_num_threads is_available device_count getsizeof "
    "itemsize longdouble float128 clongdouble get_device_name show_config nbytes cwd home stat "
    # signs and order of these results are not unique, and LAPACK builds differ
    "eig eigh svd qr schur null_space lstsq".split()
)
MAGIC = ("%time", "%%time", "%timeit", "%%timeit", "!", "%ls", "%pwd")


def depend_on_machine(cells: Sequence[str]) -> list[bool]:
    """For each program, whether it queries the machine or uses a value from an earlier query."""
    tainted: set[str] = set()
    return [_taints(source, tainted) for source in cells]


def _taints(source: str, tainted: set[str]) -> bool:
    lines = source.split("\n")
    found = any(line.lstrip().startswith(MAGIC) for line in lines)
    kept = [line for line in lines if not line.lstrip().startswith(("%", "!"))]
    try:
        statements = ast.parse("\n".join(kept)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found
    for statement in statements:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            if isinstance(statement, ast.ImportFrom) and statement.module in MODULES:
                tainted.update(alias.asname or alias.name for alias in statement.names)
            else:
                tainted.update(a.asname for a in statement.names if a.asname and a.name in MODULES)
            continue
        nodes = list(ast.walk(statement))
        speaks = any(
            (isinstance(n, ast.Name) and n.id in MODULES | tainted)
            or (isinstance(n, ast.Attribute) and n.attr in ATTRIBUTES)
            for n in nodes
        )
        if not speaks:
            continue
        found = True
        tainted.update(
            n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        )
        tainted.update(n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef)))
    return found
