"""Everything that a kernel proof relies on.

What is proved is data: nested lists, read once by `statement`. `obligations` turns a statement into
sequents without sums, `kernel` checks a certificate for each, `certificates` reads these from a
file, and `verdict` is the only place that calls a statement proved. The package imports nothing of
symconv; `symconv prove --trusted` lists its files and their lines.
"""
