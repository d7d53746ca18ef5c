"""The pytest plugin, run in a separate pytest."""

import subprocess
import sys

import pytest

pytest.importorskip("torch")
TESTS = """
import ctypes, torch

def right(x, w, bias=None, **steps):
    return torch.nn.functional.conv_transpose2d(x, w, bias, **steps)

def flipped(x, w, bias=None, **steps):
    return right(x, w.flip(2, 3), bias, **steps)

def crashing(x, w, bias=None, **steps):
    if w.shape[2] == 2:
        ctypes.string_at(0)
    return right(x, w, bias, **steps)

def test_right(conv_case):
    conv_case.check(right, examples=40)

def test_flipped(conv_case):
    conv_case.check(flipped, examples=80)

def test_crashing(conv_case, request):
    if request.config.getoption("--symconv-isolate"):
        conv_case.check(crashing, examples=60)

def test_unused():
    assert True
"""


def pytest_in(folder, *arguments):
    (folder / "test_mine.py").write_text(TESTS)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_a_broken_kernel_fails_with_its_smallest_case(tmp_path):
    done = pytest_in(tmp_path)
    assert "1 failed, 3 passed" in done.stdout
    assert "test_mine:flipped: value:" in done.stdout
    assert "kernel 1x2, 1->1" in done.stdout or "kernel 2x1, 1->1" in done.stdout


def test_isolated_a_crash_is_a_failed_test(tmp_path):
    done = pytest_in(tmp_path, "--symconv-isolate")
    assert "2 failed, 2 passed" in done.stdout
    assert "test_mine:crashing: crash: SIGSEGV" in done.stdout
