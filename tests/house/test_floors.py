"""Imports go one way: a room sees lower floors and itself, and never runs in a circle."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import symconv

ROOT = Path(symconv.__file__).parent
FLOORS = (
    {"errors"},
    {"limits", "names", "orphans", "polynomial"},
    {"document", "conditions", "opaque"},
    {"geometry", "reading"},
    {"form", "dialects", "evidence", "oracles"},
    {"arithmetic", "sizes", "proof"},
    {"targets", "symbolic", "identities", "reaching"},
    {"derivation", "judge", "audit"},
    {"tour", "checking"},
    {"fuzz"},
    {"testing"},
    {"cli", "pytest_plugin"},
    {"__init__", "__main__"},
)
FLOOR = {room: n for n, rooms in enumerate(FLOORS) for room in rooms}
# `from symconv import __version__` reads a string of the package, no code of a room
PACKAGE_ITSELF = "__init__"


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)


def imports(path: Path) -> set[str]:
    """Every module of symconv that a file names, at any depth of its code."""
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


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else PACKAGE_ITSELF


MODULES = {module_name(p): imports(p) for p in sorted(ROOT.rglob("*.py"))}


def test_every_room_has_a_floor():
    assert {room(m) for m in MODULES} - {"py.typed"} == set(FLOOR)


def test_no_import_goes_up_or_sideways():
    wrong = [
        f"{module} imports {other}"
        for module, others in MODULES.items()
        for other in others
        if room(other) not in (room(module), PACKAGE_ITSELF)
        and FLOOR[room(other)] >= FLOOR[room(module)]
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


def test_the_wall():
    """Oracles see errors alone; whatever is wrong with the form cannot be wrong with them too."""
    for module, others in MODULES.items():
        if room(module) == "oracles":
            assert others <= {"symconv.errors"}, f"{module} imports {others}"


def test_the_map_in_contributing_is_the_floors():
    text = (ROOT.parent / "CONTRIBUTING.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and line[2].isdigit()]
    for n, rooms in enumerate(FLOORS[:-1]):
        for name in rooms:
            assert f"`{name}`" in rows[n], name
