"""A numeric W in coordinate format, for SciPy, torch and files, without a dense matrix."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symconv.core.errors import EngineMissing, ParseError
from symconv.core.form import index_arrays
from symconv.core.geometry import Geometry
from symconv.core.polynomial import Polynomial

MOST_WHOLE = 2**63


@dataclass(frozen=True)
class Coordinates:
    """A sparse numeric matrix with `data[n]` at `(row[n], column[n])`, each cell at most once.

    Attributes:
        shape: numbers of rows and columns.
        row, column: int64 arrays.
        data: int64 array; float64 if a weight is a fraction or exceeds int64.
        rounded: number of weights that float64 cannot represent and that were rounded to nearest.
    """

    shape: tuple[int, int]
    row: Any
    column: Any
    data: Any
    rounded: int

    @property
    def transpose(self) -> Coordinates:
        """The transposed matrix."""
        return Coordinates(self.shape[::-1], self.column, self.row, self.data, self.rounded)

    def to_scipy(self) -> Any:
        """Convert to SciPy's `coo_array`.

        Raises:
            EngineMissing: SciPy is not installed.
        """
        try:
            from scipy.sparse import coo_array
        except ImportError:
            raise EngineMissing(
                "SciPy is not installed; install it with: pip install scipy"
            ) from None
        return coo_array((self.data, (self.row, self.column)), shape=self.shape)

    def to_torch(self) -> Any:
        """Convert to torch's sparse COO tensor.

        Raises:
            EngineMissing: torch is not installed.
        """
        try:
            import torch
        except ImportError:
            raise EngineMissing(
                "torch is not installed; install it with: pip install torch"
            ) from None
        import numpy as np

        places = torch.from_numpy(np.stack([self.row, self.column]))
        return torch.sparse_coo_tensor(
            places, torch.from_numpy(self.data), self.shape, check_invariants=True
        )

    def to_npz(self) -> bytes:
        """Encode as a file that `scipy.sparse.load_npz` reads, in coordinate format."""
        import numpy as np

        stream = io.BytesIO()
        np.savez_compressed(
            stream,
            row=self.row,
            col=self.column,
            format=np.array(b"coo"),
            shape=np.array(self.shape),
            data=self.data,
        )
        return stream.getvalue()


def coordinates(geometry: Geometry, w: Sequence[Any]) -> Coordinates:
    """Build W from the flat entries of a numeric weight.

    Raises:
        ParseError: an entry contains symbols.
        LimitError: the arrays would exceed the memory limit.
    """
    import numpy as np

    letters = [str(v) for v in w if isinstance(v, Polynomial) and v.as_scalar is None]
    if letters:
        raise ParseError(
            f"an array of numbers cannot contain symbols such as {letters[0]}; give the kernel as "
            "numbers, as in --k '[[1,2],[3,4]]'"
        )
    numbers: list[Any] = [v.as_scalar if isinstance(v, Polynomial) else v for v in w]
    whole = all(v == int(v) and abs(v) < MOST_WHOLE for v in numbers)
    values = np.array([int(v) if whole else float(v) for v in numbers])
    rounded = 0 if whole else sum(Fraction(float(v)) != v for v in numbers)
    at = index_arrays(geometry)
    shape = math.prod(geometry.input_shape), math.prod(geometry.output_shape)
    return Coordinates(shape, at.input, at.output, values[at.weight], rounded)
