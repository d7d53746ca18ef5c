"""Judging implementations: cases, rungs, the run over the cases, and the page about it.

A result is judged by the first rung that can decide it, cheapest and sharpest first. Structural:
shape, dtype, device, untouched inputs. Replica: data so small that every order of summation is
exact, compared bit for bit. Bound: real data against the models of `exact/rounding.py`, decided by
a float64 centre and its certified radius, and by exact arithmetic where that leaves a doubt.
Non-finite: where inf and nan must occur.

In the default mode a refutation requires that the norm-wise bound of fast algorithms is broken too:
a correct Winograd or FFT kernel does not have conventional accuracy.
"""
