"""Judging of implementations: cases, rungs, the run over the cases, and its reports.

A result is judged by the first rung of the ladder that can decide it, cheapest and sharpest first:

- structural: shape, dtype, device, unchanged inputs;
- replica: values so small that every order of summation is exact, compared bit for bit;
- bound: real values against the models of `exact/rounding.py`, decided by a float64 centre and its
  certified radius, or by exact arithmetic if that is not sufficient;
- non-finite: where inf and nan must occur.

In the default mode, a result is refuted only if it also violates the norm-wise bound of fast
algorithms: a correct Winograd or FFT kernel does not have conventional accuracy.
"""
