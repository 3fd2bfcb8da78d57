"""A list of backups that is asked for page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from conformance.model import Exchange
from conformance.page.backups import Backup, items_of
from conformance.page.ids import canonical
from conformance.page.record import ListedRecord

MOST_RECORDS = 20_000
"""Records of a list that are remembered; of a longer one it is not known what came up."""


class Listing(Struct):
    """A list that was asked for page by page; it `is_whole` once its end was seen.

    `records` are those it shows, by the one spelling of their ids; `last` is the exchange that
    brought its latest page. `is_legible` is whether all that stands on its pages are
    backups that name their record.
    """

    filters: Mapping[str, str]
    started: float
    last: Exchange
    records: dict[str, ListedRecord] = field(default_factory=dict)
    is_whole: bool = False
    is_legible: bool = True
    marker: str = ""

    @property
    def is_of_all(self) -> bool:
        """Whether all records that it shows are known, and remembered."""
        return self.is_whole and self.is_legible and len(self.records) < MOST_RECORDS

    def extend(self, page: Sequence[Backup], exchange: Exchange, limit: int) -> None:
        """Take in the page that follows, of at most `limit` backups.

        Pages may hold fewer than were asked for, so that only an empty one is the end, or one that
        ends where the last one did and could have held more.
        """
        self.last = exchange
        all_named = all(each.record for each in page)
        self.is_legible &= all_named and len(page) == len(items_of(exchange) or ())
        for each in page:
            if each.record and len(self.records) < MOST_RECORDS:
                shown = ListedRecord(each.record, each.created_at)
                self.records.setdefault(canonical(each.record), shown)
        is_repeated = bool(page) and page[-1].id == self.marker
        self.is_whole = not page or (is_repeated and len(page) < limit)
        if page:
            self.marker = page[-1].id
