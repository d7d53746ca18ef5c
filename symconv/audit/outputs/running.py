"""The process that a document's code runs in, and what it is kept from."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("program.py")
MOST_MEMORY = 8 * 1024**3
MOST_FILE = 16 * 1024**2

Result = dict[str, Any]


class Runs:
    """What came of running cells under two seeds.

    Attributes:
        results: for each seed, one result a cell; fewer where it ended early.
        ended: why it ended early, empty if it did not.
        isolation: what the process was kept from, in words.
    """

    __slots__ = ("ended", "isolation", "results")

    def __init__(self, results: list[list[Result]], ended: str, isolation: str) -> None:
        self.results, self.ended, self.isolation = results, ended, isolation


def run_twice(cells: list[str], seconds: float) -> Runs:
    """The cells under seeds 0 and 1, at the same time."""
    with tempfile.TemporaryDirectory(prefix="symconv-audit-") as folder:
        jobs = []
        ended = ""
        prefix = _without_network()
        for seed in (0, 1):
            own = Path(folder, str(seed))
            own.mkdir()
            source = own / "cells.json"
            source.write_text(json.dumps(cells))
            work = own / "work"
            work.mkdir()
            command = [*prefix, sys.executable, "-I", str(PROGRAM), str(source), str(seed),
                       str(own / "results")]  # fmt: skip
            jobs.append((own, _start(command, work)))
        for _, process in jobs:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                ended = f"it took more than {seconds:g} seconds"
            _end(process)
        results = [_read(own / "results") for own, _ in jobs]
        if not ended and any(len(r) < len(cells) for r in results):
            codes = {process.returncode for _, process in jobs} - {0}
            ended = f"the process ended early (exit code {', '.join(map(str, sorted(codes)))})"
    network = "without network" if prefix else "with the network open (unshare -rn does not work)"
    limits = f"{seconds:g} s, {MOST_MEMORY // 1024**3} GiB, files up to {MOST_FILE // 1024**2} MiB"
    return Runs(results, ended, f"in processes of their own, {network}, at most {limits}; this is "
                                "no sandbox")  # fmt: skip


def _start(command: list[str], work: Path) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.defpath, "HOME": str(work), "TMPDIR": str(work), "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "Agg", "LANG": "C.UTF-8",
    }  # fmt: skip
    return subprocess.Popen(
        command,
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_limit,  # no threads are running here
    )


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE, MOST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing that the code started lives on."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _without_network() -> list[str]:
    """A command that takes the network away, where the system lets us."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    tried = subprocess.run([unshare, "-rn", "true"], capture_output=True, timeout=10, check=False)
    return [unshare, "-rn"] if tried.returncode == 0 else []


def _read(path: Path) -> list[Result]:
    if not path.exists():
        return []
    found = []
    for line in path.read_text(errors="replace").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found
