"""Facts are broken here, so what was remembered of the unbroken ones is forgotten, and back."""

import pytest

from symconv import form
from symconv.dialects import building


def _forget():
    for kept in (building._kept_axis, form._axis_arrays):
        kept.cache_clear()


@pytest.fixture(autouse=True)
def forgetful():
    _forget()
    yield
    _forget()
