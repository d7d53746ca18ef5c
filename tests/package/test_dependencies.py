"""Packages import only packages above them in docs/internals.md, and never in a circle."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import symconv

ROOT = Path(symconv.__file__).parent
INTERNALS = Path(__file__).parents[2] / "docs" / "internals.md"
PACKAGES = re.findall(r"^\| `(\w+)` \|", INTERNALS.read_text(), re.M)
"""The first column of the table of packages, in order."""
ENTRIES = {"__init__", "__main__"}
"""Modules of `symconv` itself: they load names lazily, and no package imports them."""


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)


def imports(path: Path) -> set[str]:
    """All modules of symconv that a file imports, at any depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in {path}"
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                inside = ROOT.parent / Path(*below.split("."))
                is_module = inside.is_dir() or inside.with_suffix(".py").is_file()
                found.add(below if is_module else str(node.module))
    return {name for name in found if name.split(".")[0] == "symconv"}


def package(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


MODULES = {module_name(p): imports(p) for p in sorted(ROOT.rglob("*.py"))}


def test_every_package_is_in_the_table():
    assert {package(m) for m in MODULES} - ENTRIES == set(PACKAGES)


def test_a_package_imports_only_packages_above_it():
    place = {name: n for n, name in enumerate(PACKAGES)}
    wrong = [
        f"{module} imports {other}"
        for module, others in MODULES.items()
        if package(module) not in ENTRIES
        for other in others
        if package(other) not in (package(module), "__init__")
        and place[package(other)] >= place[package(module)]
    ]
    assert wrong == []


def test_there_is_no_circle():
    def file_of(name: str) -> str:
        return name if name in MODULES else f"{name}.__init__"

    graph = {
        module: {file_of(o) for o in others} - {module, "symconv.__init__"}
        for module, others in MODULES.items()
    }
    TopologicalSorter(graph).prepare()


def test_oracles_import_nothing_but_errors():
    """So that an error in the form cannot also be an error of the oracles."""
    for module, others in MODULES.items():
        if package(module) == "oracles":
            assert others <= {"symconv.core.errors"}, f"{module} imports {others}"
