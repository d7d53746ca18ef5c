"""Settings for every test: Hypothesis profiles, engines that CI must have.

The default profile draws the same examples every time, so that a red run means a change;
`SYMCONV_HYPOTHESIS=thorough` draws new ones and more of them.
"""

import os
import shutil

# the workers share the cores already; before NumPy and torch start their own threads
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
    """The engine, or a skip; in CI its absence is a failure."""
    return required(shutil.which("pdflatex"), "pdflatex")


@pytest.fixture
def coqc() -> str:
    """Rocq's compiler, likewise."""
    return required(shutil.which("coqc"), "coqc")


def _forget() -> None:
    from symconv.campaign import contractions as plan
    from symconv.core import form
    from symconv.core.dialects import building

    for kept in (building._kept_axis, form._axis_arrays, form._channels, plan._most):
        kept.cache_clear()


@pytest.fixture
def forgetful():
    """For tests that break a fact: nothing of the unbroken one is remembered, and back."""
    _forget()
    yield
    _forget()
