"""What may be sent at all: the operation of the page, its near misses, and what is looked up beside
it: the list of policies, the list of backups, and the record of an execution.

A near miss has another project, another provider, or nothing in their place; one that carries no
token may have something else in places where others look for it. Whatever planned a request, be it
a file that somebody else wrote, nothing else goes to a target. What deletes backups is apart:
`permitted_backups.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from conformance.contract.linked_pages import linked_pages
from conformance.text import shorten, visible_line

HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "user-agent", "content-type"),
        *("x-auth-token", "authorization", "x-project-id", "x-sdk-date"),
        *("content-encoding", "expect", "accept-language", "cache-control", "range"),
        *("origin", "referer", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-dest"),
        *("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-gpc", "dnt", "priority"),
        *("pragma", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled"),
        *("traceparent", "x-openstack-request-id", "x-request-id", "connection", "cookie"),
        *("x-identity-status", "x-user-id", "x-user", "x-roles", "x-remote-user"),
        *("x-forwarded-for", "x-real-ip"),
    }
)
"""The names of headers, in lower case, that a request may have: others may change its meaning."""
TOKEN_HEADERS = frozenset({"x-auth-token", "authorization"})
WITHOUT_TOKEN = HEADERS | {"x-subject-token", "x-api-key"}
"""Those of a request without a token: other services look for one there."""
QUERY = ("access_token", "token", "X-Auth-Token")
"""Names in the query that a request without a token may have."""
_SEGMENT = r"((?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2}|%[g-tv-zG-TV-Z][0-9A-Za-z])*)"
"""A segment of a path; an escape may be malformed, but not one that some readers know (`%u`)."""
_PAIR = rf"(?:{'|'.join(QUERY)})=[0-9A-Za-z]*"
_QUERY = rf"(\?{_PAIR}(?:&{_PAIR})*)?"
_OPERATION = re.compile(rf"/v1/{_SEGMENT}/providers/{_SEGMENT}/checkpoints{_QUERY}")
_RECORD = re.compile(rf"/v1/{_SEGMENT}/providers/{_SEGMENT}/checkpoints/{_SEGMENT}")
_BACKUP_LIST = re.compile(rf"/v1/{_SEGMENT}/checkpoint_items(?:\?(.*))?")
_FILTERS = re.compile(r"[a-z_]+=(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*")
_POLICY_LIST = re.compile(rf"/v1/{_SEGMENT}/policies(?:\?limit=[0-9]+(?:&marker={_SEGMENT})?)?")

_NO_VALUE = re.compile(r"[\0\r\n]|[^\0-\xff]")
"""What no value of a header has over HTTP/1.1 (RFC 9110, section 5.5)."""


class NotPermitted(ValueError):
    """A request that is never sent; the message says why."""


class Permission(Protocol):
    """Says which requests may be sent; the client asks it for each."""

    def check(self, method: str, url: str, headers: Iterable[tuple[str, str]]) -> None:
        """Raise NotPermitted for a request that is never sent."""


class Permitted(Struct, frozen=True):
    """What may be sent to an endpoint."""

    endpoint: str

    def check(self, method: str, url: str, headers: Iterable[tuple[str, str]]) -> None:
        """Raise NotPermitted for a request that is neither the operation nor near it."""
        if not is_below(url, self.endpoint):
            raise NotPermitted("a request that goes elsewhere than the endpoint")
        fields = list(headers)
        names = [name.lower() for name, _ in fields]
        has_token = not TOKEN_HEADERS.isdisjoint(names)
        _check_path(method, url[len(self.endpoint) :], has_token)
        kept = HEADERS if has_token else WITHOUT_TOKEN
        for (name, value), lower in zip(fields, names, strict=True):
            if lower not in kept:
                raise NotPermitted(f"a header {visible_line(shorten(name, 40))}: none is sent")
            is_plain = value.isascii() and value.isprintable()
            if not is_plain and _NO_VALUE.search(value):  # which may be a secret
                raise NotPermitted(f"a header {name}: its value cannot be sent over HTTP")


@lru_cache(maxsize=512)
def _check_path(method: str, path: str, has_token: bool) -> None:
    """Raise NotPermitted for what is neither the operation nor a list or a record beside it."""
    if method not in ("GET", "POST"):
        raise NotPermitted(f"{_shown(method, path)}: only GET and POST are sent")
    match = _OPERATION.fullmatch(path)
    if match is not None and has_token and match[3]:
        raise NotPermitted(f"{_shown(method, path)}: a query beside a token")
    if match is None and method == "GET":
        match = _POLICY_LIST.fullmatch(path) or _RECORD.fullmatch(path) or _listing(path)
    if match is None or any(leads_away(segment) for segment in match.groups(default="")):
        told = _shown(method, path)
        raise NotPermitted(f"{told}: neither the operation nor a list beside it")


def _shown(method: str, path: str) -> str:
    return visible_line(shorten(f"{method} {path}", 80))


def _listing(path: str) -> re.Match[str] | None:
    """The match of a request for the list of backups, with filters that it has."""
    match = _BACKUP_LIST.fullmatch(path)
    filters = (match[2] or "").split("&") if match else []
    known = linked_pages().parameters
    are_known = all(_FILTERS.fullmatch(f) and f.partition("=")[0] in known for f in filters if f)
    return match if are_known else None


def is_below(url: str, endpoint: str) -> bool:
    """Whether a URL is the endpoint or goes on behind it with a path, a query or a fragment."""
    return url.startswith(endpoint) and url[len(endpoint) :][:1] in ("", "/", "?", "#")


def leads_away(segment: str) -> bool:
    """Whether a percent-encoded segment of a path may be resolved to a path of another form."""
    parts = re.split(rb"[/\\]", unquote_to_bytes(segment))
    return any(part in (b".", b"..") for part in parts)
