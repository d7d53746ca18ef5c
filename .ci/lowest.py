"""The lowest versions that pyproject.toml declares, as pip requirements, one a line."""

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
wanted = [
    *project["dependencies"],
    *(d for name in ("torch", "testing", "dask", "prove") for d in extras[name]),
]
for requirement in dict.fromkeys(wanted):
    found = re.fullmatch(r"([\w-]+)>=([\w.]+)", requirement)
    if found is None:
        sys.exit(f"{requirement}: a lowest version is needed, as name>=1.2")
    print(f"{found[1]}=={found[2]}")
