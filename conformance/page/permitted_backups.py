"""What may be sent about the backups of a run, by the commands that delete them.

It is apart from `permitted.py`: what tests a target cannot delete anything, whoever planned it.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from msgspec import Struct

from conformance.contract.linked_pages import linked_pages
from conformance.lazily import lazily
from conformance.model import Fixtures
from conformance.page.backups import is_addressable, is_deletable, list_url, record_url
from conformance.page.permitted import HEADERS, NotPermitted
from conformance.text import shorten, visible_line


class PermittedBackups(Struct, frozen=True, dict=True):
    """GET of the list of backups, and DELETE of a record.

    All are below the endpoint, and of the project and the provider of the fixtures. Only `records`
    are deleted: those that the run itself created.
    """

    fixtures: Fixtures
    records: frozenset[str] = frozenset()

    def check(self, method: str, url: str, headers: Iterable[tuple[str, str]]) -> None:
        """Raise NotPermitted for any other request."""
        is_read = method == "GET" and self._is_the_list(url)
        if not is_read and not (method == "DELETE" and url in self._records):
            shown = visible_line(shorten(f"{method} {url}", 120))
            raise NotPermitted(f"{shown}: neither the list of backups nor a record of this run")
        for name, _ in headers:
            if name.lower() not in HEADERS:
                raise NotPermitted(f"a header {visible_line(shorten(name, 40))}: none is sent")

    @lazily
    def _records(self) -> frozenset[str]:
        if not is_addressable(self.fixtures):
            return frozenset()
        return frozenset(record_url(self.fixtures, r) for r in self.records if is_deletable(r))

    def _is_the_list(self, url: str) -> bool:
        """Whether a URL is that of the list, with filters that it has."""
        filters = dict(parse_qsl(url.partition("?")[2], keep_blank_values=True))
        known = filters.keys() <= set(linked_pages().parameters)
        return is_addressable(self.fixtures) and known and url == list_url(self.fixtures, filters)
