"""The order in which open points are asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange.open_points import are_refused_together, in_order
from conformance.model import Request
from conformance.plan.drafting import Probe

NAMES = "abcdefgh"
SETS = st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=4)


def probes(sets: list[frozenset[str]]) -> dict[Probe, frozenset[str]]:
    """A probe for each set of points, singles in alphabetical order behind the others."""
    singles = [frozenset(name) for name in NAMES]
    ordered = [*(each for each in sets if len(each) > 1), *singles]
    return {
        Probe(str(number), Request("POST", f"/{number}", (), b"")): each
        for number, each in enumerate(ordered)
    }


@given(st.lists(SETS, max_size=5), st.frozensets(st.sampled_from(NAMES)))
def test_every_point_is_asked_and_none_that_was_executed_with_others(
    sets: list[frozenset[str]], lenient: frozenset[str]
) -> None:
    """A target executes what holds only points that it is `lenient` on."""
    known = probes(sets)
    accepted: set[str] = set()
    asked: list[Probe] = []
    for probe in in_order(list(known), known.__getitem__, accepted):
        asked.append(probe)
        if known[probe] <= lenient:
            accepted |= known[probe]
    by_itself = {name for probe in asked if len(known[probe]) == 1 for name in known[probe]}
    together = {
        name
        for probe in asked
        if len(known[probe]) > 1
        if known[probe] <= lenient
        for name in known[probe]
    }
    assert by_itself | together == set(NAMES)
    assert {probe for probe in known if len(known[probe]) > 1} <= set(asked)


def test_where_all_is_executed_nothing_is_asked_twice() -> None:
    known = probes([frozenset("ab"), frozenset("cde")])
    accepted: set[str] = set()
    asked: list[str] = []
    for probe in in_order(list(known), known.__getitem__, accepted):
        asked.append("".join(sorted(known[probe])))
        accepted |= known[probe]
    assert asked == ["ab", "cde", "f", "g", "h"]


@given(st.lists(SETS, max_size=5), st.frozensets(st.sampled_from(NAMES)))
def test_what_else_was_refused_only_where_each_point_is_executed(
    sets: list[frozenset[str]], accepted: frozenset[str]
) -> None:
    known = probes(sets)
    refused = [probe for probe in known if len(known[probe]) > 1]
    expected = any(accepted.issuperset(known[probe]) for probe in refused)
    assert are_refused_together(refused, known.__getitem__, accepted) is expected
    assert not are_refused_together([], known.__getitem__, accepted)
