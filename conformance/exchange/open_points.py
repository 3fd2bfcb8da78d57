"""In which order to ask what the page leaves open, so that few executions tell most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from conformance.plan.drafting import Probe

Points = Callable[[Probe], Set[str]]
"""Which open points a probe has, by the ids of their clauses."""


def in_order(
    choices: Sequence[Probe], points: Points, accepted: Set[str], valid: Iterable[Probe]
) -> Iterator[Probe]:
    """Those with several points first, each followed by its points one by one if it was refused.

    At least one of them is refused then, and that costs nothing. Points that were executed with
    others, which `accepted` holds by the time the next probe is asked for, are left out. Where all
    others with several points were executed, requests that are `valid` go before the last of them:
    that one will be executed as well, and may leave them no execution.
    """
    single = [probe for probe in choices if len(points(probe)) == 1]
    several = [probe for probe in choices if len(points(probe)) > 1]
    together: frozenset[str] = frozenset()
    for probe in several:
        if probe is several[-1] and together and together <= accepted:
            yield from valid
        yield probe
        if not points(probe) <= accepted:
            yield from (each for each in single if points(each) <= points(probe))
        together |= points(probe)
    yield from (probe for probe in single if not points(probe) <= together)
