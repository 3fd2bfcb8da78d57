"""Which limits on requests and on time would have let a run send all of its plan."""

from __future__ import annotations

import math
from dataclasses import dataclass

SLOWER = 1.5
"""How much slower the rest may be: executions come late, and take longer than refusals."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a run did: probes sent, requests sent in all, those of them in `took` seconds."""

    probes: int
    requests: int
    timed: int
    took: float


def enough_for(left: int, past: Past) -> tuple[int, int]:
    """A limit on requests, and one in seconds, for a run that sends `left` probes more.

    Both take it that the rest is like what was sent: asked again as often, at the same pace.
    """
    more = math.ceil(left * max(1.0, past.requests / max(1, past.probes)))
    seconds = past.took + SLOWER * more * past.took / max(1, past.timed)
    step = 10 if seconds < 300 else 60
    return past.requests + more, step * math.ceil(seconds / step)
