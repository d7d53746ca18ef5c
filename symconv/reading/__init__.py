"""Reading of values, sizes and files given by the user, without executing any of them."""

from symconv.reading.files import read_operand
from symconv.reading.size_text import read_size, read_steps
from symconv.reading.values import Values, read_values

__all__ = ["Values", "read_operand", "read_size", "read_steps", "read_values"]
