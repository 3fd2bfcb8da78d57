"""The exchanges of a run over time: when each was sent, how long it took, and what came of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from msgspec import Struct

from conformance.model import Exchange
from conformance.report.exchange_log import ExchangeLog
from conformance.report.legend import Look
from conformance.text import counted, duration, seconds, shorten

HEIGHT = 200
TOP, FOOT = 20, 26
"""Pixels above the slowest response and below the quickest."""
FASTEST = 1e-3
"""Seconds below which responses are all equally fast."""
LONGEST = 200
BESIDE = 1.0
"""Hundredths of the width left free on either side."""
TICKS = {0: "start", 25: "middle", 50: "middle", 75: "middle", 100: "end"}
"""Where moments are written, in hundredths of the run, and how they stand there."""


class Came(Look):
    """What came of an exchange, as the picture shows it."""

    EXECUTED = "executed", "executed"
    REFUSED = "refused", "refused"
    LOOKED = "looked", "answered without an execution"
    TROUBLE = "trouble", "without a response, or with an error of the target"
    WARNED = "warning", "broke a clause that warns or is excused"
    BROKE = "failed", "broke a clause"

    @property
    def is_marked(self) -> bool:
        """Whether it has the mark of a verdict, rather than a dot."""
        return self in (Came.WARNED, Came.BROKE)


class Point(Struct, frozen=True):
    """An exchange in the picture: `x` in hundredths of its width, `y` in pixels."""

    x: float
    y: float
    came: Came
    href: str
    label: str


class Rule(Struct, frozen=True):
    """A line across the picture at a latency."""

    y: float
    label: str


class Tick(Struct, frozen=True):
    """A moment below the picture."""

    x: float
    label: str
    side: str


class Timeline(Struct, frozen=True):
    """The picture, and what it shows in a line."""

    points: tuple[Point, ...]
    rules: tuple[Rule, ...]
    ticks: tuple[Tick, ...]
    counts: Mapping[Came, int]
    caption: str
    height: int = HEIGHT


def timeline(log: ExchangeLog) -> Timeline | None:
    """The exchanges that the log shows over time; None where there are too few for a picture."""
    exchanges = log.shown
    if len(exchanges) < 2:
        return None
    first = min(seconds(each.started) for each in exchanges)
    span = max(seconds(each.started) for each in exchanges) - first
    took = [seconds(each.duration) for each in exchanges]
    lowest, highest = _decades(took)
    points = tuple(
        Point(
            _across((seconds(each.started) - first) / span if span else 0.0),
            _height(seconds(each.duration), lowest, highest),
            _came(each, log),
            log.href(each.id),
            _label(each),
        )
        for each in exchanges
    )
    counts = Counter(point.came for point in points)
    rules = (10.0**power for power in range(lowest, highest + 1))
    return Timeline(
        points=points,
        rules=tuple(Rule(_height(each, lowest, highest), duration(each)) for each in rules),
        ticks=tuple(
            Tick(_across(x / 100), duration(span * x / 100), side) for x, side in TICKS.items()
        ),
        counts={each: counts[each] for each in Came if counts[each]},
        caption=_caption(span, took),
    )


def _came(exchange: Exchange, log: ExchangeLog) -> Came:
    if log.broken_by(exchange):
        return Came.BROKE if log.has_failed(exchange) else Came.WARNED
    status = exchange.response.status if exchange.response else 500
    if status >= 500:
        return Came.TROUBLE
    if status >= 400:
        return Came.REFUSED
    return Came.EXECUTED if exchange.request.method == "POST" and status == 200 else Came.LOOKED


def _decades(took: Sequence[float]) -> tuple[int, int]:
    """The powers of ten, in seconds, between which all latencies are."""
    lowest = math.floor(math.log10(max(min(took), FASTEST)))
    highest = math.ceil(math.log10(max(*took, FASTEST)))
    return lowest, max(highest, lowest + 1)


def _across(share: float) -> float:
    return round(BESIDE + (100 - 2 * BESIDE) * share, 2)


def _height(latency: float, lowest: int, highest: int) -> float:
    share = (math.log10(max(latency, FASTEST)) - lowest) / (highest - lowest)
    return round(HEIGHT - FOOT - share * (HEIGHT - FOOT - TOP), 1)


def _label(exchange: Exchange) -> str:
    name = f"{exchange.id} {exchange.probe or ''}".rstrip()
    took = duration(exchange.duration)
    return f"{shorten(name, LONGEST)}: {shorten(exchange.outcome, LONGEST)}, {took}"


def _caption(span: float, took: Sequence[float]) -> str:
    return (
        f"{counted(len(took), 'exchange')} begun within {duration(span)}, each as high as it took "
        f"long: half took less than {duration(median(took))}, the longest {duration(max(took))}."
    )
