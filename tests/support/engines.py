"""Programs outside Python: a skip where one is missing, a failure in CI."""

import os

import pytest


def required(found, what):
    """What was found of an engine; `what` is told when it is nothing."""
    if not found:
        if os.environ.get("SYMCONV_REQUIRE_ENGINES"):
            pytest.fail(f"{what} is missing and SYMCONV_REQUIRE_ENGINES is set")
        pytest.skip(f"{what} is not on this machine")
    return found
