"""The files of a run: one JSON object per step, replaced atomically."""

import json
from pathlib import Path
from typing import Any

SCHEMA = "symconv-cuda/1"


def write_json(path: Path, record: Any) -> None:
    """Write atomically: a step may be killed at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(record, indent=1, default=str) + "\n")
    beside.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The object; an empty one if the file is missing or damaged."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
