"""The backups of a run on their own pages: how they are asked for, and what a list says of them.

Source: `contract/linked_pages.yaml`. Nothing here is of the document, and nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from conformance.contract.linked_pages import linked_pages
from conformance.model import Exchange, Fixtures, Tolerances
from conformance.page.answer import Execution, json_of
from conformance.page.call import Call
from conformance.page.ids import is_id
from conformance.page.json_text import JsonText
from conformance.page.permitted import is_below, leads_away

LONGEST_RECORD = 2000
"""Characters of the id of a record that is deleted."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as the list shows it; all texts are the target's, and empty where it has none."""

    id: str
    record: str
    server: str
    resource_type: str
    status: str
    created_at: str
    extend_info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fail_reason(self) -> str:
        """Why the backup failed, where the list says so."""
        return _text(self.extend_info, "fail_reason")


def list_url(fixtures: Fixtures, filters: Mapping[str, str]) -> str:
    """The URL of a page of the list of backups, with the filters that are given, in their order."""
    path = linked_pages().list.path.format(project_id=_quoted(fixtures.project_id))
    query = f"?{urlencode(filters, quote_via=quote)}" if filters else ""
    return f"{fixtures.endpoint.rstrip('/')}{path}{query}"


def record_url(fixtures: Fixtures, record: str) -> str:
    """The URL of the record of an execution, under which its backups are deleted."""
    path = linked_pages().delete.path.format(
        project_id=_quoted(fixtures.project_id),
        provider_id=_quoted(fixtures.provider_id),
        checkpoint_id=_quoted(record),
    )
    return f"{fixtures.endpoint.rstrip('/')}{path}"


def _quoted(text: str | None) -> str:
    return quote(text or "", safe="")


def listed(exchange: Exchange) -> tuple[Backup, ...] | None:
    """The backups on a page of the list; None where the response is no such list.

    What is no backup in it is passed over; where all of it is none, it is no such list.
    """
    items = items_of(exchange)
    if items is None:
        return None
    found = tuple(
        _backup(item) for item in items if isinstance(item, dict) and is_id(item.get("id"))
    )
    return found if found or not items else None


def items_of(exchange: Exchange) -> list[Any] | None:
    """What stands on a page of the list, whatever it is; None where there is no list."""
    response = exchange.response
    if response is None or response.status != 200:
        return None
    read = json_of(response)
    value = read.value if isinstance(read, JsonText) else None
    items = value.get("checkpoint_items") if isinstance(value, dict) else None
    return items if isinstance(items, list) else None


def _backup(item: Mapping[str, Any]) -> Backup:
    extend_info = item.get("extend_info")
    return Backup(
        id=_text(item, "id"),
        record=_text(item, "checkpoint_id"),
        server=_text(item, "resource_id"),
        resource_type=_text(item, "resource_type"),
        status=_text(item, "status"),
        created_at=_text(item, "created_at"),
        extend_info=extend_info if isinstance(extend_info, dict) else {},
    )


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def own_records(exchanges: Iterable[Exchange], fixtures: Fixtures) -> dict[str, str]:
    """The records that a run created and may delete: their ids, each with that of its exchange.

    A record is the run's own if a 200 to a POST of it brought its id, at this endpoint and for
    this project. What a GET shows may be somebody else's. An id that a path cannot carry safely is
    left out.
    """
    found: dict[str, str] = {}
    for exchange in exchanges:
        record = _own_record(exchange, fixtures)
        if record is not None:
            found.setdefault(record, exchange.id)
    return found


def _own_record(exchange: Exchange, fixtures: Fixtures) -> str | None:
    response, request = exchange.response, exchange.request
    if response is None or response.status != 200 or request.method != "POST":
        return None
    if not fixtures.project_id or not is_below(request.url, fixtures.endpoint):
        return None
    call = Call(request, fixtures)
    if call.project_id != fixtures.project_id:
        return None
    record = Execution(exchange, call, Tolerances()).checkpoint_id
    return record if record is not None and is_deletable(record) else None


def is_deletable(record: str) -> bool:
    """Whether the id of a record can stand in the path of a request.

    One that is empty, hidden behind a placeholder, or read as a step to another path can not.
    """
    return is_id(record, LONGEST_RECORD) and not leads_away(_quoted(record))


def is_addressable(fixtures: Fixtures) -> bool:
    """Whether the project and the provider can stand in the path of a request."""
    return all(is_deletable(each or "") for each in (fixtures.project_id, fixtures.provider_id))
