"""Frozen records behave as frozen slotted dataclasses, the oracle here."""

import copy
import pickle
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symconv.frozen import frozen


@frozen
class Ours:
    """A record."""

    size: int
    name: str = "x"

    def __post_init__(self):
        if self.size < 0:
            raise ValueError(f"size {self.size}")

    @property
    def twice(self):
        return 2 * self.size


@dataclass(frozen=True, slots=True)
class Theirs:
    size: int
    name: str = "x"


VALUES = st.tuples(st.integers(0, 3), st.sampled_from(["x", "y"]))


@given(VALUES, VALUES)
def test_equal_and_hashed_as_dataclasses(one, other):
    assert (Ours(*one) == Ours(*other)) is (Theirs(*one) == Theirs(*other))
    assert (Ours(*one) != Ours(*other)) is (Theirs(*one) != Theirs(*other))
    assert hash(Ours(*one)) == hash(Theirs(*one))
    assert repr(Ours(*one)) == repr(Theirs(*one)).replace("Theirs", "Ours")


def test_defaults_keywords_and_docstring():
    assert Ours(2) == Ours(2, "x") == Ours(name="x", size=2)
    assert (
        Ours(2).twice == 4
        and Ours.__doc__ == "A record."
        and Ours.__match_args__ == ("size", "name")
    )
    for wrong in ((), (1, "x", 2)):
        with pytest.raises(TypeError):
            Ours(*wrong)
    with pytest.raises(ValueError, match="size -1"):
        Ours(-1)


def test_nothing_can_be_set():
    record = Ours(1)
    for change in (
        lambda: setattr(record, "size", 2),
        lambda: delattr(record, "size"),
        lambda: setattr(record, "new", 2),
    ):
        with pytest.raises(AttributeError, match="frozen"):
            change()
    assert not hasattr(record, "__dict__")


def test_a_record_is_only_equal_to_its_own_kind():
    @frozen
    class Other:
        size: int
        name: str = "x"

    assert Ours(1) != Other(1) and Ours(1) != (1, "x")


def test_copies_and_pickles():
    record = Ours(3, "y")
    assert pickle.loads(pickle.dumps(record)) == copy.deepcopy(record) == record


def test_patterns_match_by_place():
    match Ours(3, "y"):
        case Ours(size, name):
            assert (size, name) == (3, "y")


def test_what_it_is_not_made_for_is_refused():
    with pytest.raises(TypeError, match="has fields, and no bases"):

        @frozen
        class Derived(Ours):
            more: int

    with pytest.raises(TypeError, match="has fields, and no bases"):

        @frozen
        class Empty:
            pass
