"""Operands from `.npy`, `.pt` and `.pth` files, checked before memory is allocated.

Nothing is unpickled that could run code: NumPy files are read without pickle, torch's with
`weights_only`. The size that a file declares is checked before its data is copied.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from symconv.core.errors import LimitError, ParseError
from symconv.core.limits import human_bytes, most_bytes
from symconv.exact.dtypes import FLOATING
from symconv.reading.files import load_npy
from symconv.targets import torchlib

Array = np.ndarray[Any, Any]

ENDINGS = (".npy", ".pt", ".pth")


def read_tensor(path: Path, what: str) -> tuple[Array, str]:
    """Read a file; return `(values as float64 or complex128, torch's name of the dtype)`.

    Raises:
        ParseError: the file is missing, damaged or pickled, or is not a dense tensor of numbers.
        LimitError: the file or its values need more than half of `most_bytes()`.
    """
    named = f"{what} ({path.name})"
    try:
        if not path.is_file():
            problem = "is a folder" if path.is_dir() else "does not exist"
            raise ParseError(f"{what} names {str(path)!r}, which {problem}")
        _require_size(path.stat().st_size, named)
        if path.suffix == ".npy":
            array = load_npy(path, named, "iufc", most_bytes() // 2)
            return _wide(array), _dtype_of(array)
        return _read_pt(path, named)
    except OSError as error:
        raise ParseError(f"{what} names {str(path)!r}, which cannot be read: {error}") from None


def _require_size(count: int, what: str) -> None:
    if count > most_bytes() // 2:
        raise LimitError(
            f"{what} has {human_bytes(count)}; the limit is {human_bytes(most_bytes() // 2)}. "
            "Raise --max-memory, or use fewer channels"
        )


def _dtype_of(array: Array) -> str:
    name = str(array.dtype)
    return name if name in FLOATING else "float64"


def _wide(array: Array) -> Array:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _read_pt(path: Path, what: str) -> tuple[Array, str]:
    torch = torchlib.load()
    try:
        with zipfile.ZipFile(path) as archive:
            _require_size(sum(entry.file_size for entry in archive.infolist()), what)
    except zipfile.BadZipFile:
        raise ParseError(
            f"{what} is not a zip archive as torch.save writes it, or is damaged"
        ) from None
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch reports damage and refusals by many types
        first = (str(error).splitlines() or [""])[0][:160]
        raise ParseError(
            f"{what} cannot be read without running its code: {type(error).__name__}: {first}. "
            "Save only the tensor, with torch.save(tensor, file)"
        ) from None
    if not isinstance(found, torch.Tensor):
        raise ParseError(f"{what} contains a {type(found).__name__}; save a single tensor")
    name = str(found.dtype).removeprefix("torch.")
    if found.layout != torch.strided or found.is_quantized or found.device.type != "cpu":
        raise ParseError(f"{what} contains a tensor that is not dense; save tensor.to_dense()")
    # an expanded tensor claims many more elements than the file holds
    _require_size(16 * found.numel(), what)
    if found.dtype in (torch.bool,) or found.numel() == 0:
        raise ParseError(
            f"{what} contains a tensor of {name}, shape {tuple(found.shape)}; numbers are required"
        )
    wide = torch.complex128 if found.is_complex() else torch.float64
    return found.detach().to(wide).numpy(), name if name in FLOATING else "float64"
