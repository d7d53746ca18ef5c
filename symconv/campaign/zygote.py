"""The parent of the workers: imports torch once, then forks a worker for each request.

`python -m symconv.campaign.zygote FD`: FD is a socket to the supervisor. A fork takes a tenth of a
second, a new interpreter that imports torch several seconds. The zygote waits for its children and
reports how they ended; it dies with the supervisor, and they die with it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from symconv.campaign.space import Space
from symconv.campaign.worker import Work, main
from symconv.core.errors import EngineMissing
from symconv.core.orphans import die_with


def work_from(data: dict[str, Any]) -> Work:
    """Read a worker's task from JSON values."""
    space: Any = {n: tuple(v) if isinstance(v, list) else v for n, v in data["space"].items()}
    return Work(**{**data, "space": Space(**space), "paths": tuple(data["paths"])})


def serve(control: socket.socket, parent: int) -> None:
    """Fork on request and report deaths until the supervisor closes the socket."""
    die_with(parent)
    here = os.getpid()
    wake, waker = os.pipe()
    for end in (wake, waker):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: dict[int, int] = {}
    while True:
        watched: list[Any] = [control, wake]
        ready, _, _ = select.select(watched, [], [])
        if wake in ready:
            os.read(wake, 4096)
        while children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            number = children.pop(pid)
            _tell(control, {"died": number, "code": os.waitstatus_to_exitcode(status)})
        if control not in ready:
            continue
        data, fds = b"", list[int]()
        with suppress(ConnectionError):  # the supervisor closed the connection
            data, fds, _, _ = socket.recv_fds(control, 2**16, 3)
        if not data:
            for pid in children:
                os.kill(pid, signal.SIGKILL)
            return
        message = json.loads(data)
        pid = os.fork()
        if pid == 0:
            control.close()
            connection = socket.socket(fileno=fds[0])
            try:
                main(connection, fds[1], fds[2], work_from(message["work"]), here)
            finally:
                os._exit(70)
        for fd in fds:
            os.close(fd)
        children[pid] = message["number"]
        _tell(control, {"forked": message["number"], "pid": pid})


def _tell(control: socket.socket, message: dict[str, Any]) -> None:
    try:
        control.sendall(json.dumps(message).encode())
    except OSError:
        os._exit(0)  # the supervisor is gone; the children die with this process


def _warm() -> None:
    """Import in advance what every worker needs."""
    import symconv.campaign.execute
    import symconv.campaign.torch_draws
    from symconv.targets.engine import engines

    assert symconv.campaign.execute and symconv.campaign.torch_draws
    with suppress(EngineMissing):
        engines()["torch"].require("cpu")
    # freeze what is imported: otherwise the collector visits torch's half a million objects again
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    supervisor = os.getppid()
    _warm()
    serve(socket.socket(fileno=int(sys.argv[1])), supervisor)
