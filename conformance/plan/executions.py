"""Directed probes that may be executed: what the page leaves open, and valid requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from conformance.model import Request
from conformance.plan.domains.kind import Kind
from conformance.plan.domains.open_points import with_foreign_fields
from conformance.plan.drafting import (
    IN_CAPITALS,
    JSON_MEDIA_TYPE,
    OF_PAGES,
    Drafts,
    Probe,
    as_json,
    compact,
)
from conformance.urls import split_url

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0"
COOKIE = "8f14e45fceea167a5a36dedd4bea2543"
"""A session of another application of the same site."""
CHINESE = "zh-CN, zh;q=0.9, en;q=0.5"
"""A language with letters of its own."""
IN_THAI = (("Accept-Language", "th-TH"),)
"""Asks for a language whose calendar has another year."""
IN_PERSIAN = (("Accept-Language", "fa-IR"),)
"""Has other digits, and a calendar with another year as well."""
IN_TURKISH = (("Accept-Language", "tr-TR"),)
"""Asks for one in which the small letter of I is another."""
DEFLATE = "deflate"
"""A content coding that some mistake for another."""
DEFLATE_FIRST = "deflate, gzip;q=0.5"
"""Two codings, the one that clients like less behind the other."""
NO_GZIP = "identity, gzip;q=0"
"""Has the name of a content coding in it, to refuse it (RFC 9110, 12.4.2)."""
A_PART = "bytes=0-9"
"""Asks for a part, which means something to GET alone (RFC 9110, 14.2)."""
LINES = (",", " : ")
"""White space around colons, as the page's example has it, where lines end behind commas."""
FILLED, OVERFLOWING = 4096, 4_600
"""Bytes of valid requests with white space: a length at which buffers end, and some beyond it."""


def choices(drafts: Drafts, kinds: Iterable[Kind]) -> Iterator[Probe]:
    """Requests on which the page is silent: executing them is as right as refusing them; of
    `kinds` those that are to be asked.

    Those with several open points come first: a lenient target answers them all in one execution.
    Of the others, those likelier to be refused do, since a refusal costs no execution.
    """
    yield from _several_at_once(drafts)
    for kind in kinds:
        if kind.is_asked:
            yield kind.choice


def _several_at_once(drafts: Drafts) -> Iterator[Probe]:
    """Open points together that an implementation is likely to treat alike.

    Null stands for no list right behind the empty one: what that leaves behind shows there. That
    one asks for what the last valid request asks for, since a lenient target may not get that.
    """
    server, provider = drafts.servers[0].upper(), drafts.fixtures.provider_id.upper()
    between = drafts.servers[1:][-1:]
    servers = [server, server, *between, server]
    options: dict[str, Any] = {"resources": servers, "auto_trigger": False}
    spelled = drafts.body({"plan_id": drafts.plan_id.upper()}, **options)
    yield Probe("T3.plan_id.spelling/all-upper-twice", drafts.request(spelled, provider=provider))
    more = with_foreign_fields(drafts, drafts.plan_id, auto_trigger=False, resources=[])
    empty = drafts.request(more, accept_encoding=DEFLATE, more=IN_THAI)
    yield Probe("T4.resources.empty/with-unknown-field", empty)
    nulls = drafts.body(auto_trigger=None, resources=None)
    as_text = drafts.request(nulls, media_type="text/plain")
    yield Probe("T4.resources.null/all-as-text", as_text)


def valid(drafts: Drafts) -> Iterator[Probe]:
    """Requests that must be executed: the options in combinations, JSON in several forms.

    The first is for some servers, the next are for the whole policy, and the fourth is for one of
    those of the first: whoever answers from memory gives it away. So does whoever cuts the policy
    down to what was asked for, once the first is repeated: what it names was there before. The
    third has no options: right behind `auto_trigger` alone it shows what that leaves behind. The
    fifth is the example of the page, and asks for a server that the fourth does not.

    The first three are all that smoke sends, so that whatever depends on what was executed before
    shows to both. The first five hold every shape; together with those that overlap they have every
    pair of `auto_trigger` and `resources`, each given or left out. The rest repeat them in other
    combinations.
    """
    has_servers = bool(drafts.fixtures.resources)
    marked = _of_one_task(drafts.strange_id())
    spaced = "some-servers-spaced-in-escapes" if has_servers else "spaced-in-escapes"
    yield Probe(f"S200.executed/{spaced}", first_valid(drafts)())
    yield Probe("S200.executed/auto-trigger-true", _of_a_browser(drafts, marked))
    yield Probe("S200.executed/minimal", minimal(drafts))
    if has_servers:
        bare = drafts.request(
            drafts.body(resources=drafts.first_named[-1:], auto_trigger=False),
            token_header="X-AUTH-TOKEN",
            accept=None,
            accept_encoding=None,
            user_agent=None,
            more=[*IN_TURKISH, *marked],
        )
        yield Probe("S200.executed/one-of-them", bare)
    yield Probe("S200.executed/like-the-example", _like_the_example(drafts))
    if has_servers:
        yield from _of_servers(drafts)
    fields = drafts.body()["checkpoint"].items()
    reordered = {"checkpoint": dict(reversed(fields))}
    yield Probe("S200.executed/reordered", drafts.request(reordered))


def _of_one_task(task: str) -> list[tuple[str, str]]:
    """Headers by which a client marks all requests of a task (OpenStack, and Trace Context)."""
    request = f"req-{task}"
    trace = f"00-{task.replace('-', '')}-b7ad6b7169203331-01"
    names = ("X-Openstack-Request-Id", "X-Request-Id")
    spans = {"X-B3-TraceId": task.replace("-", ""), "X-B3-SpanId": "b7ad6b7169203331"}
    more = {**dict.fromkeys(names, request), **spans, "X-B3-Sampled": "1", "traceparent": trace}
    return list(more.items())


def _of_a_browser(drafts: Drafts, more: Iterable[tuple[str, str]]) -> Request:
    """A request as a script on a page of the same origin sends it (Fetch, 3.2 and 4.6)."""
    parts = split_url(drafts.fixtures.endpoint)
    origin = f"{parts.scheme}://{parts.authority.rpartition('@')[2]}"
    headers = {
        "Accept-Language": CHINESE,
        "Range": A_PART,
        "Origin": origin,
        "Referer": f"{origin}/",
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Dest": "empty",
        "Cache-Control": "no-cache",
        "Pragma": "no-cache",
        "DNT": "1",
        "Sec-GPC": "1",
        "Priority": "u=1, i",
        "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24"',
        "sec-ch-ua-mobile": "?0",
        "sec-ch-ua-platform": '"Linux"',
        "Cookie": f"sessionid={COOKIE}; JSESSIONID={COOKIE}; lang=zh",  # of another application
    }
    return drafts.request(
        as_json(drafts.body(auto_trigger=True)).rjust(OVERFLOWING),
        media_type=f"{JSON_MEDIA_TYPE}; charset=utf-8",
        accept=OF_PAGES,
        accept_encoding=DEFLATE_FIRST,
        user_agent=BROWSER,
        more=[*headers.items(), *more],
    )


def _of_servers(drafts: Drafts) -> Iterator[Probe]:
    """Other combinations of servers, among them each of the others alone."""
    one, several = drafts.first_named[:1], drafts.servers
    alone = {several.index(each) + 1: each for each in drafts.others[:3]}
    combinations: dict[str, dict[str, Any]] = {
        **{f"server-{n}": {"resources": [server]} for n, server in alone.items()},
        "several-servers": {"resources": several},
        "false-several-servers": {"auto_trigger": False, "resources": several},
        "auto-trigger-one-server": {"auto_trigger": True, "resources": one},
        "false-one-server": {"auto_trigger": False, "resources": one},
    }
    for name, options in combinations.items():
        yield Probe(f"S200.executed/{name}", drafts.request(drafts.body(**options)))


def overlapping(drafts: Drafts, core: Sequence[Probe]) -> Iterator[Probe]:
    """Valid requests to be under way at once: three, and two more.

    The first is the first of the `core`, which was executed before: it is repeated byte for byte.
    The second differs in its options and names all servers in the order of the policy, so that
    whichever of the two is answered for the other shows it. The third is the second once more: two
    of three are equal. The other two have the options that nothing else has: `auto_trigger` false
    without servers, and true with one.
    """
    has_servers = bool(drafts.fixtures.resources)
    servers: dict[str, Any] = {"resources": drafts.servers} if has_servers else {}
    twice = drafts.request(
        compact(drafts.body(**servers, auto_trigger=True)),
        small_names=True,  # as Node.js and many proxies write them, Content-Length among them
        accept_encoding=NO_GZIP,
        more=IN_THAI,
    )
    another = (drafts.others or drafts.servers)[:1]
    one: dict[str, Any] = {"resources": another} if has_servers else {}
    first = core[0]
    yield Probe(f"{first.id}-repeated", first.request)
    yield Probe("S200.executed/true-all-servers", twice)
    yield Probe("S200.executed/true-all-servers-at-once", twice)
    not_triggered = drafts.request(
        drafts.body(auto_trigger=False),
        accept=f"{JSON_MEDIA_TYPE}, text/plain, */*",
        accept_encoding=DEFLATE,
        user_agent="axios/1.7.9",
        more=[*IN_PERSIAN, ("Connection", "close")],
    )
    yield Probe("S200.executed/auto-trigger-false-other-headers", not_triggered)
    beside = drafts.request(
        drafts.body(auto_trigger=True, **one), accept="*/*", user_agent="curl/8.5.0"
    )
    yield Probe("S200.executed/true-another-server", beside)


def _like_the_example(drafts: Drafts) -> Request:
    """The example of the page: its fields in their order, and two servers, the second first."""
    has_servers = bool(drafts.fixtures.resources)
    servers: dict[str, Any] = {"resources": drafts.servers[1::-1]} if has_servers else {}
    return drafts.request(drafts.body(auto_trigger=False, **servers))


def minimal(drafts: Drafts) -> Request:
    """The smallest valid request."""
    return drafts.request(drafts.body())


def apart(drafts: Drafts) -> Iterator[Probe]:
    """The forms of JSON in the first valid request, each by itself, so that one can be named."""
    body = drafts.body(**first_parameters(drafts))
    fields = body["checkpoint"]
    forms = {
        "compact": drafts.request(compact(body)),
        "white-space": drafts.request(
            _filled(json.dumps(body, indent=2, separators=LINES, ensure_ascii=False))
        ),
        "other-order": drafts.request({"checkpoint": dict(reversed(fields.items()))}),
        "escapes": drafts.request(_escaped(json.dumps(body, ensure_ascii=False), body).encode()),
        "charset": drafts.request(body, media_type=IN_CAPITALS),
    }
    for name, request in forms.items():
        yield Probe(f"S200.executed/{name}-alone", request)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)


def first_parameters(drafts: Drafts) -> dict[str, Any]:
    """The parameters of the request that is executed first: servers, where some are known."""
    return {"resources": drafts.first_named} if drafts.fixtures.resources else {}


def first_valid(drafts: Drafts) -> Callable[..., Request]:
    """Drafts the request that is executed first, byte for byte, or another with the same body.

    The same JSON in another order, with white space and a charset, each text with an escape.
    """
    body = {"checkpoint": {"parameters": first_parameters(drafts), "plan_id": drafts.plan_id}}
    text = _escaped(json.dumps(body, indent=2, separators=LINES, ensure_ascii=False), body)
    return partial(drafts.request, _filled(text), media_type=IN_CAPITALS)


def _filled(text: str) -> bytes:
    """A JSON text among white space that fills a buffer, and ends a line."""
    return f"\t{text}\r\n".encode().rjust(FILLED)


def _escaped(text: str, body: Any) -> str:
    """A body that was written as JSON, with an escape for the first character of each text."""
    for string in {each for each in _strings(body) if each and each[0] <= "\uffff"}:
        text = text.replace(f'"{string}"', f'"\\u{ord(string[0]):04x}{string[1:]}"')
    return text
