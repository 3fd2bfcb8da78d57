"""Which further valid request tells why one was refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conformance.page.oracle import Expectation
from conformance.page.tables_2_to_4 import Feature

CONFIRMED = 2
"""Refused requests that leave no doubt of what they alone have in common."""
Outcome = tuple[Expectation, bool]
"""A valid request that was settled, and whether it was executed."""


def explains(expectation: Expectation, outcomes: Sequence[Outcome]) -> bool:
    """Whether the response to a valid request would tell why others were refused.

    It does where it has, in other company, what a refused one had and nothing that was executed;
    and, where all were refused from some moment on, if it is the first of them to be like what was
    executed before.
    """
    known, unknown = _known_and_unknown(outcomes)
    if not unknown or not known:
        return False
    is_over = not outcomes[-1][1]
    if is_over and not all(unknown):
        return False
    if new := expectation.features - known:
        concerned = [suspected for suspected in unknown if new & suspected]
        return any(len(each) > 1 or len(concerned) < CONFIRMED for each in concerned)
    return is_over


def condemned(outcomes: Sequence[Outcome]) -> frozenset[Feature]:
    """What refused requests have alone in common, so that more of it tells nothing."""
    _, unknown = _known_and_unknown(outcomes)
    alone = Counter(feature for each in unknown if len(each) == 1 for feature in each)
    return frozenset(feature for feature, times in alone.items() if times >= CONFIRMED)


def _known_and_unknown(
    outcomes: Sequence[Outcome],
) -> tuple[frozenset[Feature], list[frozenset[Feature]]]:
    """What executed requests have, and of each refused one what none of them has.

    Requests that are alike in all of it count once: one refused again confirms nothing.
    """
    executed = [each.features for each, is_executed in outcomes if is_executed]
    known = frozenset().union(*executed)
    refused = dict.fromkeys(each.features for each, is_executed in outcomes if not is_executed)
    return known, [each - known for each in refused]
