"""Errors that a person can act on: what was given, what is needed, the way out.

Every error that symconv raises on purpose is a `SymconvError` and carries the exit code
that the command line returns for it.
"""

from __future__ import annotations


class SymconvError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 2


class GeometryError(SymconvError, ValueError):
    """A parameter of the operator is illegal, alone or together with the others."""


class ShapeError(SymconvError, ValueError):
    """Two operands do not fit together, or a rank can be read in more than one way."""


class ParseError(SymconvError, ValueError):
    """Text or a file given by the user is not a number, matrix or size."""


class LimitError(SymconvError, MemoryError):
    """The request would take more memory or time than is sensible; nothing was allocated."""


class OutputError(SymconvError, OSError):
    """A page could not be written."""


class TargetError(SymconvError):
    """The implementation under test cannot be loaded."""


class Refuted(SymconvError):
    """A statement that was required to hold has a counterexample."""

    exit_code = 1


class Undecided(SymconvError):
    """Nothing could be decided, and why."""

    exit_code = 3


class EngineMissing(Undecided):
    """A device or program that the request needs is absent here."""


class NotTheTargets(Exception):
    """Raised by symconv inside a call of a target: no fault of the target, whoever catches it."""
