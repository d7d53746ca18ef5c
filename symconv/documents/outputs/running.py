"""Run the code of a document in separate, restricted processes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from symconv.core.orphans import die_with

PROGRAM = Path(__file__).with_name("program.py")
MOST_MEMORY = 8 * 1024**3
MOST_FILE = 16 * 1024**2


Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Runs:
    """Results of running cells with two seeds.

    Attributes:
        results: for each seed, one result per cell; fewer if the process ended early.
        ended: why a process ended early; empty if none did.
        isolation: the restrictions on the processes, as text.
    """

    results: list[list[Result]]
    ended: str
    isolation: str


def run_twice(cells: list[str], seconds: float) -> Runs:
    """Run the cells with seeds 0 and 1 in parallel; no process outlives this call."""
    prefix, words = _isolation()
    with tempfile.TemporaryDirectory(prefix="symconv-audit-") as folder, _ended_by_sigterm():
        jobs: list[tuple[Path, subprocess.Popen[bytes]]] = []
        ended = ""
        try:
            for seed in (0, 1):
                own = Path(folder, str(seed))
                own.mkdir()
                source = own / "cells.json"
                source.write_text(json.dumps(cells))
                work = own / "work"
                work.mkdir()
                command = [
                    *prefix,
                    sys.executable,
                    "-I",
                    str(PROGRAM),
                    str(source),
                    str(seed),
                    str(own / "results"),
                ]
                jobs.append((own, _start(command, work)))
            deadline = time.monotonic() + seconds
            for _, process in jobs:
                try:
                    process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    ended = f"it took more than {seconds:g} seconds"
        finally:
            for _, process in jobs:
                _end(process)
        results = [_read(own / "results") for own, _ in jobs]
        if not ended and any(len(r) < len(cells) for r in results):
            codes = {process.returncode for _, process in jobs} - {0}
            ended = f"the process ended early (exit code {', '.join(map(str, sorted(codes)))})"
    limits = f"{seconds:g} s, {MOST_MEMORY // 1024**3} GiB, files up to {MOST_FILE // 1024**2} MiB"
    return Runs(
        results,
        ended,
        f"in separate processes, {words}, limited to {limits}; this is not a sandbox",
    )


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C, so that the processes that were started end as well."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _start(command: list[str], work: Path) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.defpath,
        "HOME": str(work),
        "TMPDIR": str(work),
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
    }
    return subprocess.Popen(
        command,
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(_limit, os.getpid()),  # safe: no other threads are running
    )


def _limit(parent: int) -> None:
    """In the new process, set resource limits, and make it end together with its parent."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE, MOST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    die_with(parent)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process together with everything that it started in its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _isolation() -> tuple[list[str], str]:
    """The strongest available command prefix that isolates a process, and its description.

    The prefix is empty if `unshare` does not work on this system.
    """
    unshare = shutil.which("unshare")
    if unshare is not None:
        for options, words in ISOLATIONS:
            tried = subprocess.run(
                [unshare, *options, "true"], capture_output=True, timeout=10, check=False
            )
            if tried.returncode == 0:
                return [unshare, *options], words
    return [], "with the network open (unshare does not work here)"


ISOLATIONS = (
    (["-rnpf", "--kill-child"], "without network and in a separate process namespace"),
    (["-rn"], "without network"),
)


def _read(path: Path) -> list[Result]:
    """The valid results at the start of a file.

    The file is not trusted, since the code of the document could have written to it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return []
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return []
    with os.fdopen(handle, "rb") as file:
        data = file.read(MOST_FILE)
    found: list[Result] = []
    for line in data.decode(errors="replace").splitlines():
        try:
            result = json.loads(line)
        except (ValueError, RecursionError):
            break
        if not isinstance(result, dict) or not all(
            isinstance(result.get(key), str) for key in ("printed", "error")
        ):
            break
        found.append(result)
    return found
