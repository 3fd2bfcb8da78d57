"""What an exploration has sent before the run was resumed, by the names of its requests.

`explored/PLACE/VISIT.HISTORY.STEP` is a step of a history that was sent on a visit to a place.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.explore.histories import History
from conformance.model import Exchange

Key = tuple[tuple[str, ...], ...]
"""A history by the digests of its requests: what is sent at once stands together."""
_NUMBER = "[0-9]{1,6}"
NAME = re.compile(
    rf"explored/(?P<place>.+)/(?P<visit>{_NUMBER})\.(?P<history>{_NUMBER})\.(?P<step>{_NUMBER})"
)


@dataclass(frozen=True, slots=True)
class Explored:
    """What was explored before: the visit that was begun last, what was sent, and what repeated.

    `begun` is how many histories that visit has sent.
    """

    visit: int
    begun: int
    requests: int
    histories: tuple[Key, ...]
    repeats: Counter[str]


def key_of(history: History) -> Key:
    """The key of a history."""
    return tuple(tuple(request.digest for request in moment) for moment in history)


def name_of(place: str, visit: int, history: int, step: int) -> str:
    """The name of the requests of one moment."""
    return f"explored/{place}/{visit}.{history}.{step}"


def explored_before(past: Iterable[Exchange]) -> Explored:
    """What `past`, the exchanges of the run that is resumed, has of an exploration."""
    found: defaultdict[tuple[int, int], defaultdict[int, list[str]]]
    found = defaultdict(lambda: defaultdict(list))
    repeats: Counter[str] = Counter()
    for exchange in past:
        match = NAME.fullmatch(exchange.probe or "")
        if match is None:
            continue
        if exchange.retry_of is not None:
            repeats[match["place"]] += 1
            continue
        visit, history, step = (int(match[name]) for name in ("visit", "history", "step"))
        found[visit, history][step].append(exchange.request.digest)
    keys = [tuple(tuple(steps[n]) for n in sorted(steps)) for steps in found.values()]
    requests = sum(len(moment) for key in keys for moment in key)
    visit, begun = max(found, default=(0, 0))
    return Explored(visit, begun, requests, tuple(keys), repeats)
