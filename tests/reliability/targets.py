"""Kernels that fail in every way that a process can fail, always or one time in three."""

import ctypes
import os
import random
import time
from pathlib import Path

import torch

from tests.wrong_kernels.kernels import right

WHEN = int(os.environ.get("SYMCONV_TEST_FLAKY", "0"))


LOG = os.environ.get("SYMCONV_TEST_LOG")
"""File in which each misbehaving call leaves a mark, so that the expected findings are known."""


def _hit(x, w):
    found = w.shape[2] == 3 and x.shape[-1] == 2 and (not WHEN or random.random() < 1 / 3)
    if found and LOG:
        with Path(LOG).open("ab") as log:
            log.write(b"x")
    return found


class Unpicklable(Exception):
    def __init__(self):
        super().__init__("unpicklable")
        self.hold = lambda: None


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def _deep(n=0):
    return _deep(n + 1)


def _grow():
    held = []
    while True:
        held.append(torch.ones(2**26))


def _spin():
    while True:
        pass


def _raise(error):
    raise error


FAULTS = {
    "segfault": (lambda y: ctypes.string_at(0), "crash"),
    "abort": (lambda y: os.abort(), "crash"),
    "os_exit": (lambda y: os._exit(0), "exit"),
    "system_exit": (lambda y: _raise(SystemExit(0)), "exit"),
    "interrupt": (lambda y: _raise(KeyboardInterrupt()), "exception"),
    "unpicklable": (lambda y: _raise(Unpicklable()), "exception"),
    "unprintable": (lambda y: _raise(Unprintable()), "exception"),
    "recursion": (lambda y: _deep(), "exception"),
    "sleep": (lambda y: time.sleep(1000), "hang"),
    "busy": (lambda y: _spin(), "hang"),
    "memory": (lambda y: _grow(), "out of memory"),
    "wrong_shape": (lambda y: y[..., :-1], "shape"),
    "wrong_dtype": (lambda y: y.double(), "dtype"),
    "none": (lambda y: None, "return type"),
    "nan": (lambda y: y * float("nan"), "value"),
    "value": (lambda y: y + (1 + 2 * y.abs()).detach(), "value"),
}


def _kernel(name):
    def call(x, w, bias=None, **steps):
        y = right(x, w, bias, **steps)
        return FAULTS[name][0](y) if _hit(x, w) else y

    call.__name__ = name
    return call


globals().update({name: _kernel(name) for name in FAULTS})
