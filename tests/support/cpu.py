"""What the processor of this machine does to torch's own results."""

from pathlib import Path

_FLAGS = Path("/proc/cpuinfo")
NATIVE_BFLOAT16 = _FLAGS.exists() and any(
    word in _FLAGS.read_text() for word in (" avx512_bf16", " amx_bf16", " bf16")
)
"""oneDNN then has bfloat16 kernels of its own, which multiply the zeros that they insert: where an
operand is inf or nan, so is an output that no term with it reaches. That is undecided, since an
algorithm that inserts zeros may do so."""
