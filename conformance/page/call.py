"""A request taken apart into what the page speaks of: path parameters, token, media type, body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from msgspec import structs

from conformance.credentials.braces import plain, plain_body
from conformance.credentials.placeholders import PLACEHOLDER, WRONG_SIGNATURE, placeholder
from conformance.decoding import TooLarge, Undecodable, decoded
from conformance.lazily import lazily
from conformance.model import Fixtures, Request, Token, header, header_values
from conformance.page.extended_json import parse_extended_json
from conformance.page.json_text import (
    JsonText,
    NotJson,
    NotKnown,
    TooDeep,
    as_value,
    has_lone_surrogate,
    parse_json,
)
from conformance.page.letter_case import in_lower_case
from conformance.page.unread import codings, is_oversized, refused_unread
from conformance.urls import split_url

OPERATION = re.compile(r"/v1/([^/]*)/providers/([^/]*)/checkpoints")
POLICY_LIST = re.compile(r"/v1/[^/]*/policies")
BACKUP_LIST = re.compile(r"/v1/[^/]*/checkpoint_items")
RECORD = re.compile(OPERATION.pattern + r"/([^/]+)")
PLAIN_TARGET = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+")
"""What is written in one way only; the endpoint before it is the user's."""
LONGEST_DECODED = 1 << 20
"""Bytes of a request body without its content codings."""
LONGEST_REMEMBERED = 1 << 13
"""Bytes of a body that is read once for all requests that have it."""
CHARSETS = frozenset({"", "charset=utf-8"})
"""Parameters, in lower case, with which `application/json` means the same as without."""


class TokenState(Enum):
    """What is known of the token that a request carries."""

    ABSENT = auto()
    GOOD = auto()
    FORBIDDEN = auto()
    NEAR_MISS = auto()
    BAD = auto()
    UNKNOWN = auto()


GUESSED = frozenset({TokenState.BAD, TokenState.NEAR_MISS})
"""Tokens that somebody may have guessed."""
VALID_TOKENS = {
    Token.GOOD.value: TokenState.GOOD,
    Token.FORBIDDEN.value: TokenState.FORBIDDEN,
}


@dataclass(frozen=True)
class Call:
    """A request seen with the fixtures of its target.

    `project_id` and `provider_id` are None where the URI is not of the page's form. Of a name that
    stands twice in an object of the body, the last value counts, or with `takes_first` the first.
    Names are compared as they are, or without regard to case where it `folds_case`.
    """

    request: Request
    fixtures: Fixtures
    takes_first: bool = False
    folds_case: bool = False

    @lazily
    def url(self) -> str:
        """The URL as it is, where the request has it as it is stored."""
        return plain(self.request.url)

    @lazily
    def sent_body(self) -> bytes:
        """The body as it is, where the request has it as it is stored."""
        return plain_body(self.request.body)

    @lazily
    def _segments(self) -> tuple[str, str] | None:
        path = split_url(self.url).path
        base = split_url(self.fixtures.endpoint).path.rstrip("/")
        match = OPERATION.fullmatch(path[len(base) :]) if path.startswith(base) else None
        if match is None and not self.fixtures.complete:
            match = re.search(OPERATION.pattern + "$", path)
        return (unquote(match[1]), unquote(match[2])) if match else None

    @property
    def project_id(self) -> str | None:
        """The project id in the URI (Table 1)."""
        return self._segments[0] if self._segments else None

    @property
    def provider_id(self) -> str | None:
        """The provider id in the URI (Table 1)."""
        return self._segments[1] if self._segments else None

    @lazily
    def is_operation(self) -> bool:
        """Whether this is the page's operation: POST, and a URI with both parameters."""
        return self.request.method == "POST" and bool(self.project_id) and bool(self.provider_id)

    @lazily
    def is_policy_list(self) -> bool:
        """Whether this asks for the list of policies, from which the page takes `plan_id`."""
        return self._reads(POLICY_LIST)

    @lazily
    def is_backup_list(self) -> bool:
        """Whether this asks for the list of backups, where executions show."""
        return self._reads(BACKUP_LIST)

    @lazily
    def is_record(self) -> bool:
        """Whether this asks for the record of one execution."""
        return self._reads(RECORD)

    def asks_for(self, record: str) -> bool:
        """Whether this asks for a record of that id."""
        return self.is_record and unquote(split_url(self.url).path.rpartition("/")[2]) == record

    @property
    def is_look(self) -> bool:
        """Whether this looks at what executions brought: it should execute nothing."""
        return self.is_backup_list or self.is_record

    @property
    def is_aside(self) -> bool:
        """Whether this is of another page than the document, and should execute nothing."""
        return self.is_policy_list or self.is_look

    def _reads(self, what: re.Pattern[str]) -> bool:
        if self.request.method != "GET":
            return False
        base = split_url(self.fixtures.endpoint).path.rstrip("/")
        path = split_url(self.url).path.removeprefix(base)
        return what.fullmatch(path) is not None

    @lazily
    def token(self) -> TokenState:
        """What is known of the token in `X-Auth-Token`."""
        values = header_values(self.request.headers, "X-Auth-Token")
        if not any(values):
            return self._signature(header(self.request.headers, "Authorization"))
        match = PLACEHOLDER.fullmatch(values[0])
        state = VALID_TOKENS.get(match[1]) if match else None
        if match and state:
            return TokenState.NEAR_MISS if match[2] else state
        return TokenState.BAD if self.fixtures.complete else TokenState.UNKNOWN

    def _signature(self, value: str | None) -> TokenState:
        """What is known of a signature, which stands in the place of a token.

        Signer and verifier may write an odd path down in different ways: then it is not known.
        """
        if not self.fixtures.complete and (value or self._may_log_in_elsewhere):
            return TokenState.UNKNOWN
        if not value:
            return TokenState.ABSENT
        if value == WRONG_SIGNATURE:
            return TokenState.BAD
        if value != placeholder(Token.SIGNATURE):
            return TokenState.ABSENT
        is_plain = PLAIN_TARGET.fullmatch(self.url[len(self.fixtures.endpoint) :])
        return TokenState.GOOD if is_plain else TokenState.UNKNOWN

    @property
    def _may_log_in_elsewhere(self) -> bool:
        """Whether a recorded request may log in by what the page does not speak of."""
        cookie = header(self.request.headers, "Cookie")
        return cookie is not None or "?" in self.url

    @lazily
    def media_type(self) -> str | None:
        """The media type of the body as it was written, without parameters. Raises NotKnown."""
        value = header(self.request.headers, "Content-Type")
        if value is None and not self.request.all_headers:
            raise NotKnown
        return value.partition(";")[0].strip() if value is not None else None

    @lazily
    def media_type_parameters(self) -> str:
        """What follows the media type, such as a charset."""
        value = header(self.request.headers, "Content-Type") or ""
        return value.partition(";")[2].strip()

    @lazily
    def is_of_json(self) -> bool:
        """Whether the header says that the body is JSON, as plainly as clients do; RFC 8259 defines
        no parameter, and only `charset=utf-8` is widespread. Raises NotKnown.
        """
        return self.media_type == "application/json" and (
            self.media_type_parameters.lower() in CHARSETS
        )

    @lazily
    def json(self) -> JsonText | NotJson | TooDeep | NotKnown:
        """The body as JSON or as an extension of it, or why it is neither."""
        coded = codings(self.request)
        if not self.request.whole or (coded and not self.fixtures.complete):
            return NotKnown()  # a recorded body may have been decoded, or not
        try:
            body = decoded(self.sent_body, coded, LONGEST_DECODED)
        except (TooLarge, Undecodable):
            return NotKnown()
        is_short = len(body) <= LONGEST_REMEMBERED
        read = (_remembered if is_short else _read)(body, self.takes_first)
        if self.folds_case and isinstance(read, JsonText):
            return structs.replace(read, value=in_lower_case(read.value))
        return read

    @property
    def has_other_case(self) -> bool:
        """Whether a name of the tables stands in the body in another case."""
        read = self.json
        return isinstance(read, JsonText) and in_lower_case(read.value) is not read.value

    @lazily
    def told(self) -> JsonText | None:
        """What is known of a body that is not known as it was sent, where something is."""
        if self.request.whole or not self.request.body or codings(self.request):
            return None
        try:
            return parse_json(self.sent_body)
        except (NotJson, TooDeep):
            return None

    @lazily
    def body(self) -> Any:
        """The parsed body; None too where there is none, so ask `json` first. Raises NotKnown."""
        if isinstance(self.json, NotKnown):
            raise NotKnown
        return self.json.value if isinstance(self.json, JsonText) else None

    def field(self, *path: str) -> Any:
        """The value at `path` in the body, or MISSING. Raises NotKnown."""
        value = self.body
        for name in path:
            if not isinstance(value, dict) or name not in value:
                return MISSING
            value = value[name]
        return value

    @lazily
    def plan_id(self) -> Any:
        """`checkpoint.plan_id` (Table 3), or MISSING."""
        return self.field("checkpoint", "plan_id")

    @lazily
    def resources(self) -> Any:
        """`checkpoint.parameters.resources` (Table 4), or MISSING."""
        return self.field("checkpoint", "parameters", "resources")

    @property
    def auto_trigger(self) -> Any:
        """`checkpoint.parameters.auto_trigger` (Table 4), or MISSING."""
        return self.field("checkpoint", "parameters", "auto_trigger")

    @lazily
    def named_servers(self) -> list[str]:
        """The servers asked for that are strings, as a server id must be."""
        resources = self.resources
        if not isinstance(resources, list):
            return []
        return [server for server in resources if isinstance(server, str)]

    @property
    def named_ids(self) -> list[str]:
        """The policy and the servers that the request names."""
        policy = [self.plan_id] if isinstance(self.plan_id, str) else []
        return [*policy, *self.named_servers]

    @property
    def is_oversized(self) -> bool:
        """Whether its size alone may be refused."""
        return is_oversized(self.request)

    @lazily
    def refused_unread(self) -> frozenset[int]:
        """The statuses with which it may be refused before the operation sees it."""
        return refused_unread(self.request)


def _read(body: bytes, takes_first: bool) -> JsonText | NotJson | TooDeep | NotKnown:
    """A body as JSON or as an extension of it, or why it is neither."""
    read: JsonText | NotJson | TooDeep
    try:
        read = parse_json(body, first=takes_first)
    except NotJson as error:
        read = _read_as_extension(body, takes_first) or as_value(error)
    except TooDeep as error:
        read = as_value(error)
    return NotKnown() if isinstance(read, JsonText) and has_lone_surrogate(body) else read


def _read_as_extension(body: bytes, takes_first: bool) -> JsonText | TooDeep | None:
    try:
        return parse_extended_json(body, first=takes_first)
    except NotJson:
        return None
    except TooDeep as error:
        return as_value(error)


_remembered = lru_cache(maxsize=256)(_read)
"""Many requests of a run have one body."""


class Missing(Enum):
    """The type of MISSING."""

    MISSING = "missing"


MISSING = Missing.MISSING
