"""A user's file, for `mypy --strict` against the installed wheel."""

import sys

import symconv


def describe(geometry: symconv.Geometry) -> str:
    """The output's sizes, as text."""
    return "x".join(str(n) for n in geometry.out_size)


def up(values: list[list[int]]) -> str:
    """A result as text, or the reason why there is none."""
    try:
        found = symconv.conv_transpose(values, [[1, 2], [3, 4]], stride=2)
    except symconv.ParseError as error:
        return f"not read: {error}"
    except symconv.SymconvError as error:
        return f"refused: {error}"
    return str(found)


def longest(input_size: int, kernel_size: int) -> int:
    """The output size of a stride of 2."""
    found = symconv.size(input_size, kernel_size, stride=2)
    return max(found.output_size)


def same(f: symconv.Verdict) -> bool:
    """Whether a verdict holds."""
    return f.outcome is symconv.Outcome.HOLDS


if __name__ == "__main__":
    print(describe(symconv.torch_geometry((2, 2), (2, 2), stride=2)), up([[1, 2], [3, 4]]))
    print(longest(4, 3), same(symconv.derive([1, 2], [1, 3]).verdict), file=sys.stderr)
    print(symconv.matrix([[1, 2], [3, 4]], conv_input_size=(3, 3)).shape, file=sys.stderr)
