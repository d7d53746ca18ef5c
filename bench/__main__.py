"""`python -m bench [--json FILE]`: print a table of ratios; exit 1 if a ratio misses its target."""

import argparse
import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import numpy
import sympy

from bench.cases import CASES

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--judging", action="store_true", help="the cost of `symconv check` instead")
parser.add_argument("--json", help="also write the rows to this file")
parser.add_argument("--fuzzing", action="store_true", help="the cost of `symconv fuzz` instead")
parser.add_argument("--proving", action="store_true", help="the cost of `symconv prove` instead")
parser.add_argument("--pages", action="store_true", help="pages, sparse matrices, size instead")
parser.add_argument("--following", action="store_true", help="`check --by symbolic` instead")
parser.add_argument("--auditing", action="store_true", help="`symconv audit` instead")
arguments = parser.parse_args()
if arguments.judging:
    from bench.judging import judging

    CASES = (judging,)
if arguments.fuzzing:
    from bench.fuzzing import fuzzing

    CASES = (fuzzing,)
if arguments.proving:
    from bench.proving import proving

    CASES = (proving,)
if arguments.pages:
    from bench.pages import pages

    CASES = (pages,)
if arguments.following:
    from bench.following import following

    CASES = (following,)
if arguments.auditing:
    from bench.auditing import auditing

    CASES = (auditing,)
rows = [row for case in CASES for row in case()]
print(f"Python {platform.python_version()}, sympy {sympy.__version__}, numpy {numpy.__version__}")
print(f"{'ours / theirs':<66} {'ours ms':>9} {'theirs ms':>10} {'ratio':>8}  wanted")
for row in rows:
    mark = "" if row.met else "  MISSED"
    print(
        f"{row.name:<66} {row.ours_ms:9.2f} {row.theirs_ms:10.2f} {row.ratio:7.1f}x  "
        f"{row.wanted}{mark}"
    )
if arguments.json:
    Path(arguments.json).write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
sys.exit(0 if all(row.met for row in rows) else 1)
