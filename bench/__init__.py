"""Ratios side by side in one run: `python -m bench`. One thread, set before NumPy starts."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
