"""What goes into and comes out of the emulated service, and what it remembers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import parse_qs, unquote

from conformance.emulator.world import Policy, Server
from conformance.lazily import lazily

Headers = tuple[tuple[str, str], ...]


class CheckpointStatus(StrEnum):
    """The status of a checkpoint (table 6, ``status``)."""

    PROTECTING = "protecting"
    DELETING = "deleting"
    AVAILABLE = "available"
    ERROR = "error"


class BackupStatus(StrEnum):
    """The status of a backup in the list of backups."""

    WAITING_PROTECT = "waiting_protect"
    PROTECTING = "protecting"
    AVAILABLE = "available"
    WAITING_RESTORE = "waiting_restore"
    RESTORING = "restoring"
    ERROR = "error"
    WAITING_DELETE = "waiting_delete"
    DELETING = "deleting"
    DELETED = "deleted"


@dataclass(frozen=True)
class Request:
    """A request as it came in.

    ``path`` is the request target in origin form (RFC 9112 section 3.2.1): path and query,
    percent-encoded as they were sent. ``headers`` keeps order and repetitions.
    """

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the field's value, or None without such a field.

        Names compare without regard to case; repeated fields are joined with a comma
        (RFC 9110 sections 5.1 and 5.2).
        """
        wanted = name.lower()
        values = [value for field, value in self.headers if field.lower() == wanted]
        return ", ".join(values) if values else None

    @lazily
    def segments(self) -> tuple[str, ...]:
        """The percent-decoded segments of the path, without the leading slash."""
        path = self.path.partition("?")[0]
        if not path.startswith("/"):
            return ()
        return tuple(map(unquote, path[1:].split("/")))

    @lazily
    def query(self) -> dict[str, str]:
        """The query parameters; of a repeated one, the last."""
        pairs = parse_qs(self.path.partition("?")[2], keep_blank_values=True)
        return {name: values[-1] for name, values in pairs.items()}


@dataclass(frozen=True, slots=True)
class Response:
    """A response, and how it travels.

    ``delay`` is the number of seconds to wait before it is sent. ``cut_after`` is None for a
    whole response, otherwise the connection is closed after that many bytes of the body, although
    the header promised all of it; ``hang_up`` closes it before anything is sent.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    delay: float = 0.0
    cut_after: int | None = None
    hang_up: bool = False


class Refusal(Exception):
    """A request is refused: the response's status, error code, message and extra headers."""

    def __init__(self, status: int, code: str, message: str, headers: Headers = ()) -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers

    def with_status(self, status: int) -> "Refusal":
        """Return the same refusal under another status."""
        return Refusal(status, self.code, self.message, self.headers)


@dataclass(frozen=True, slots=True)
class CheckpointReq:
    """A well-formed request body (tables 3 and 4).

    ``resources`` holds the ids as they were sent; None means the whole policy.
    """

    plan_id: str
    auto_trigger: bool = False
    resources: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One execution of a policy: the backup record, and the request that started it.

    ``created_at`` is in UTC; ``servers`` are those backed up, each once.
    """

    id: str
    created_at: datetime
    policy: Policy
    servers: tuple[Server, ...]
    request: CheckpointReq
