"""Every verdict has its scope; badge, JSON and exit code come from one record."""

import pytest

from symconv.core.errors import Refuted, Undecided
from symconv.results.evidence import (
    Method,
    Outcome,
    Semantics,
    Verdict,
    combine,
    computed,
    identical,
)
from symconv.results.reasons import stated

EVIDENCE = computed("2 + 2 = 4", "these numbers", "count")


def test_a_verdict_cannot_be_dropped_as_a_bool():
    with pytest.raises(TypeError, match="no truth value"):
        bool(Verdict(Outcome.HOLDS, EVIDENCE))


def test_badges():
    assert Verdict(Outcome.HOLDS, EVIDENCE).badge == "COMPUTED"
    assert Verdict(Outcome.REFUTED, EVIDENCE).badge == "REFUTED"
    assert Verdict(Outcome.UNDECIDED, EVIDENCE).badge == "UNDECIDED"
    assert identical("a", "b", "c").method is Method.IDENTICAL
    assert identical("a", "b", "c").semantics is Semantics.RING


def test_exit_codes():
    assert [o.exit_code for o in (Outcome.HOLDS, Outcome.REFUTED, Outcome.UNDECIDED)] == [0, 1, 3]


def test_require_tells_the_story():
    Verdict(Outcome.HOLDS, EVIDENCE).require()
    with pytest.raises(Refuted, match=r"2 \+ 2 = 4.*expected 4, got 5 at y.*To refute: count"):
        Verdict(Outcome.REFUTED, EVIDENCE, "y", "4", "5").require()
    with pytest.raises(Undecided, match="no engine"):
        Verdict(Outcome.UNDECIDED, EVIDENCE, reasons=stated("no engine")).require()


def test_json_carries_the_scope():
    record = Verdict(Outcome.HOLDS, EVIDENCE).to_json()
    assert record["verdict"] == "holds"
    scope = record["evidence"]
    assert set(scope) == {
        "statement",
        "domain",
        "semantics",
        "method",
        "algorithm_class",
        "trusted",
        "refute_by",
    }
    assert all(scope.values())


def test_combination():
    held, refuted, open_ = Outcome.HOLDS, Outcome.REFUTED, Outcome.UNDECIDED
    assert combine([held, held]) is held
    assert combine([held, open_]) is open_
    assert combine([held, open_, refuted]) is refuted
    assert combine([]) is open_
