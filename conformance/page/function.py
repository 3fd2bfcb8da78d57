"""The section Function: an execution creates a backup task. What of it the list of backups shows.

The document says what the operation is for; what became of it shows through another page's
operation, so that all of this is a `should`. What is used of that page is in
`contract/linked_pages.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contract.clauses import FUNCTION, Source, Table
from conformance.contract.linked_pages import linked_pages
from conformance.page.answer import NotReached
from conformance.page.moments import apart, distance, read_moment
from conformance.page.record import Sighting
from conformance.page.registry import Received, backup_clause, list_clause

SERVER_TYPE = "OS::Nova::Server"
MAKES_A_BACKUP = Source(FUNCTION)

LISTED = list_clause(
    "F.listed",
    MAKES_A_BACKUP,
    "The backup record that an execution brings has backups in the list of backups.",
)
SERVERS_ASKED = list_clause(
    "F.servers.asked",
    MAKES_A_BACKUP,
    "An execution makes one backup of each server that was asked for, and of no other.",
)
SERVERS_OF_POLICY = list_clause(
    "F.servers.policy",
    MAKES_A_BACKUP,
    "An execution makes no backup of a server that is not of the policy.",
)
OF_POLICY = list_clause(
    "F.policy",
    MAKES_A_BACKUP,
    "The backups of an execution are among those of the policy that was executed.",
)
REFUSED = list_clause(
    "F.refused",
    MAKES_A_BACKUP,
    "A request that is refused creates no backup.",
)
LATER = list_clause(
    "T6.status.later",
    Table(6, "status"),
    "The record of an execution has one of the four statuses later as well, where a target shows "
    "it (GET of the record, OpenStack Karbor).",
)


@backup_clause("F.resource_type", MAKES_A_BACKUP)
def backups_are_of_servers(seen: Sighting) -> Received | None:
    """A backup of an execution is that of a server."""
    kind = seen.backup.resource_type
    if not kind:
        raise NotReached
    return None if kind == SERVER_TYPE else (f"`resource_type` {SERVER_TYPE}", kind)


@backup_clause("F.auto_trigger", MAKES_A_BACKUP)
def auto_trigger_is_as_asked(seen: Sighting) -> Received | None:
    """`extend_info.auto_trigger` of a backup, where it is shown, is what the request asked for."""
    shown, asked = seen.backup.extend_info.get("auto_trigger"), seen.record.auto_trigger
    if not isinstance(shown, bool) or asked is None:
        raise NotReached
    expected = f"`auto_trigger` {str(asked).lower()}, as {seen.record.exchange} asked"
    return None if shown is asked else (expected, str(shown).lower())


@backup_clause("F.created_at", MAKES_A_BACKUP)
def created_at_is_that_of_the_execution(seen: Sighting) -> Received | None:
    """`created_at` of a backup is a moment of the execution or after it, within tolerance."""
    text, record = seen.backup.created_at, seen.record
    moment, told = read_moment(text), read_moment(record.created_at)
    if moment is None or told is None:  # our clock alone may be wrong
        raise NotReached
    away = min(distance(moment, record.started, seen.exchange.ended), apart(moment, told))
    if away <= seen.tolerances.clock:
        return None
    expected = f"a time within {seen.tolerances.clock:g} s of {record.exchange}"
    return expected, f"{text}, {away:.0f} s away"


@backup_clause("F.status", MAKES_A_BACKUP)
def status_is_one_of_the_list(seen: Sighting) -> Received | None:
    """`status` of a backup is one of the nine that the page of the list has."""
    status = seen.backup.status
    if not status:
        raise NotReached
    known = linked_pages().statuses
    return None if status in known else (f"one of {', '.join(known)}", status)


@backup_clause("F.status.moves", MAKES_A_BACKUP)
def status_moves_as_a_backup_can(seen: Sighting) -> Received | None:
    """A backup that is made is not made again, and one that is being deleted is not kept."""
    before, after, never = seen.before, seen.backup.status, linked_pages().never
    if not before or not after:
        raise NotReached
    is_wrong = after in never.get(before, ())
    return (f"a status that may follow {before}", after) if is_wrong else None


def status_later(status: str, statuses: Sequence[str]) -> Received | None:
    """What is wrong with the status in a record that is shown later, of all that it may have."""
    return None if status in statuses else (f"one of {', '.join(statuses)}", status or "none")
