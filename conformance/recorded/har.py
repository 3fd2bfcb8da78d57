"""HAR files: the exchanges of the page's operation in them, and why the others are left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from msgspec import structs
from msgspec.structs import replace

from conformance.credentials.placeholders import RECORDED_TOKEN, placeholder
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
from conformance.recorded.addresses import endpoint_of, operation_in, url
from conformance.recorded.attached import Attached, beside, nothing_attached
from conformance.recorded.bodies import Body, answer_body, request_body
from conformance.recorded.doubles import Doubles
from conformance.recorded.entry import (
    Json,
    Unusable,
    answered_by_a_proxy,
    answered_elsewhere,
    duration,
    error,
    failure,
    headers,
    is_parameter,
    is_redacted,
    logs_in_elsewhere,
    part,
    started,
    status,
    text,
    with_cookies,
)
from conformance.recorded.hiding import AUTH_TOKEN, Hider, hider, is_secret
from conformance.recorded.json_stream import MOST_AT_ONCE, BadJson, JsonStream, TooLarge
from conformance.text import rfc3339

OURS = "csbs-conformance"
GOOD_TOKEN = placeholder(Token.GOOD)
TWICE = "that stand in the recording twice"
HEADERS = "without all headers; record with headers"
READ = "give HAR 1.2, plain, gzip or in a ZIP archive, or a journal of `run`"
LARGE = f"that take more than {MOST_AT_ONCE // 2**20} MB, or very many values"
HOST = frozenset({"host", ":authority"})
MOST_TOKENS = 1000
MOST_RECENT = 65_536
"""Exchanges that are remembered to see that one stands twice, in files that overlap."""
WORDS = ("protection_plan", "resource_graph", "application/json")
"""Long words of the page, which are nobody's secret."""


@dataclass
class HarReader:
    """Reads HAR files, one after the other, as one recording.

    `fixtures` has no endpoint until the first exchange of the operation shows it, unless the user
    gave one. `skipped` counts what was left out, by why; `lacking` what of the rest was not
    recorded.
    """

    fixtures: Fixtures
    skipped: Counter[str] = field(default_factory=Counter)
    lacking: Counter[tuple[str, str]] = field(default_factory=Counter)
    _doubles: Doubles = field(default_factory=Doubles)
    _tokens: dict[str, int] = field(default_factory=dict)
    _numbered: int = 0
    _accepted: set[int] = field(default_factory=set)
    _recent: dict[str, None] = field(default_factory=dict)
    _shows_tokens: bool = False
    _shows_hosts: bool = False
    _ours: bool = False
    _files: int = 0
    _attached: Attached = nothing_attached

    def read(self, stream: IO[bytes], path: Path) -> Iterator[Exchange]:
        """The exchanges of the operation in a file. Raises UsageError where it is no HAR."""
        self._ours = self._shows_tokens = self._shows_hosts = False
        self._files += 1
        self._attached = beside(path)
        yield from self._doubles.left_out(self._all(stream, path))
        self.skipped[TWICE] += self._doubles.found
        self._doubles.found = 0
        self.skipped = +self.skipped

    def _all(self, stream: IO[bytes], path: Path) -> Iterator[Exchange]:
        count = 0
        try:
            for value in self._entries(JsonStream(stream)):
                count += 1
                try:
                    yield self._exchange(value)
                except Unusable as why:
                    self.skipped[str(why)] += 1
        except BadJson as bad:
            where = f"{bad}, behind entry {count}); record it again" if count else f"{bad}); {READ}"
            raise UsageError(f"{path}: no HAR file ({where}") from None

    def _entries(self, stream: JsonStream) -> Iterator[Any]:
        found = False
        for name in stream.members():
            if name != "log":
                stream.value()
                continue
            for member in stream.members():
                if member == "entries":
                    found = True
                    yield from self._each(stream)
                elif member == "creator":
                    self._ours = _is_ours(stream.value())
                else:
                    stream.value()
        stream.end()
        if not found:
            raise BadJson("it has no `entries` in a `log`")

    def _each(self, stream: JsonStream) -> Iterator[Any]:
        for _ in stream.items():
            try:
                value = stream.value()
            except TooLarge:
                stream.skip()
                self.skipped[LARGE] += 1
            else:
                yield value

    def _exchange(self, entry: Any) -> Exchange:
        place = self._place(entry)
        request, response = part(entry, "request"), part(entry, "response")
        sent_with, sent_all = headers(request, part(request, "postData").get("mimeType"))
        sent_with = with_cookies(request, sent_with)
        came_with, came_all = headers(
            response, part(response, "content").get("mimeType"), sent_with
        )
        sent_all = sent_all and self._as_sent(request)
        if answered_elsewhere(entry, came_with):
            raise Unusable("answered by the browser itself")
        if answered_by_a_proxy(response, came_with):
            raise Unusable("answered by a proxy on the way")
        self._choose(place)
        token = header(sent_with, AUTH_TOKEN) or ""
        number = self._number(token) if is_secret(token) else 0
        moment, address = started(entry, came_with), url(request)
        code = status(response)
        body = request_body(request, sent_with, self._attached, exact=self._ours)
        came, answer = None, None
        if code is not None:
            answer = answer_body(response, code, came_with, self._attached, exact=self._ours)
            reason = text(response.get("statusText"))
            came = Response(code, reason, came_with, answer.data, answer.whole, came_all)
        said = _said(address, body.data, came)
        hide = hider(sent_with, came_with, said, self._public(place), ours=self._ours)
        alone = sent_all and not logs_in_elsewhere(request, sent_with)
        sent = self._sent(hide, sent_with, came, place["project"], alone=alone)
        name = self._once(moment, "\0".join((str(header(sent_with, AUTH_TOKEN)), *said)), came)
        failed = failure(error(response)) if came is None else None
        self._note("request", body, all_headers=sent_all)
        self._note("response", answer, all_headers=came_all)
        return Exchange(
            name,
            Request(
                text(request.get("method")).upper(),
                hide.url(address),
                sent,
                hide.body(body.data),
                body.whole,
                sent_all,
            ),
            came and hide.response(came),
            failed and structs.replace(failed, detail=hide.text(failed.detail)),
            moment,
            duration(entry),
            recording=0 if self._ours else self._files,
            token=number,
        )

    def _note(self, what: str, body: Body | None, *, all_headers: bool) -> None:
        """Count what was not recorded of a request or a response."""
        if body is not None and not body.whole:
            self.lacking[what, body.lack] += 1
        if body is not None and not all_headers:
            self.lacking[what, HEADERS] += 1

    def _as_sent(self, request: Json) -> bool:
        """Whether the headers of a request are those that were sent, as far as the others show.

        Every request names its host (RFC 9112, 3.2; RFC 9113, 8.3.1). What a page asks of its
        service worker, or of a cache, does not.
        """
        names = {
            text(each.get("name")).lower() for each in request["headers"] if isinstance(each, dict)
        }
        shows_host = not names.isdisjoint(HOST)
        self._shows_hosts = self._shows_hosts or shows_host
        return shows_host or not self._shows_hosts

    def _place(self, value: Any) -> re.Match[str]:
        """Where the operation is in the URL of an entry. Raises Unusable where it is not."""
        request = part(value, "request")
        match = operation_in(url(request))
        if match is None:
            raise Unusable("of other operations")
        method = text(request.get("method")).upper()
        if method == "OPTIONS":
            raise Unusable("that ask what a browser may send (OPTIONS)")
        if method not in ("POST", "GET"):
            raise Unusable("with another method")
        ids = [unquote(match[name]) for name in ("project", "provider")]
        if any(map(is_redacted, ids)):
            raise Unusable("with a URL from which something was taken out")
        if any(map(is_parameter, ids)):
            raise Unusable("with a URL that names a parameter instead of its value")
        return match

    def _choose(self, place: re.Match[str]) -> None:
        """Keep to one endpoint: the user's, or the first that answered. Raises Unusable."""
        endpoint = endpoint_of(place["scheme"] + place["base"])
        if not self.fixtures.endpoint:
            self.fixtures = replace(self.fixtures, endpoint=endpoint)
        elif endpoint.lower() != endpoint_of(self.fixtures.endpoint).lower():
            raise Unusable("of another endpoint")

    def _public(self, place: re.Match[str]) -> tuple[str, ...]:
        """What is no secret, though a cookie may hold it too."""
        fixtures = self.fixtures
        ids = (fixtures.project_id or "", fixtures.plan_id or "", *fixtures.resources)
        return (*WORDS, *ids, place["project"], place["provider"])

    def _sent(
        self, hide: Hider, found: Headers, came: Response | None, project: str, *, alone: bool
    ) -> Headers:
        """The headers of a request, with what is known of its token in its place.

        A token that was accepted for the user's project is a good one; whether it still was where
        it is rejected shows at the end. A missing one is missing only where the recording shows
        tokens, and `alone`, in all headers of this request, could have logged it in: some tools
        take them out.
        """
        if self._ours:
            return hide.headers(found)
        token = header(found, AUTH_TOKEN) or ""
        self._shows_tokens = self._shows_tokens or bool(token)
        if alone and self._shows_tokens and not token:
            return hide.headers(found)
        stands_for_it = self._known(self._number(token), came.status if came else 0, project)
        sent = hide.headers(found, stands_for_it)
        return sent if token else (*sent, ("X-Auth-Token", stands_for_it))

    def _known(self, token: int, status: int, project: str) -> str:
        """What stands for a token, whose number is 0 where it is not known."""
        if status == EXECUTED and project == self.fixtures.project_id:
            self._accepted.add(token)
            return GOOD_TOKEN
        return GOOD_TOKEN if token and token in self._accepted else RECORDED_TOKEN

    def _number(self, token: str) -> int:
        """The number of a token among those of the recording; 0 where it is not known."""
        if self._ours or not token:
            return 0
        if token not in self._tokens:
            self._numbered += 1
            self._tokens[token] = self._numbered
            if len(self._tokens) > MOST_TOKENS:
                self._accepted.discard(self._tokens.pop(next(iter(self._tokens))))
        return self._tokens[token]

    def _once(self, moment: float, what: str, came: Response | None) -> str:
        """A name for an exchange: when it was, and what. Raises Unusable the second time."""
        said = f"{came.status if came else ''}\0{what}".encode("utf-8", "replace")
        name = f"{rfc3339(moment)}-{blake2b(said, digest_size=4).hexdigest()}"
        if name in self._recent:
            raise Unusable(TWICE)
        self._recent[name] = None
        if len(self._recent) > MOST_RECENT:
            del self._recent[next(iter(self._recent))]
        return name


def _said(url: str, body: bytes, came: Response | None) -> tuple[str, ...]:
    """All that is said in an exchange but for its headers."""
    sent = body.decode("latin-1")
    return (url, sent, came.reason, came.body.decode("latin-1")) if came else (url, sent)


def _is_ours(creator: Any) -> bool:
    return isinstance(creator, dict) and creator.get("name") == OURS
