"""What the page leaves open: executing it is as right as refusing it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from conformance.model import Request
from conformance.plan.domains.kind import Kind, Place, written
from conformance.plan.domains.types import BEYOND_A_DOUBLE, MANY_DIGITS, NUMBERS
from conformance.plan.drafting import JSON_MEDIA_TYPE, Drafts

Make = Callable[[str], Request]
"""Makes a request that names a policy, the one of the target or one that does not exist."""

MEDIA_TYPES: dict[str, tuple[str | None, ...]] = {
    "text": ("text/plain", "text/html; charset=utf-8"),
    "absent": (None,),
    "other case": (JSON_MEDIA_TYPE.title(), JSON_MEDIA_TYPE.upper()),
    "a quoted charset": (
        f'{JSON_MEDIA_TYPE}; charset="utf-8"',
        f'{JSON_MEDIA_TYPE};charset="UTF-8"',
    ),
    "malformed": (
        *("json", "multipart/form-data"),
        *("application/", "/", ";", f"{JSON_MEDIA_TYPE};;charset", "*/*"),
    ),
    "an unknown charset": tuple(
        f"{JSON_MEDIA_TYPE}; charset={name}" for name in ('"unknown"', "none", "utf-9")
    ),
    "another charset": tuple(
        f"{JSON_MEDIA_TYPE}; charset={name}" for name in ("iso-8859-1", "utf-16")
    ),
    "another parameter": (f"{JSON_MEDIA_TYPE}; version=1", f'{JSON_MEDIA_TYPE}; a="b;c"'),
    "a kind of JSON": tuple(
        f"application/{name}" for name in ("merge-patch+json", "vnd.api+json", "json-seq")
    ),
    "another type": (
        *("application/xml", "application/x-www-form-urlencoded", "application/octet-stream"),
        *("multipart/form-data; boundary=x", "image/png"),
    ),
}
"""Media types other than JSON as clients write it."""
PLANNED = {"absent": 1, "text": 1, "other case": 1, "an unknown charset": 1, "malformed": 2}
"""How many of them stand in every plan; of what is malformed, a type without its boundary, too."""
ASKED = ("absent", "text")


def open_points(drafts: Drafts) -> Iterator[Kind]:
    """Each open point beside what must be refused, so that a crash shows for nothing."""
    for some in (lists, spellings, nulls, media_types, repeated, unknown_fields):
        yield from some(drafts)


def media_types(drafts: Drafts) -> Iterator[Kind]:
    """Media types other than JSON as clients write it."""
    parameters = second(drafts)

    def of_type(media_type: str | None) -> Make:
        return lambda plan: drafts.request(
            drafts.body({"plan_id": plan}, **parameters), media_type=media_type
        )

    for name, types in MEDIA_TYPES.items():
        yield _kind(
            drafts,
            *(Place.MEDIA_TYPE, name, "T2.body.media-type"),
            [of_type(each) for each in types],
            planned=PLANNED.get(name, 0),
            is_asked=name in ASKED,
        )


def nulls(drafts: Drafts) -> Iterator[Kind]:
    """Null for an optional field, beside a value for the other: an unknown server, for one."""
    with_null = {"auto_trigger": None, **last(drafts)}
    alone = drafts.request(drafts.body(**with_null))
    if drafts.fixtures.resources:
        strange = drafts.request(drafts.body(**{**with_null, "resources": [drafts.strange_id()]}))
        yield Kind(
            *(Place.AUTO_TRIGGER, "null", "T4.auto_trigger.null", (strange,)),
            alone=alone,
            beside="unknown-server",
            is_asked=True,
        )
    else:
        make = _with(drafts, with_null)
        yield _kind(drafts, Place.AUTO_TRIGGER, "null", "T4.auto_trigger.null", [make])
    make = _with(drafts, {"auto_trigger": True, "resources": None})
    yield _kind(drafts, Place.RESOURCES, "null", "T4.resources.null", [make])


def repeated(drafts: Drafts) -> Iterator[Kind]:
    """A duplicate key."""
    before, after = '"parameters": {}', '"parameters": {}, "parameters": {}'

    def make(plan: str) -> Request:
        text = json.dumps(drafts.body({"plan_id": plan}))
        return drafts.request(text.replace(before, after).encode())

    yield _kind(drafts, Place.FIELDS, "twice", "T2.body.repeated-name", [make])


def lists(drafts: Drafts) -> Iterator[Kind]:
    """A server named twice, and an empty list."""
    repeated, between = drafts.servers[:1], drafts.servers[1:2]
    twice = _with(drafts, {"resources": [*repeated, *repeated, *between, *repeated]})
    yield _kind(drafts, Place.SERVER, "twice", "T4.resources.duplicates", [twice])
    empty = _with(drafts, {"resources": []})
    yield _kind(drafts, Place.RESOURCES, "empty", "T4.resources.empty", [empty], planned=0)


def spellings(drafts: Drafts) -> Iterator[Kind]:
    """Other spellings of UUIDs."""
    servers = drafts.others[:1] or drafts.servers
    provider, real = drafts.fixtures.provider_id, drafts.plan_id
    strange = [drafts.strange_id()]
    beside = drafts.first_named if drafts.others else []

    def of_provider(spelled: str) -> Make:
        return lambda plan: drafts.request(drafts.body({"plan_id": plan}), provider=spelled)

    for name, spell in SPELLINGS.items():
        planned = int(name == "upper")
        yield _kind(
            drafts,
            *(Place.PROVIDER, name, "T1.provider_id.spelling"),
            [of_provider(spell(provider))],
            planned=planned,
            is_asked=bool(planned),
        )
        yield _kind(
            drafts,
            *(Place.SERVER, name, "T4.resources.spelling"),
            [_with(drafts, {"resources": [*map(spell, servers), *beside]})],
            planned=planned,
            is_asked=bool(planned),
        )
        named = drafts.body({"plan_id": spell(real)})
        unknown = drafts.request(drafts.body({"plan_id": spell(real)}, resources=strange))
        yield Kind(
            *(Place.PLAN_ID, name, "T3.plan_id.spelling"),
            (unknown,),
            planned,
            alone=drafts.request(named),
            beside="unknown-server",
            is_asked=bool(planned),
        )


SPELLINGS: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "without hyphens": lambda text: text.replace("-", ""),
    "in braces": lambda text: f"{{{text}}}",
    "as a URN": lambda text: f"urn:uuid:{text}",
}


def unknown_fields(drafts: Drafts) -> Iterator[Kind]:
    """Fields that the tables do not have, at every level."""

    def overlaid(plan: str) -> Request:
        more = last(drafts)
        return drafts.request(with_foreign_fields(drafts, plan, auto_trigger=True, **more))

    def of(name: str, value: Any) -> Make:
        return lambda plan: drafts.request(
            written(drafts.body({"plan_id": plan}, **{name: value}), value)
        )

    clause = "T2.body.unknown-field"
    yield _kind(drafts, Place.FIELDS, "names of the response", clause, [overlaid], planned=0)
    numbers: dict[str, list[Any]] = {
        **NUMBERS,
        "beyond 64 bits": [10**24],
        "beyond a double": [BEYOND_A_DOUBLE],
        "of thousands of digits": [MANY_DIGITS],
    }
    for name, values in numbers.items():
        planned = int(name in ("beyond a double", "of thousands of digits"))
        makes = [of("number", value) for value in values]
        yield _kind(drafts, Place.FIELDS, name, clause, makes, planned=planned, is_asked=False)
    others: dict[str, list[Make]] = {
        "in another style": [of(name, True) for name in ("autoTrigger", "auto-trigger")],
        "a long name": [of("a" * 2_000, 1)],
        "an empty name": [of("", 1)],
        "a name not in ASCII": [of("é备\U0001f4be", 1), of("\0", 1)],
        "null": [of("note", None)],
        "many": [
            lambda plan: drafts.request(
                drafts.body({"plan_id": plan}, **{f"x{n}": n for n in range(300)})
            )
        ],
    }
    for name, makes in others.items():
        yield _kind(drafts, Place.FIELDS, name, clause, makes, planned=0, is_asked=False)


def with_foreign_fields(drafts: Drafts, plan: str, **parameters: Any) -> dict[str, Any]:
    """A body with unknown fields that code may take for its own: names of the response, and those
    that languages treat specially.
    """
    foreign = {
        "id": drafts.strange_id(),
        "status": "pending",
        "project_id": drafts.strange_project(),
        "created_at": "2001-02-03T04:05:06.789012",
        "protection_plan": {"id": drafts.strange_id(), "resources": []},
        "extra_info": {"created_by": "error"},
        "__proto__": {"status": "pending"},
        "constructor": {"prototype": {"status": "pending"}},
        "class": "error",
    }
    body = drafts.body(foreign | {"plan_id": plan, "parameters": foreign | parameters})
    return {**body, **foreign}


def second(drafts: Drafts) -> dict[str, Any]:
    """Parameters that name another server than the first valid request, where there is one."""
    named = drafts.others[:1] or drafts.servers
    return {"resources": named} if drafts.fixtures.resources else {}


def last(drafts: Drafts) -> dict[str, Any]:
    """Parameters that name the last server, where servers are known."""
    return {"resources": drafts.servers[-1:]} if drafts.fixtures.resources else {}


def _with(drafts: Drafts, parameters: dict[str, Any]) -> Make:
    return lambda plan: drafts.request(drafts.body({"plan_id": plan}, **parameters))


def _kind(
    drafts: Drafts,
    place: Place,
    name: str,
    clause: str,
    makes: Sequence[Make],
    *,
    planned: int = 1,
    is_asked: bool = True,
) -> Kind:
    """A kind whose requests name a policy that does not exist."""
    unknown = [(make, drafts.strange_id()) for make in makes]
    return Kind(
        *(place, name, clause),
        tuple(make(plan) for make, plan in unknown[:planned]),
        planned,
        alone=makes[0](drafts.plan_id),
        beside="unknown-policy",
        is_asked=is_asked,
        later=cache(lambda: tuple(make(plan) for make, plan in unknown[planned:])),
    )
