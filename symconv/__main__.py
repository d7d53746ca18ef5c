"""`python -m symconv` is the command line."""

from symconv.cli import main

if __name__ == "__main__":
    main()
