"""Writing requests for one target: a valid one, and what to change in it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

from msgspec import Struct

from conformance import __version__
from conformance.contract import PATH
from conformance.contract.linked_pages import linked_pages
from conformance.credentials.braces import Placeholder, escape, escape_body
from conformance.credentials.placeholders import RESEMBLED, WRONG_SIGNATURE, placeholder
from conformance.model import Fixtures, Request, Token
from conformance.page.backups import list_url

JSON_MEDIA_TYPE = "application/json"
IN_CAPITALS = f"{JSON_MEDIA_TYPE};charset=UTF-8"
"""How many clients write it: without a space, the charset in capitals."""
ANY_OF_ITS_KIND = "application/*"
"""A range that has JSON in it (RFC 9110, 12.5.1)."""
OF_PAGES = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
"""What a browser takes for a page: who has nothing but JSON sends that, or sends it to log in."""
_AS_TEXT = json.JSONEncoder(ensure_ascii=False)
USER_AGENT = f"csbs-conformance/{__version__}"


class Probe(Struct, frozen=True):
    """A planned request. `id`, unique in a plan, begins with the clause it was written for."""

    id: str
    request: Request


class AsItIs(str):
    """A segment of a path that is written as it is: its escapes are what it is about."""

    __slots__ = ()


class Drafts:
    """Drafts requests with the fixtures of one target, and ids that name nothing there."""

    def __init__(self, fixtures: Fixtures, seed: int) -> None:
        self.fixtures = fixtures
        self._random = random.Random(seed)
        self.project_id = fixtures.project_id or self.strange_project()
        self.plan_id = fixtures.plan_id or self.strange_id()
        self.servers = list(dict.fromkeys(fixtures.resources)) or [self.strange_id()]
        apart = self.servers[2::-2] if self.servers[2:] else self.servers[1:]
        self.first_named = apart or self.servers
        """What the first valid request names: of three servers or more the third and the first,
        since a list may have any order, of two the second."""
        self.others = [each for each in self.servers if each not in self.first_named]
        """The servers that it does not name."""

    def strange_id(self) -> str:
        """A UUID that names nothing."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def strange_project(self) -> str:
        """A project id that names nothing, of the form that the page shows."""
        return f"{self._random.getrandbits(128):032x}"

    def strange_token(self) -> str:
        """A token that was never issued."""
        return f"{self._random.getrandbits(256):064x}"

    def changed(self, text: str, place: int) -> str:
        """The text with another hexadecimal digit at `place`, or at the next that has a digit.

        What stands between the digits of a UUID makes it one.
        """
        place %= len(text)
        place = next((at for at in range(place, len(text)) if text[at].isalnum()), place)
        digit = next(d for d in "0123456789abcdef" if d != text[place].lower())
        return text[:place] + digit + text[place + 1 :]

    def body(self, checkpoint: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
        """A body with the plan's id and `parameters`, and what `checkpoint` changes in it."""
        fields = {"plan_id": self.plan_id, "parameters": parameters}
        return {"checkpoint": {**fields, **(checkpoint or {})}}

    @property
    def full_parameters(self) -> dict[str, Any]:
        """Both optional fields."""
        return {"auto_trigger": True, "resources": self.servers}

    def request(
        self,
        body: Any = None,
        *,
        token: str | None = placeholder(Token.GOOD),
        project: str | None = None,
        provider: str | None = None,
        media_type: str | None = JSON_MEDIA_TYPE,
        method: str = "POST",
        token_header: str = "X-Auth-Token",
        accept: str | None = JSON_MEDIA_TYPE,
        accept_encoding: str | None = "gzip, deflate",
        user_agent: str | None = USER_AGENT,
        more: Iterable[tuple[str, str]] = (),
        query: str = "",
        small_names: bool = False,
    ) -> Request:
        """A request as it is stored: `body` is bytes, or a value to be written as JSON.

        Everything given here is as it will be sent, but for a token that is a placeholder, and for
        the names of headers where they are to be in small letters.
        """
        project = self.project_id if project is None else project
        provider = self.fixtures.provider_id if provider is None else provider
        path = PATH.format(project_id=_segment(project), provider_id=_segment(provider))
        optional = {
            "User-Agent": user_agent,
            "Accept": accept,
            "Accept-Encoding": accept_encoding,
        }
        headers = [(name, value) for name, value in optional.items() if value is not None]
        headers += ((name, escape(value)) for name, value in more)
        if media_type is not None and method == "POST":
            headers.append(("Content-Type", escape(media_type)))
        token_header = token_header.lower() if small_names else token_header
        headers += self._login(token_header, token)  # where readers may have stopped
        if small_names:
            headers = [(name.lower(), value) for name, value in headers]
        data = body if isinstance(body, bytes) else as_json(body)
        url = self.fixtures.endpoint.rstrip("/") + path + query
        return Request(method, url, tuple(headers), b"" if method == "GET" else escape_body(data))

    def _login(self, name: str, token: str | None) -> list[tuple[str, str]]:
        """The headers that authenticate a request; where keys are the login, they sign it."""
        if token is None:
            return []
        if not isinstance(token, Placeholder):
            return [(name, escape(token))]
        signed = self.fixtures.login is Token.SIGNATURE
        if token == placeholder(Token.GOOD) and signed:
            token = placeholder(Token.SIGNATURE)
        if token in (placeholder(Token.SIGNATURE), WRONG_SIGNATURE):
            name = "authorization" if name.islower() else "Authorization"
            return [("X-Project-Id", quote(self.project_id, safe="")), (name, str(token))]
        return [(name, escape(token))]

    @property
    def resembled(self) -> tuple[Token, ...]:
        """The valid tokens that near-misses are made of: none where the good one was not given."""
        given = self.fixtures.tokens
        return tuple(each for each in RESEMBLED if {each, Token.GOOD} <= given)

    def policies(self) -> Request:
        """A request for the project's list of policies, from which the page takes `plan_id`."""
        operation = self.request(method="GET")
        url = f"{self.fixtures.endpoint.rstrip('/')}/v1/{quote(self.project_id, safe='')}/policies"
        return Request("GET", url, operation.headers)

    def backups(self, limit: str = "") -> Request:
        """A request for the policy's backups, the newest first, on pages as long as they may be."""
        filters = {
            "policy_id": self.plan_id,
            "sort": "created_at:desc",
            "limit": limit or str(linked_pages().longest_page),
        }
        url = list_url(self.fixtures, filters)
        return Request("GET", url, self.request(method="GET").headers)


@lru_cache(maxsize=1024, typed=True)
def _segment(text: str) -> str:
    return str(text) if isinstance(text, AsItIs) else quote(text, safe="")


def compact(body: Any) -> bytes:
    """JSON without white space, as scripts in a browser write it."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def as_json(value: Any) -> bytes:
    """A value written as JSON, in UTF-8, or in escapes where UTF-8 cannot say it."""
    try:
        return _AS_TEXT.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value).encode("ascii")
