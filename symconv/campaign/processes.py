"""Worker processes, forked by a zygote; each has a socket, a shared slot and a file for stderr."""

from __future__ import annotations

import json
import mmap
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import IO, Any, Self

from symconv.campaign.worker import IDLE, SLOT, Work
from symconv.core.errors import TargetError, Undecided

START_SECONDS = 120.0
"""Time limit for a worker to load its target."""


@dataclass
class Worker:
    """A worker process and what it is doing."""

    number: int
    connection: socket.socket
    slot: mmap.mmap
    errors: IO[bytes]
    pid: int = 0
    ready: bool = False
    batch: int | None = None
    todo: list[int] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    last: int = IDLE
    since: float = 0.0
    killed: str = ""

    def running(self) -> int:
        """Index of the case that the worker is running, or IDLE."""
        return int(SLOT.unpack(self.slot[: SLOT.size])[0])

    def told(self) -> str:
        """The last 4000 bytes that the worker wrote to stdout and stderr, as text."""
        self.errors.flush()
        size = os.fstat(self.errors.fileno()).st_size
        return os.pread(self.errors.fileno(), 4000, max(0, size - 4000)).decode("utf-8", "replace")


class Processes:
    """The workers of one target; use as a context manager."""

    def __init__(self, work: Work) -> None:
        """Start the zygote; workers start when they are first needed."""
        self.work = work
        self.workers: dict[int, Worker] = {}
        self.dead: dict[int, int] = {}
        self.code = ""
        self.apart: set[int] = set()
        self._next = 0
        self.selector = selectors.DefaultSelector()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {"OMP_WAIT_POLICY": "passive", **os.environ, "OPENBLAS_NUM_THREADS": "1"}
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "symconv.campaign.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        theirs.close()
        self._control = ours
        self.selector.register(ours, selectors.EVENT_READ, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers and the zygote."""
        with suppress(OSError):
            self._control.close()
        with suppress(subprocess.TimeoutExpired):
            self._zygote.wait(5)
        self._zygote.kill()
        self._zygote.wait()
        for worker in self.workers.values():
            worker.connection.close()
            worker.errors.close()
        self.selector.close()

    def spawn(self) -> Worker:
        """Request one more worker, which sends a message when it is ready."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with tempfile.TemporaryFile() as shared:
            shared.write(SLOT.pack(IDLE))
            shared.flush()
            slot = mmap.mmap(shared.fileno(), SLOT.size)
            errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with its worker
            message = {"number": self._next, "work": asdict(self.work)}
            fds = [theirs.fileno(), shared.fileno(), errors.fileno()]
            try:
                socket.send_fds(self._control, [json.dumps(message).encode()], fds)
            except OSError:
                raise Undecided("the process that starts workers has ended") from None
        theirs.close()
        worker = Worker(self._next, ours, slot, errors, since=time.monotonic())
        self.workers[self._next] = worker
        self._next += 1
        self.selector.register(ours, selectors.EVENT_READ, worker)
        return worker

    def events(self, timeout: float) -> Iterator[tuple[Worker, dict[str, Any]]]:
        """Messages of workers, in order, and `{"death": code}` after a worker has ended."""
        for key, _ in self.selector.select(timeout):
            if key.data is None:
                self.listen()
                continue
            worker, data = key.data, b""
            with suppress(OSError):
                data = worker.connection.recv(2**20)
            if data:
                yield worker, json.loads(data)
            else:
                self.selector.unregister(worker.connection)  # the zygote will report its death
        for number in [n for n in self.dead if n not in self.apart]:
            worker = self.workers[number]
            yield from ((worker, message) for message in self._drained(worker))
            self.forget(worker)
            yield worker, {"death": self.dead.pop(number)}

    def listen(self) -> None:
        """Read one message of the zygote: the pid of a new worker, or the exit code of one."""
        data = self._control.recv(2**16)
        if not data:
            raise Undecided("the process that starts workers has ended unexpectedly")
        told = json.loads(data)
        if "died" in told:
            self.dead[told["died"]] = told["code"]
        else:
            self.workers[told["forked"]].pid = told["pid"]

    def _drained(self, worker: Worker) -> list[dict[str, Any]]:
        """Messages that a worker sent before it ended."""
        found = []
        worker.connection.setblocking(False)
        with suppress(OSError):
            while data := worker.connection.recv(2**20):
                found.append(json.loads(data))
        return found

    def forget(self, worker: Worker) -> None:
        """Close the socket of a worker that has ended."""
        with suppress(KeyError, ValueError):
            self.selector.unregister(worker.connection)
        worker.connection.close()
        self.workers.pop(worker.number, None)

    def is_full(self, worker: Worker) -> bool:
        """Whether the worker uses more than 80 % of its memory limit; False on CUDA."""
        if self.work.space.device == "cuda":
            return False
        try:
            with open(f"/proc/{worker.pid}/statm") as stream:  # noqa: PTH123 - a kernel interface
                resident = int(stream.read().split()[1]) * mmap.PAGESIZE
        except (OSError, ValueError):
            return False
        return bool(self.work.memory) and resident > 0.8 * self.work.memory

    def wait_ready(self, worker: Worker) -> None:
        """Wait until a worker can take work; messages of other workers stay in their sockets."""
        worker.connection.settimeout(START_SECONDS)
        try:
            message = json.loads(worker.connection.recv(2**20) or b'{"broken": "the worker ended"}')
        except TimeoutError:
            raise Undecided("a worker did not start in time") from None
        if "ready" not in message:
            raise TargetError(str(message.get("broken", message)))
        self.take_ready(worker, message)
        worker.connection.settimeout(None)

    def take_ready(self, worker: Worker, message: dict[str, Any]) -> None:
        """Note that a worker has loaded the target, which must be the same code as in the others.

        Raises:
            Undecided: the target's files have changed since the first worker read them.
        """
        worker.ready = True
        self.code = self.code or message["code"]
        if message["code"] != self.code:
            raise Undecided(
                f"the code of {self.work.target} has changed since the campaign began, so nothing "
                "is decided; start the campaign again"
            )

    def kill(self, worker: Worker) -> None:
        """End a worker at once, by SIGKILL."""
        while not worker.pid:
            self.listen()
        with suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
