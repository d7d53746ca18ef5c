"""pytest plugin: the `conv_case` fixture and `--symconv-isolate`."""

from __future__ import annotations

from typing import Any

import pytest

from symconv.testing.conv_case import ConvCase


def pytest_addoption(parser: Any) -> None:
    """Add the option `--symconv-isolate`."""
    parser.getgroup("symconv").addoption(
        "--symconv-isolate",
        action="store_true",
        help="conv_case runs kernels in worker processes, so that a segfault is a failed test",
    )


@pytest.fixture
def conv_case(request: Any) -> ConvCase:
    """`conv_case.check(my_kernel)` draws cases and reports the smallest one that fails."""
    from symconv.testing.conv_case import ConvCase

    return ConvCase(bool(request.config.getoption("--symconv-isolate")))
