"""`python -m symconv` is the command line."""

from symconv.cli import entry

if __name__ == "__main__":
    entry()
