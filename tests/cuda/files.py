"""The files of a run: one JSON object a step, replaced whole."""

import json
from pathlib import Path
from typing import Any

SCHEMA = "symconv-cuda/1"


def write_json(path: Path, record: Any) -> None:
    """Whole or not at all: a step may be killed at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(record, indent=1, default=str) + "\n")
    beside.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The object; an empty one where there is none."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
