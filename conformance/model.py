"""What passes between the stages: requests, answers, exchanges, fixtures. Plain immutable values.

Everything here is redacted: where a secret stood, a placeholder says which one (`secrets.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct, field

from conformance.lazily import lazily
from conformance.limits import Limits

Headers = tuple[tuple[str, str], ...]


def header_values(headers: Iterable[tuple[str, str]], name: str) -> list[str]:
    """All values of the header `name`, whatever its case (RFC 9110, section 5.1)."""
    wanted = name.lower()
    return [value for key, value in headers if key.lower() == wanted]


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """The first value of the header `name`, or None."""
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return None


def has_small_names(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether the names of headers are in small letters, as Node.js writes them: then those that
    HTTP itself asks for are, too. False where there are none.
    """
    names = [name for name, _ in headers]
    return bool(names) and all(map(str.islower, names))


class Request(Struct, frozen=True, dict=True, cache_hash=True):
    """A request as it is sent, but for the secrets: those stand as placeholders.

    `whole` is false where a recording left the body out, or has it otherwise than it was sent: then
    `body` has what of its JSON was sent so, or nothing. `all_headers` is false where headers may
    have been sent that the recording does not have.
    """

    method: str
    url: str
    headers: Headers
    body: bytes = b""
    whole: bool = True
    all_headers: bool = True

    @lazily
    def digest(self) -> str:
        """A name for all requests that are the same, byte for byte."""
        parts = [self.method, self.url, *(f"{name}:{value}" for name, value in self.headers)]
        return hashlib.sha256("\0".join(parts).encode() + b"\0\0" + self.body).hexdigest()[:16]

    @property
    def size(self) -> int:
        """Bytes of the URL and the body."""
        return len(self.url) + len(self.body)


class Response(Struct, frozen=True):
    """A response: the body is decoded (gzip, deflate), never more than the limit allows.

    `whole` is false where a recording left the body out, or has it otherwise than it came: then
    `body` has what of its JSON came so, or nothing. `all_headers` is false where headers may have
    come that the recording does not have.
    `undecodable` says what is wrong with a body that its content codings do not decode: it is kept
    as it came.
    """

    status: int
    reason: str
    headers: Headers
    body: bytes
    whole: bool = True
    all_headers: bool = True
    undecodable: str = ""


class Failure(StrEnum):
    """Why no response came back."""

    NAME = "the host name was not resolved"
    REFUSED = "the connection was refused"
    CONNECT = "no connection"
    PROXY = "no connection to the proxy"
    TLS = "no TLS session"
    TIMEOUT = "no response in time"
    CLOSED = "the connection was closed before the response was complete"
    PROTOCOL = "not an HTTP response"
    TOO_LARGE = "the response is larger than the limit"
    LOST = "the run was killed before the response was recorded"


NEVER_SENT = frozenset({Failure.NAME, Failure.REFUSED, Failure.CONNECT, Failure.PROXY, Failure.TLS})
"""Failures before a request was sent: it cannot have been executed."""


class TransportFailure(Struct, frozen=True):
    """What came instead of a response."""

    kind: Failure
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value} ({self.detail})" if self.detail else self.kind.value


class Exchange(Struct, frozen=True):
    """A request with the response, or the failure, that came back.

    `started` is seconds since the epoch on our clock, `duration` seconds. `retry_of` is the id of
    the exchange that this one repeats. `probe` is the name of the planned request, or None where
    there was no plan; nothing is judged by it. `recording` is 0 for what this suite sent, else the
    number of the file of another tool: that may have one exchange twice, and has its own clock.
    `token` is the number of its token among those of a recording, and `connection` that of its
    connection among those of the file, where these are known.
    """

    id: str
    request: Request
    response: Response | None
    failure: TransportFailure | None
    started: float
    duration: float
    retry_of: str | None = None
    probe: str | None = None
    recording: int = 0
    token: int = 0
    connection: str = ""

    @property
    def asked(self) -> str:
        """A name for all exchanges whose requests are the same, as far as that is known."""
        if not self.request.whole:
            return f"only {self.id}"
        known = self.request.all_headers
        return self.request.digest if known else f"as far as known {self.request.digest}"

    @property
    def ended(self) -> float:
        """When the response was complete, in seconds since the epoch."""
        return self.started + self.duration

    @property
    def outcome(self) -> str:
        """The status or the failure, in a few words."""
        if self.response is not None:
            return f"{self.response.status} {self.response.reason}".strip()
        return str(self.failure)


class Deletion(Struct, frozen=True):
    """A request to delete what a run created, or a look at what is left of it.

    `record` is the id of the backup record, and `created_by` that of the exchange that brought it.
    `exchange` is None where the response was lost with the run. Nothing is judged by it.
    """

    id: str
    record: str
    created_by: str
    exchange: Exchange | None = None


class Token(StrEnum):
    """The tokens a user can give; a request carries one as the placeholder `{{token}}`.

    A signature, made with keys, stands in the place of the good one.
    """

    GOOD = "token"
    FORBIDDEN = "forbidden-token"
    SIGNATURE = "signature"


class Fixtures(Struct, frozen=True):
    """What only the user knows of a target. Tokens are not here: `tokens` says which were given.

    `complete` says that every other id in a request was made up by this suite and names nothing
    on the target. It is false for traffic recorded elsewhere, where other ids may well exist.
    `other_project_id` is that of a project that exists, and that the token is not for.
    """

    endpoint: str
    provider_id: str
    project_id: str | None = None
    plan_id: str | None = None
    resources: tuple[str, ...] = ()
    tokens: frozenset[Token] = frozenset()
    complete: bool = True
    other_project_id: str | None = None

    @property
    def login(self) -> Token | None:
        """What a valid request carries, if anything was given."""
        return next((each for each in (Token.GOOD, Token.SIGNATURE) if each in self.tokens), None)


class Tolerances(Struct, frozen=True):
    """How much a target may differ. `clock` is in seconds."""

    clock: float = 300.0


class Ending(StrEnum):
    """Why a run sent no more."""

    COMPLETE = "all planned requests were sent"
    REQUESTS = "the limit on requests was reached"
    EXECUTIONS = "the limit on executions was reached"
    TIME = "the time limit was reached"
    DEAD = "the target stopped responding"
    UNREACHED = "the target never responded"
    HOPELESS = "the first requests showed that nothing could be tested"
    TOLD_TO_WAIT = "the target asked to wait for longer than the run may take, or over and over"
    INTERRUPTED = "the run was interrupted"
    RECORDED = "the recording was read to its end"


SMOKE_EXECUTIONS = 3
"""What the profile `smoke` never goes beyond, whatever limit on executions is given."""


class Spent(Struct, frozen=True):
    """How much of a budget was used."""

    spent: int
    limit: int

    @property
    def left(self) -> int:
        """How much may still be used; below zero where more was than may be."""
        return self.limit - self.spent


class JournalHeader(Struct, frozen=True):
    """What a journal is about: enough to judge it again without anything else.

    `limits` are those within which the suite that wrote it reads JSON.
    """

    suite: str
    contract: str
    fixtures: Fixtures
    profile: str
    seed: int
    started_at: float
    tolerances: Tolerances = field(default_factory=Tolerances)
    only: tuple[str, ...] = ()
    max_requests: int = 0
    max_executions: int = 0
    limits: Limits = field(default_factory=Limits)


class JournalFooter(Struct, frozen=True):
    """How a run ended. `unsent` holds the clauses whose probes were planned and not sent.

    `enough` is a limit on executions within which all of them could have been, `enough_requests`
    one on requests, and `enough_time` one in seconds at the pace of the run; 0 if not known.
    `renewals` are the moments, in epoch seconds, from which the good token may have been another,
    and `fresh` those of them at which it was taken anew because a response had rejected it.
    """

    ending: Ending
    finished_at: float
    requests: Spent
    executions: Spent
    unsent: tuple[str, ...] = ()
    renewals: tuple[float, ...] = ()
    fresh: tuple[float, ...] = ()
    enough: int = 0
    enough_requests: int = 0
    enough_time: int = 0


class Journal(Struct, frozen=True):
    """A whole run: what the judge judges."""

    header: JournalHeader
    exchanges: Sequence[Exchange]
    footer: JournalFooter
    deletions: Sequence[Deletion] = ()
