"""Settings for all tests: Hypothesis profiles, and engines that CI must have.

The default profile draws the same examples every time, so that a failure means a change;
`SYMCONV_HYPOTHESIS=thorough` draws new ones and more of them.
"""

import functools
import os
import shutil
import sys
from collections.abc import Iterator

# the test workers share the cores already; set before NumPy and torch start threads
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

from tests.support.engines import required

settings.register_profile(
    "default",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.register_profile(
    "thorough", parent=settings.get_profile("default"), max_examples=600, derandomize=False
)
settings.load_profile(os.environ.get("SYMCONV_HYPOTHESIS", "default"))


@pytest.fixture
def pdflatex() -> str:
    """Path of pdflatex; skips the test if it is missing, in CI fails it."""
    return required(shutil.which("pdflatex"), "pdflatex")


@pytest.fixture
def coqc() -> str:
    """Path of Rocq's compiler; skips the test if it is missing, in CI fails it."""
    return required(shutil.which("coqc"), "coqc")


def clear_caches() -> None:
    """Empty every `functools` cache of symconv's modules that are loaded."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "symconv" and module is not None:
            for value in list(vars(module).values()):
                clear = getattr(value, "cache_clear", None)
                if clear is not None and isinstance(value, functools._lru_cache_wrapper):
                    clear()


@pytest.fixture(autouse=True)
def no_leaking_caches(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing that was computed with a planted fault is remembered afterwards, nor before it."""
    plants = "monkeypatch" in request.fixturenames
    if plants:
        clear_caches()
    yield
    if plants:
        clear_caches()
