"""The order in which open points are asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange.open_points import in_order
from conformance.model import Request
from conformance.plan.drafting import Probe

NAMES = "abcdefgh"
SETS = st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=4)
VALID = Probe("valid", Request("POST", "/valid", (), b""))


def probes(sets: list[frozenset[str]]) -> dict[Probe, frozenset[str]]:
    """A probe for each set of points, singles in alphabetical order behind the others."""
    singles = [frozenset(name) for name in NAMES]
    ordered = [*(each for each in sets if len(each) > 1), *singles]
    return {
        Probe(str(number), Request("POST", f"/{number}", (), b"")): each
        for number, each in enumerate(ordered)
    }


def asked(sets: list[frozenset[str]], lenient: frozenset[str]) -> list[frozenset[str]]:
    """The points of each request that a target is asked which executes what holds only points that
    it is `lenient` on; of the valid one, none.
    """
    known = probes(sets)
    accepted: set[str] = set()
    order: list[frozenset[str]] = []
    for probe in in_order(list(known), known.__getitem__, accepted, [VALID]):
        points = known.get(probe, frozenset())
        order.append(points)
        if points <= lenient:
            accepted |= points
    return order


@given(st.lists(SETS, max_size=5), st.frozensets(st.sampled_from(NAMES)))
def test_every_point_is_asked_and_none_that_was_executed_with_others(
    sets: list[frozenset[str]], lenient: frozenset[str]
) -> None:
    order = asked(sets, lenient)
    by_itself = {name for points in order if len(points) == 1 for name in points}
    together = {name for points in order if len(points) > 1 if points <= lenient for name in points}
    assert by_itself | together == set(NAMES)
    assert {each for each in sets if len(each) > 1} <= set(order)


def test_where_all_is_executed_a_valid_request_goes_before_the_last() -> None:
    order = asked([frozenset("ab"), frozenset("cde")], frozenset(NAMES))
    assert ["".join(sorted(each)) for each in order] == ["ab", "", "cde", "f", "g", "h"]


@given(st.lists(SETS, max_size=5), st.frozensets(st.sampled_from(NAMES)))
def test_a_valid_request_goes_between_only_where_all_before_was_executed(
    sets: list[frozenset[str]], lenient: frozenset[str]
) -> None:
    several = [each for each in sets if len(each) > 1]
    order = asked(sets, lenient)
    is_lenient = len(several) > 1 and frozenset().union(*several[:-1]) <= lenient
    assert (frozenset() in order) is is_lenient
    if is_lenient:
        assert order[len(several) - 1] == frozenset()
