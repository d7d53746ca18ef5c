"""Everything that a proof by the kernel relies on.

What is proved is data: nested lists, read once by `statement`. `obligations` turns a statement into
sequents without sums, `kernel` checks a certificate for each, `certificates` reads certificates
from a file, and `verdict` is the only module that calls a statement proved. The package imports
nothing else from symconv; `symconv prove --trusted` lists its files and their lines.
"""
