"""HAR files: the exchanges of the page's operation in them, and why the others are left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from conformance.credentials.placeholders import placeholder
from conformance.errors import UsageError
from conformance.model import (
    Exchange,
    Fixtures,
    Headers,
    Request,
    Response,
    Token,
    header,
)
from conformance.page.oracle import EXECUTED
from conformance.recorded.entry import (
    Unusable,
    answer,
    duration,
    failure,
    pairs,
    read_entry,
    request_body,
    started,
)
from conformance.recorded.hiding import AUTH_TOKEN, UNKNOWN_TOKEN, Hider, hider
from conformance.recorded.json_stream import BadJson, JsonStream
from conformance.text import rfc3339
from conformance.urls import is_url

OPERATION = re.compile(
    r"(?P<scheme>https?://)([^/?#]*@)?(?P<base>[^/?#@]+(/[^?#]*?)?)"
    r"/v1/(?P<project>[^/?#]*)/providers/(?P<provider>[^/?#]*)/checkpoints([?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
OURS = "csbs-conformance"
GOOD_TOKEN = placeholder(Token.GOOD)
REJECTED = (401, 403)
OTHER_LOGINS = ("Authorization", "Cookie")
MOST_TOKENS = 1000
MOST_RECENT = 65_536
"""Exchanges that are remembered to see that one stands twice, in files that overlap."""
WORDS = ("protection_plan", "resource_graph", "application/json")
"""Long words of the page, which are nobody's secret."""


@dataclass
class HarReader:
    """Reads HAR files, one after the other, as one recording.

    `fixtures` has no endpoint until the first exchange of the operation shows it, unless the user
    gave one. `skipped` counts what was left out, by why.
    """

    fixtures: Fixtures
    skipped: Counter[str] = field(default_factory=Counter)
    _accepted: dict[str, None] = field(default_factory=dict)
    _recent: dict[str, None] = field(default_factory=dict)
    _shows_tokens: bool = False
    _ours: bool = False

    def read(self, stream: IO[bytes], path: Path) -> Iterator[Exchange]:
        """The exchanges of the operation in a file. Raises UsageError where it is no HAR."""
        self._ours = self._shows_tokens = False
        count = 0
        try:
            for value in self._entries(JsonStream(stream)):
                count += 1
                try:
                    yield self._exchange(value)
                except Unusable as why:
                    self.skipped[str(why)] += 1
        except BadJson as error:
            behind = f", behind entry {count}" if count else ""
            raise UsageError(f"{path}: no HAR file ({error}{behind}); record it again") from None

    def _entries(self, text: JsonStream) -> Iterator[Any]:
        found = False
        for name in text.members():
            if name != "log":
                text.value()
                continue
            for part in text.members():
                if part == "entries":
                    found = True
                    for _ in text.items():
                        yield text.value()
                elif part == "creator":
                    self._ours = _is_ours(text.value())
                else:
                    text.value()
        text.end()
        if not found:
            raise BadJson("it has no `entries` in a `log`")

    def _exchange(self, value: Any) -> Exchange:
        place = self._place(value)
        entry = read_entry(value)
        part, url = entry.response, entry.request.url
        headers = pairs(entry.request.headers)
        came_with = pairs(part.headers) if part else ()
        if header(came_with, "Non-Authoritative-Reason") is not None:
            raise Unusable("answered by the browser itself")
        moment = started(entry, came_with)
        body = request_body(entry.request, headers)
        came = answer(part, came_with) if part and part.status else None
        said = _said(url, body, came)
        hide = hider(headers, came_with, said, self._public(place), ours=self._ours)
        token = header(headers, AUTH_TOKEN)
        sent = self._sent(hide, headers, token or "", came, place["project"])
        name = self._once(moment, "\0".join((str(token), *said)), came)
        request = Request(entry.request.method.upper(), hide.url(url), sent, hide.body(body))
        failed = None
        if came is None:
            failed = failure(part.error if part else None)
            failed = replace(failed, detail=hide.text(failed.detail))
        return Exchange(
            name, request, came and hide.response(came), failed, moment, duration(entry)
        )

    def _place(self, value: Any) -> re.Match[str]:
        """Where the operation is in the URL of an entry. Raises Unusable where it is not."""
        request = value.get("request") if isinstance(value, dict) else None
        url = request.get("url") if isinstance(request, dict) else None
        match = _operation(url) if isinstance(url, str) else None
        if match is None or request is None:
            raise Unusable("of other operations")
        method = str(request.get("method")).upper()
        if method == "OPTIONS":
            raise Unusable("that ask what a browser may send (OPTIONS)")
        if method not in ("POST", "GET"):
            raise Unusable("with another method")
        endpoint = match["scheme"].lower() + match["base"]
        if not self.fixtures.endpoint:
            self.fixtures = replace(self.fixtures, endpoint=endpoint)
        elif endpoint.lower() != self.fixtures.endpoint.lower():
            raise Unusable("of another endpoint")
        return match

    def _public(self, place: re.Match[str]) -> tuple[str, ...]:
        """What is no secret, though a cookie may hold it too."""
        fixtures = self.fixtures
        ids = (fixtures.project_id or "", fixtures.plan_id or "", *fixtures.resources)
        return (*WORDS, *ids, place["project"], place["provider"])

    def _sent(
        self, hide: Hider, headers: Headers, token: str, came: Response | None, project: str
    ) -> Headers:
        """The headers of a request, with what is known of its token in its place.

        A token that was accepted for the user's project is good until it is rejected. A missing one
        is missing only where the recording shows tokens: some tools take them out.
        """
        if self._ours:
            return hide.headers(headers)
        self._shows_tokens = self._shows_tokens or bool(token)
        if not token and self._shows_tokens and not any(header(headers, n) for n in OTHER_LOGINS):
            return hide.headers(headers)
        stands_for_it = self._known(token, came.status if came else 0, project)
        sent = hide.headers(headers, stands_for_it)
        return sent if token else (*sent, ("X-Auth-Token", stands_for_it))

    def _known(self, token: str, status: int, project: str) -> str:
        if status == EXECUTED and project == self.fixtures.project_id:
            if token:
                self._accepted[token] = None
                if len(self._accepted) > MOST_TOKENS:
                    del self._accepted[next(iter(self._accepted))]
            return GOOD_TOKEN
        if status in REJECTED:
            self._accepted.pop(token, None)
        return GOOD_TOKEN if token in self._accepted else UNKNOWN_TOKEN

    def _once(self, moment: float, what: str, came: Response | None) -> str:
        """A name for an exchange: when it was, and what. Raises Unusable the second time."""
        said = f"{came.status if came else ''}\0{what}".encode("utf-8", "replace")
        name = f"{rfc3339(moment)}-{blake2b(said, digest_size=4).hexdigest()}"
        if name in self._recent:
            raise Unusable("that stand in the recording twice")
        self._recent[name] = None
        if len(self._recent) > MOST_RECENT:
            del self._recent[next(iter(self._recent))]
        return name


@lru_cache(maxsize=1024)
def _operation(url: str) -> re.Match[str] | None:
    """Where the operation is in a URL; None in any other URL."""
    return OPERATION.fullmatch(url) if is_url(url) else None


def _said(url: str, body: bytes, came: Response | None) -> tuple[str, ...]:
    """All that is said in an exchange but for its headers."""
    sent = body.decode("latin-1")
    return (url, sent, came.reason, came.body.decode("latin-1")) if came else (url, sent)


def _is_ours(creator: Any) -> bool:
    return isinstance(creator, dict) and creator.get("name") == OURS
