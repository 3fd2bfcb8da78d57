"""Values of a wrong JSON type in the place of each field (Tables 2 to 4)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from itertools import cycle, takewhile
from string import digits
from typing import Any

from conformance.model import Request
from conformance.plan.domains.kind import Digits, Kind, Place, alternating, kinds, written
from conformance.plan.drafting import IN_CAPITALS, JSON_MEDIA_TYPE, Drafts

Put = Callable[[Any, dict[str, Any]], Any]
"""Makes a body that has a value in one place, beside the parameters given."""

LONG_INTEGER = 18
"""Digits that every integer of 64 bits has room for."""
BEYOND_64_BITS = 10**24
BEYOND_A_DOUBLE = Digits("1e400")
MANY_DIGITS = Digits("7" * 4_400)
"""More digits than some readers convert, in a body that is not too large."""
NUMBERS: dict[str, list[Any]] = {
    "a number": [-1, 2**31, 2**53, 2**63],
    "a fraction": [-0.5, Digits("0.0"), Digits("-0")],
    "beyond 64 bits": [2**64, -(10**24)],
    "beyond a double": [Digits("-1e400"), Digits("1e-400"), Digits("1E999999999")],
    "of thousands of digits": [MANY_DIGITS, Digits("0." + MANY_DIGITS)],
}
"""More numbers of each kind."""


def wrong_types(drafts: Drafts) -> Iterator[Kind]:
    """Every field of every wrong JSON type."""
    whole, full = drafts.body(), drafts.body(**drafts.full_parameters)
    checkpoint = whole["checkpoint"]
    body = {
        "null": None,
        "text": json.dumps(whole),
    }
    drawn: dict[str, list[Any]] = {
        "a boolean": [True, False],
        "a number": NUMBERS["a number"],
        "a fraction": [1.5, *NUMBERS["a fraction"]],
        "beyond a double": [BEYOND_A_DOUBLE, *NUMBERS["beyond a double"]],
        "text": ["null", "checkpoint"],
        "empty text": [""],
        "an empty list": [[[]], [None]],
        "a list of it": [[whole]],
    }
    yield from _kinds(drafts, Place.BODY, "T2.body.type", lambda value, _: value, body, drawn)
    inner: dict[str, Any] = {
        "null": None,
        "text": json.dumps(checkpoint),
        "an empty list": [],
    }
    yield from _kinds(
        drafts,
        *(Place.CHECKPOINT, "T2.checkpoint.type"),
        lambda value, _: {"checkpoint": value},
        inner,
        {**drawn, "a list of its values": [list(checkpoint.values())]},
    )
    parameters = {
        "null": None,
        "text": "{}",
        "an empty list": [],
        "a list of it": [full["checkpoint"]["parameters"]],
        "a list of its values": list(full["checkpoint"]["parameters"].values()),
    }
    yield from _kinds(
        drafts,
        *(Place.PARAMETERS, "T3.parameters.type"),
        lambda value, _: drafts.body({"parameters": value}),
        parameters,
        {**drawn, "a boolean": [False, True]},
    )
    yield from _of_the_policy(drafts)
    yield from _of_auto_trigger(drafts)
    yield from _of_resources(drafts)


def _of_the_policy(drafts: Drafts) -> Iterator[Kind]:
    plan = drafts.plan_id
    planned: dict[str, Any] = {
        "null": None,
        "a boolean": True,
        "not a number": math.nan,
        "beyond 64 bits": BEYOND_64_BITS,
        "an empty list": [],
        "a list of it": [plan],
        "an object with it": {"id": plan},
        "an operator": {"$ne": ""},
    }
    if plan.isascii() and plan.isdecimal() and not plan.startswith("0"):
        planned["its digits"] = int(plan)
    begins = "".join(takewhile(digits.__contains__, plan))[:LONG_INTEGER]
    drawn: dict[str, list[Any]] = {
        **NUMBERS,
        "its first digits": [int(begins or 0)],
        "a number": [0, *NUMBERS["a number"]],
        "beyond a double": [BEYOND_A_DOUBLE, *NUMBERS["beyond a double"]],
        "a boolean": [False],
        "not a number": [math.inf, -math.inf],
        "an empty object": [{}],
        "a list of it": [[plan, plan], [[plan]]],
        "an operator": [{"$gt": ""}, {"$regex": ".*"}, {"$where": "1"}, {"like": "%"}],
    }
    yield from _kinds(
        drafts,
        *(Place.PLAN_ID, "T3.plan_id.type"),
        lambda value, parameters: drafts.body({"plan_id": value}, **parameters),
        planned,
        drawn,
    )


def _of_auto_trigger(drafts: Drafts) -> Iterator[Kind]:
    planned = {
        "zero": 0,
        "one": 1,
        "one as a fraction": 1.0,
        "not a number": math.nan,
        "beyond a double": BEYOND_A_DOUBLE,
        "empty text": "",
        "a word": "true",
        "a word in another case": "True",
        "another word": "yes",
        "a list of it": [True],
    }
    drawn = {
        **NUMBERS,
        "a fraction": [1.5, *NUMBERS["a fraction"]],
        "an object with it": [{"value": True}],
        "a word": ["false"],
        "a word in another case": ["FALSE", "TRUE", "False"],
        "another word": ["no", "on", "off", "y", "t", "null"],
        "a digit": ["1", "0", "-1"],
        "one as a fraction": [0.0],
        "an empty object": [{}],
        "not a number": [math.inf, -math.inf],
        "an empty list": [[]],
        "a list of it": [[False], [[]]],
    }
    turns = cycle((False, True))

    def put(value: Any, parameters: dict[str, Any]) -> Any:
        given = {**parameters, "auto_trigger": value}
        is_behind = bool(parameters) and next(turns)
        return drafts.body(**dict(sorted(given.items(), reverse=is_behind)))

    yield from _kinds(drafts, Place.AUTO_TRIGGER, "T4.auto_trigger.type", put, planned, drawn)
    beside = drafts.request(drafts.body(auto_trigger="true", note=""))
    yield Kind(Place.AUTO_TRIGGER, "a word with a note", "T4.auto_trigger.type", (beside,))
    as_text = drafts.request(drafts.body(auto_trigger="true"), media_type="text/plain")
    yield Kind(Place.AUTO_TRIGGER, "a word as text", "T4.auto_trigger.type", (as_text,), 0)


def _of_resources(drafts: Drafts) -> Iterator[Kind]:
    one = drafts.servers[0]

    def put(value: Any, parameters: dict[str, Any]) -> Any:
        return drafts.body(**{**parameters, "resources": value})

    planned: dict[str, Any] = {
        "a boolean": True,
        "the other boolean": False,
        "text": one,
        "a list as text": f"{one},{one}",
        "a list as JSON in a text": json.dumps([one]),
        "an empty object": {},
        "an object with it": {one: one},
    }
    drawn: dict[str, list[Any]] = {
        **NUMBERS,
        "a fraction": [1.5, *NUMBERS["a fraction"]],
        "a list as text": [f"{one};{one}"],
        "empty text": [""],
        "an object with it": [
            {"id": one},
            {"0": one},
            {"length": 1, "0": one},
            {"resources": [one]},
        ],
    }
    yield from _kinds(drafts, Place.RESOURCES, "T4.resources.type", put, planned, drawn)
    items: dict[str, Any] = {
        "null": [None],
        "a number": [0],
        "beyond 64 bits": [BEYOND_64_BITS],
        "an empty list": [[]],
        "a list of it": [one, [(*drafts.others, one)[0]]],
        "an object with it": [{"id": one, "type": "OS::Nova::Server"}],
        "null behind": [one, None],
        "not a number behind": [one, math.nan],
        "a number before": [1, one],
    }
    behind: dict[str, list[Any]] = {
        "a boolean": [[True], [False], [one, True]],
        "a fraction": [[1.5], [one, 1.5]],
        "beyond a double": [[BEYOND_A_DOUBLE]],
        "an empty list": [[one, []]],
        "an empty object": [[{}], [one, {}]],
        "an object behind": [[one, {"id": one}]],
        "a list of it": [[[one]]],
        "an operator": [[{"$ne": ""}], [one, {"$ne": ""}]],
        "a number before": [[1.5, one], [None, one], [{}, one]],
    }
    yield from _kinds(drafts, Place.SERVER, "T4.resources.items", put, items, behind)


def _kinds(
    drafts: Drafts,
    place: Place,
    clause: str,
    put: Put,
    planned: dict[str, Any],
    drawn: dict[str, list[Any]],
) -> Iterator[Kind]:
    """The kinds for one field, beside no parameters and beside both in turn.

    Each third has a charset: schemas may be chosen by media types.
    """
    parameters = alternating(drafts)
    media_types = cycle((JSON_MEDIA_TYPE, IN_CAPITALS, JSON_MEDIA_TYPE))

    def request(value: Any) -> Request:
        inside = value if isinstance(value, list) else [value]
        body = written(put(value, parameters()), *inside)
        return drafts.request(body, media_type=next(media_types))

    return kinds(place, clause, request, planned, drawn)
