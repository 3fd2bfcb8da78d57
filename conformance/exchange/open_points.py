"""In which order to ask what the page leaves open, so that few executions tell most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from conformance.plan.drafting import Probe

Points = Callable[[Probe], Set[str]]
"""Which open points a probe has, by the ids of their clauses."""


def in_order(choices: Sequence[Probe], points: Points, accepted: Set[str]) -> Iterator[Probe]:
    """Those with several points first, each followed by its points one by one if it was refused.

    At least one of them is refused then, and that costs nothing. Points that were executed with
    others, which `accepted` holds by the time the next probe is asked for, are left out.
    """
    single = [probe for probe in choices if len(points(probe)) == 1]
    several = [probe for probe in choices if len(points(probe)) > 1]
    for probe in several:
        yield probe
        if not points(probe) <= accepted:
            yield from (each for each in single if points(each) <= points(probe))
    together = frozenset().union(*map(points, several))
    yield from (probe for probe in single if not points(probe) <= together)


def are_refused_together(unexecuted: Iterable[Probe], points: Points, accepted: Set[str]) -> bool:
    """Whether a request that was not executed has no point but some that were, each elsewhere.

    What else is in it was refused then: options that a valid request has as well.
    """
    return any(points(probe) <= accepted for probe in unexecuted)
