"""Whose a response is: the target's, or of the browser itself or a proxy on the way."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from conformance.model import Headers, Response, header
from conformance.page.uri import is_loopback
from conformance.recorded.bodies import beginning
from conformance.recorded.entry import Json, as_object, part, text
from conformance.recorded.json_stream import read
from conformance.urls import NoAddress, address_of

BY_THE_BROWSER = "answered by the browser itself"
BY_A_PROXY = "answered by a proxy on the way"
ELSEWHERE = frozenset(
    {
        "cached",
        "fromcache",
        "fromdiskcache",
        "frommemorycache",
        "fromprefetchcache",
        "servedfromcache",
        "fromserviceworker",
        "fetchedviaserviceworker",
        "wasfulfilled",
        "wasmocked",
    }
)
"""Fields by which Chrome, Playwright and libraries say that a response is none of the target's."""
CACHE = "cache"
"""Where HAR 1.2 says it: `beforeRequest` is what the cache had before."""
FETCH_TYPE = "_fetchType"
"""What Safari says: "Network Load", "Disk Cache" and so on."""
MOST_NAMES = 64
"""Fields of an object of which it is remembered which are marks."""
MOCK = "msw"
"""What the mocks of a page say of themselves (Mock Service Worker, until its version 2)."""
PROXY_WANTS_LOGIN = 407
NO = frozenset({"false", "no", "none", "network"})


def is_answered_elsewhere(holder: Json, method: str) -> bool:
    """Whether a tool's own marks, in an entry or in a response, say that the target did not answer,
    but the browser itself: a cache, a service worker, a mock.

    What a cache had before a POST was not the answer to it, though a writer may fill that in.
    """
    names = tuple(holder)
    marks = _known_marks(names) if len(names) <= MOST_NAMES else _marks(names)
    for name in marks:
        if (name != CACHE or method == "GET") and _says_so(name, read(holder[name])):
            return True
    return False


def _marks(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those among the names of fields by which tools may say so."""
    own = {CACHE, FETCH_TYPE}
    return tuple(name for name in names if name in own or name.lstrip("_").lower() in ELSEWHERE)


_known_marks = lru_cache(maxsize=128)(_marks)


def _says_so(name: str, value: Any) -> bool:
    if name == CACHE:
        return bool(as_object(value).get("beforeRequest"))
    if name == FETCH_TYPE:
        source = text(value).lower()
        return bool(source) and not source.startswith("network")
    return bool(value) and str(value).lower() not in NO


OWN_SERVER = re.compile(r"mitmproxy [0-9][0-9A-Za-z.+-]*")
"""What mitmproxy calls itself in a response that it made, as from a file: it asked nobody."""
TEMPLATE = "FiddlerTemplate"
"""The header of the responses that Fiddler has ready, and answers with by a rule."""
OWN_ERROR = "fiddler - "
"""How Fiddler begins the status text of the errors that it answers where it reached nobody."""
SQUID = "X-Squid-Error"
"""The header by which squid says that it answers itself, and why."""
UNREACHED = frozenset({502, 503, 504})
OWN_PAGE = re.compile(r"<title>(Burp Suite|Charles Error Report)|^ZAP Error \[")
"""How Burp, Charles and ZAP begin what they show where they reached nobody."""
LOCAL_FILE = re.compile(r"x-[a-z]+-map-local|x-proxyman-local", re.IGNORECASE)
"""Headers by which Charles and Proxyman say that they answered with a file, and asked nobody."""


def is_of_the_browser(response: Json, came_with: Headers) -> bool:
    """Whether a response came from the browser itself, by its marks or its headers."""
    if header(came_with, "Non-Authoritative-Reason") is not None:
        return True
    return header(came_with, "X-Powered-By") == MOCK or is_answered_elsewhere(response, "")


def is_of_a_proxy(response: Json, code: int | None, came_with: Headers) -> bool:
    """Whether a proxy on the way to the target answered: with a file of the user's, with an error
    because it reached nobody, or by asking for a login of its own, as 407 always does (RFC 9110,
    15.5.8).
    """
    if any(LOCAL_FILE.fullmatch(name) for name, _ in came_with):
        return True
    if OWN_SERVER.fullmatch(header(came_with, "Server") or ""):
        return True
    if header(came_with, SQUID) is not None:
        return True
    if code in UNREACHED and OWN_PAGE.search(beginning(part(response, "content"))):
        return True
    if (header(came_with, TEMPLATE) or "").lower() == "true":
        return True
    if text(response.get("statusText")).lower().startswith(OWN_ERROR):
        return True
    return code == PROXY_WANTS_LOGIN


MOVED = frozenset({301, 302, 307, 308})
UPGRADE_REQUIRED = 426


def asks_for_https(url: str, response: Response) -> bool:
    """Whether a response to plain HTTP only says that HTTPS is to be used, as what stands before a
    service does: by a redirect to the same URI, or by 426 (RFC 9110, 15.5.22).
    """
    if response.status not in (*MOVED, UPGRADE_REQUIRED) or url.lower().startswith("https:"):
        return False
    location = header(response.headers, "Location")
    try:
        asked = address_of(url)
        there = address_of(location) if location is not None else None
    except NoAddress:
        return False
    if is_loopback(asked.host):
        return False
    if response.status == UPGRADE_REQUIRED:
        return True
    if there is None:
        return not response.all_headers
    return there.scheme == "https" and (there.host, there.target) == (asked.host, asked.target)


def whose(response: Json, code: int | None, came_with: Headers) -> str:
    """Whose a response is where it is none of the target's; else empty."""
    if is_of_the_browser(response, came_with):
        return BY_THE_BROWSER
    return BY_A_PROXY if is_of_a_proxy(response, code, came_with) else ""
