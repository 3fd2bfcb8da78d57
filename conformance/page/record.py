"""The record of an execution, as the run asked for it, and a backup of it that a list shows."""

from __future__ import annotations

from msgspec import Struct

from conformance.model import Exchange, Tolerances
from conformance.page.backups import Backup


class Record(Struct, frozen=True):
    """What a 200 of a run brought, and what its request, in the exchange of that id, asked for.

    `servers` are those it named, each in its one spelling; `is_valid` is whether the request had to
    be executed. `started` and `ended` are those of the exchange.
    """

    id: str
    exchange: str
    started: float
    ended: float
    is_valid: bool
    servers: tuple[str, ...]
    auto_trigger: bool | None
    created_at: str


class Stage(Struct, frozen=True):
    """A status of a backup, and the seconds from its request until it was first seen in it."""

    status: str
    since: float


class ListedRecord(Struct, frozen=True):
    """A record as a list of backups shows it: its id, and a time of creation, as they are written.

    The time is empty where the list has none.
    """

    id: str
    created_at: str


class Progress(Struct, frozen=True):
    """How far a backup of a run is, as it was seen last.

    `seconds` are those from its request until it was first seen available or in error, None where
    it was not; `reason` is why it failed. Without a list of backups it stands for all of a record,
    and `server` and `backup` are empty. `stages` are the statuses it was seen in, in order, and
    `until` the seconds until it was seen last.
    """

    record: str
    exchange: str
    server: str
    backup: str
    status: str
    seconds: float | None
    reason: str = ""
    stages: tuple[Stage, ...] = ()
    until: float = 0.0


class Sighting(Struct, frozen=True):
    """A backup of a record, as an exchange shows it.

    `before` is the status it had when it was seen before, empty where it was not; `settled` is when
    it was first seen available or in error. `stages` are the statuses it was seen in so far.
    """

    backup: Backup
    record: Record
    exchange: Exchange
    before: str
    settled: float | None
    tolerances: Tolerances
    stages: tuple[Stage, ...] = ()
