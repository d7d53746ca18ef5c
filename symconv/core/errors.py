"""Errors, whose messages say what was given, what is required and how to fix it.

Every error that symconv raises on purpose for its user is a `SymconvError` and carries the exit
code that the command line returns for it.
"""

from __future__ import annotations


class SymconvError(Exception):
    """Base of all errors raised on purpose; `exit_code` is that of the command line.

    >>> import symconv
    >>> symconv.SymconvError.exit_code
    2
    """

    exit_code = 2


class GeometryError(SymconvError, ValueError):
    """A parameter of the operator is invalid, by itself or in combination with the others.

    >>> import symconv
    >>> symconv.size(4, 3, stride=0)
    Traceback (most recent call last):
    ...
    symconv.core.errors.GeometryError: ...stride...
    """


class ShapeError(SymconvError, ValueError):
    """The shapes of operands are inconsistent, or a rank is ambiguous.

    >>> import symconv
    >>> symconv.derive([[1, 2]])
    Traceback (most recent call last):
    ...
    symconv.core.errors.ShapeError: ...
    """


class ParseError(SymconvError, ValueError):
    """Text or a file given by the user is not a number, matrix or size.

    >>> import symconv
    >>> symconv.read_values("[1, 2")
    Traceback (most recent call last):
    ...
    symconv.core.errors.ParseError: ...
    """


class LimitError(SymconvError, MemoryError):
    """The request would take more memory or time than allowed; nothing was allocated.

    >>> import symconv
    >>> symconv.derive(input_size=(9999, 9999), kernel_size=3)
    Traceback (most recent call last):
    ...
    symconv.core.errors.LimitError: ...
    """


class OutputError(SymconvError, OSError):
    """A page could not be written."""


class TargetError(SymconvError):
    """The implementation under test cannot be loaded."""


class Refuted(SymconvError):
    """A statement that was required to hold has a counterexample."""

    exit_code = 1


class Undecided(SymconvError):
    """Nothing could be decided; the message gives the reason."""

    exit_code = 3


class EngineMissing(Undecided):
    """A device or program that the request needs is not available."""


class NotTheTargets(Exception):
    """Raised by symconv during a call of a target; never counted as a fault of the target."""
