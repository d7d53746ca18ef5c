"""External programs: tests are skipped where one is missing, and fail in CI."""

import os

import pytest


def required(found, what):
    """Return `found`; if it is empty, skip the test, or fail it if engines are required."""
    if not found:
        if os.environ.get("SYMCONV_REQUIRE_ENGINES"):
            pytest.fail(f"{what} is missing and SYMCONV_REQUIRE_ENGINES is set")
        pytest.skip(f"{what} is not on this machine")
    return found
