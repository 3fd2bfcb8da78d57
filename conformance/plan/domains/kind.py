"""A place in a request, and a kind of value that can stand there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from itertools import chain, cycle, islice
from typing import Any

from msgspec import Struct

from conformance.model import Request
from conformance.plan.drafting import Drafts, Probe, as_json


class Place(StrEnum):
    """Where in a request a value stands; the order is that of the document."""

    METHOD = "the method"
    PROJECT = "`project_id` in the URI"
    PROVIDER = "`provider_id` in the URI"
    TOKEN = "`X-Auth-Token`"
    LOGIN = "where other services look for a token"
    MEDIA_TYPE = "`Content-Type`"
    HEADERS = "other headers"
    BODY = "the body"
    FIELDS = "the names of fields"
    CHECKPOINT = "`checkpoint`"
    PLAN_ID = "`plan_id`"
    PARAMETERS = "`parameters`"
    AUTO_TRIGGER = "`auto_trigger`"
    RESOURCES = "`resources`"
    SERVER = "an item of `resources`"


class Kind(Struct, frozen=True):
    """A kind of value in one place, with requests that hold such a value.

    The first `planned` of them are in every plan. The next goes while requests are left, where
    `while_left.py` names the kind. The rest are drawn by the profile `deep`: they are drafted
    `later`, when somebody asks for them.
    `clause` is the one that they are written for. Where the page leaves the kind open, the requests
    hold something unknown `beside` it, so that they cost no execution; `alone` does not, and may be
    executed: it is sent as well where `is_asked` says so.
    """

    place: Place
    name: str
    clause: str
    drafted: tuple[Request, ...]
    planned: int = 1
    alone: Request | None = None
    beside: str = ""
    is_asked: bool = False
    later: Callable[[], tuple[Request, ...]] = tuple

    @property
    def requests(self) -> tuple[Request, ...]:
        """All of them."""
        return self.drafted + self.later()

    @property
    def slug(self) -> str:
        """The name as it stands in the id of a probe."""
        return _slug(self.name)

    @property
    def example(self) -> Request:
        """A request in which nothing is odd but this."""
        return self.alone or self.drafted[0]

    @property
    def choice(self) -> Probe:
        """The request that may be executed, of a kind that is open."""
        return Probe(f"{self.clause}/{self.slug}", self.example)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """The requests that are in every plan, as probes."""
        return self._named(self.drafted[: self.planned])

    @property
    def drawn(self) -> tuple[Probe, ...]:
        """The requests that are not in every plan, as probes."""
        return self._named(self.requests[self.planned :], self.planned + 1)

    def _named(self, requests: Sequence[Request], first: int = 1) -> tuple[Probe, ...]:
        probes = []
        slug = self.slug
        for number, request in enumerate(requests, first):
            more = [str(number)] if number > 1 else []
            parts = [slug, *more, *filter(None, [self.beside])]
            probes.append(Probe(f"{self.clause}/{'-'.join(parts)}", request))
        return tuple(probes)


@cache
def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")


class Digits(str):
    """A number by its digits, for what no Python number is written as."""

    __slots__ = ()


def written(body: Any, *values: Any) -> Any:
    """A body as it is sent, in which `values` may be numbers given by their digits."""
    data = as_json(body)
    for digits in (value for value in values if isinstance(value, Digits)):
        data = data.replace(as_json(digits), digits.encode())
    return data


def kinds(
    place: Place,
    clause: str,
    request: Callable[[Any], Request],
    planned: Mapping[str, Any],
    drawn: Mapping[str, Sequence[Any]],
) -> Iterator[Kind]:
    """Kinds by their names: of `planned` ones the value in every plan, of `drawn` ones more."""

    def later(values: Sequence[Any]) -> Callable[[], tuple[Request, ...]]:
        return cache(lambda: tuple(map(request, values)))

    for name, value in planned.items():
        more = later(drawn.get(name, ()))
        yield Kind(place, name, clause, (request(value),), later=more)
    for name, values in drawn.items():
        if name not in planned:
            more = later(values[1:])
            yield Kind(place, name, clause, (request(values[0]),), 0, later=more)


def alternating(drafts: Drafts) -> Callable[[], dict[str, Any]]:
    """Gives the parameters of valid requests in turn: none, and then the options in one way."""
    nothing, *others = _ways(drafts)
    following = cycle(chain.from_iterable((nothing, way) for way in others))
    return lambda: dict(next(following))


def in_turn(drafts: Drafts, first: int = 0) -> Callable[[], dict[str, Any]]:
    """Gives the parameters of valid requests in turn, in each way to give the options.

    Code that looks at who asks, or at what for, may do so on one of its ways alone.
    """
    following = islice(cycle(_ways(drafts)), first, None)
    return lambda: dict(next(following))


def _ways(drafts: Drafts) -> list[dict[str, Any]]:
    """The ways to give the options: `auto_trigger` left out, true or false, and so many servers."""
    false, true = {"auto_trigger": False}, {"auto_trigger": True}
    if not drafts.fixtures.resources:
        return [{}, false, true]
    one, two, every = ({"resources": drafts.servers[:most]} for most in (1, 2, None))
    return [
        *({}, false, drafts.full_parameters, one, true, {**false, **two}, every),
        *({**true, **one}, two, {**false, **one}, {**true, **two}, {**false, **every}),
    ]
