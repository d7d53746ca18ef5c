"""Benchmarks as ratios within one run: `python -m bench`. NumPy is limited to one thread."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
