"""`symconv fuzz torch --device cuda`, with the backend switches as dimensions."""

import json
import os
import subprocess
import sys
from functools import partial

from symconv.core.orphans import die_with

SECONDS = 100


def run(run):
    """Run the command as a user would; its findings are case files next to the record."""
    store = run.path.parent / "cases"
    # shrinking and diagnosis come after the given time
    seconds = min(SECONDS, run.left - 35) if not run.rehearsal else 8
    command = [
        sys.executable,
        "-m",
        "symconv",
        "fuzz",
        "torch",
        "--device",
        "cuda",
        "--seconds",
        f"{seconds:.0f}",
        "--workers",
        "2" if run.rehearsal else "4",
        "--store",
        str(store),
        "--case-seconds",
        "30",
        "--json",
    ]
    if run.rehearsal:
        command += ["--dtypes", "float32"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=max(1.0, run.left),
        check=False,
        preexec_fn=partial(die_with, os.getpid()),
    )
    shown = "symconv " + " ".join(command[3:])
    try:
        found = json.loads(done.stdout)
    except ValueError:
        run.add(
            "fuzz torch",
            "undecided",
            exit_code=done.returncode,
            command=shown,
            cause=done.stderr[-2000:],
        )
        return
    run.add(
        "fuzz torch",
        found["verdict"],
        exit_code=done.returncode,
        command=shown,
        **{
            name: value
            for name, value in found.items()
            if name not in ("schema", "verb", "verdict", "evidence", "findings", "known")
        },
        findings=found["findings"],
    )
