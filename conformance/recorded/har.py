"""HAR files: the exchanges of the page's operation in them, and why the others are left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from conformance.errors import UsageError
from conformance.judge.oracle import EXECUTED
from conformance.model import (
    Exchange,
    Fixtures,
    Headers,
    Request,
    Token,
    header,
)
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
from conformance.recorded.source import is_url
from conformance.report.text import rfc3339
from conformance.secrets import placeholder

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
        headers = pairs(entry.request.headers)
        response = entry.response
        came_with = pairs(response.headers) if response else ()
        status = response.status if response else 0
        if header(came_with, "Non-Authoritative-Reason") is not None:
            raise Unusable("answered by the browser itself")
        hide = hider((*headers, *came_with), self._public(place), ours=self._ours)
        sent = self._sent(hide, headers, status, place["project"])
        body = request_body(entry.request, headers)
        request = Request(
            entry.request.method.upper(), hide.url(entry.request.url), sent, hide.body(body)
        )
        answered, failed = None, None
        if response and status:
            answered = hide.response(answer(response, came_with))
        else:
            failed = failure(response.error if response else None)
            failed = replace(failed, detail=hide.text(failed.detail))
        moment = started(entry, came_with)
        name = self._once(moment, headers, (request, answered, failed))
        return Exchange(name, request, answered, failed, moment, duration(entry))

    def _place(self, value: Any) -> re.Match[str]:
        """Where the operation is in the URL of an entry. Raises Unusable where it is not."""
        request = value.get("request") if isinstance(value, dict) else None
        url = request.get("url") if isinstance(request, dict) else None
        match = OPERATION.fullmatch(url) if isinstance(url, str) else None
        if match is None or request is None or not is_url(match[0]):
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

    def _sent(self, hide: Hider, headers: Headers, status: int, project: str) -> Headers:
        """The headers of a request, with what is known of its token in its place.

        A token that was accepted for the user's project is good until it is rejected. A missing one
        is missing only where the recording shows tokens: some tools take them out.
        """
        token = header(headers, AUTH_TOKEN) or ""
        if self._ours:
            return hide.headers(headers)
        self._shows_tokens = self._shows_tokens or bool(token)
        is_shown = self._shows_tokens and not any(header(headers, n) for n in OTHER_LOGINS)
        if not token and is_shown:
            return hide.headers(headers)
        stands_for_it = self._known(token, status, project)
        sent = hide.headers(headers, stands_for_it)
        return sent if token else (*sent, ("X-Auth-Token", stands_for_it))

    def _known(self, token: str, status: int, project: str) -> str:
        if status == EXECUTED and project == self.fixtures.project_id:
            if token:
                self._accepted[token] = None
                _keep_latest(self._accepted, MOST_TOKENS)
            return GOOD_TOKEN
        if status in REJECTED:
            self._accepted.pop(token, None)
        return GOOD_TOKEN if token in self._accepted else UNKNOWN_TOKEN

    def _once(self, moment: float, headers: Headers, parts: tuple[object, ...]) -> str:
        """A name for an exchange: when it was, and what. Raises Unusable the second time."""
        content = repr((headers, parts)).encode("utf-8", "replace")
        name = f"{rfc3339(moment)}-{blake2b(content, digest_size=4).hexdigest()}"
        if name in self._recent:
            raise Unusable("that stand in the recording twice")
        self._recent[name] = None
        _keep_latest(self._recent, MOST_RECENT)
        return name


def _keep_latest(names: dict[str, None], most: int) -> None:
    if len(names) > most:
        del names[next(iter(names))]


def _is_ours(creator: Any) -> bool:
    return isinstance(creator, dict) and creator.get("name") == OURS
