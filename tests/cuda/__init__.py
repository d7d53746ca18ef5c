"""Checks to run on a GPU: `python -m tests.cuda`; CI rehearses them on the CPU."""
