"""Properties of this machine's processor that change torch's results."""

from pathlib import Path

_FLAGS = Path("/proc/cpuinfo")
NATIVE_BFLOAT16 = _FLAGS.exists() and any(
    word in _FLAGS.read_text() for word in (" avx512_bf16", " amx_bf16", " bf16")
)
"""Whether oneDNN has native bfloat16 kernels here. They multiply the zeros that they insert, so an
inf or nan in an operand makes outputs nan to which no product with it contributes. The verdict is
then undecided, since an algorithm that inserts zeros may do so.
"""
