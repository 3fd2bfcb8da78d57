"""What a run's requests brought, and what the list of backups shows of it, over its exchanges.

The page of the list ("Querying All Backups") is another than the document's. What is asked for here
is planned and sent by others; here is only what can be read from the exchanges themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from conformance.contract.linked_pages import linked_pages
from conformance.model import Exchange, Fixtures, Tolerances
from conformance.page.answer import Execution, NotReached
from conformance.page.backups import Backup, listed
from conformance.page.call import Call
from conformance.page.executed import is_lost, may_have_executed
from conformance.page.ids import canonical
from conformance.page.json_text import NotKnown
from conformance.page.listing import Listing
from conformance.page.oracle import EXECUTED, Duty, Expectation, Oracle
from conformance.page.record import ListedRecord, Progress, Record, Sighting, Stage
from conformance.page.rounds import Rounds
from conformance.page.weather import is_trouble
from conformance.text import whole_number

LAG = 8.0
"""Seconds after a response within which a list need not show what it brought."""
MOST_OWN = 5_000
"""Records of a run that are looked for."""
MOST_STAGES = 20
"""Statuses of a backup, one after the other, that are remembered."""
BEHIND = ("limit", "marker", "sort")
"""Parameters that select a page, and not what is listed."""


@dataclass
class BackupList:
    """The state of the reading.

    `records` are those that a 200 of this run brought, by their ids; `found` are their backups, by
    theirs, as they were seen last, and `alike` the records that were shown by themselves. `first`
    and `latest` are whole lists of the policy's backups, and `alone` those of one record.
    `outcome` is what came of a request for a list, where none is shown, and `is_absent` whether
    that speaks of more than the moment. `is_asked` is whether anything was looked at, and
    `executes` whether that executed something; `shows_any` is whether some list had a backup of
    some record.
    """

    fixtures: Fixtures
    tolerances: Tolerances = field(default_factory=Tolerances)
    records: dict[str, Record] = field(default_factory=dict)
    found: dict[str, Sighting] = field(default_factory=dict)
    first: Listing | None = None
    latest: Listing | None = None
    alone: dict[str, Listing] = field(default_factory=dict)
    rounds: Rounds = field(default_factory=Rounds)
    alike: dict[str, Progress] = field(default_factory=dict)
    is_shown: bool = False
    shows_any: bool = False
    is_absent: bool = False
    is_asked: bool = False
    executes: bool = False
    outcome: str = ""
    _open: dict[frozenset[tuple[str, str]], Listing] = field(default_factory=dict)

    @classmethod
    def read(cls, exchanges: Iterable[Exchange], oracle: Oracle) -> BackupList:
        """What the exchanges of a run, in the order of its journal, show."""
        seen = cls(oracle.fixtures)
        for exchange in exchanges:
            seen.take_in(exchange, oracle.expect(exchange.request))
        return seen

    def take_in(self, exchange: Exchange, expectation: Expectation) -> list[Sighting]:
        """Take in an exchange, in the order of the journal; the backups of this run it shows."""
        if not self.fixtures.complete or expectation.call.is_policy_list or is_lost(exchange):
            return []
        if expectation.call.is_look:
            self.is_asked = True
            self.executes = self.executes or may_have_executed(exchange, expectation)
        if expectation.call.is_backup_list:
            return self._take_page(exchange)
        if expectation.call.is_record:
            self._take_record(exchange, expectation)
        else:
            self.rounds.note(exchange, expectation)
            self._note_record(exchange, expectation)
        return []

    def _take_record(self, exchange: Exchange, expectation: Expectation) -> None:
        shown = self.status_of(exchange, expectation)
        if shown is None:
            return
        record, status = shown
        before = self.alike.get(record.id)
        seconds = before.seconds if before else None
        if seconds is None and status in linked_pages().settled:
            seconds = exchange.ended - record.started
        until = exchange.ended - record.started
        stages = _with(before.stages if before else (), status, until)
        self.alike[record.id] = Progress(
            record.id, record.exchange, "", "", status, seconds, stages=stages, until=until
        )

    def _note_record(self, exchange: Exchange, expectation: Expectation) -> None:
        response, call = exchange.response, expectation.call
        if response is None or response.status != EXECUTED or not call.is_operation:
            return
        answer = Execution(exchange, call, Tolerances())
        name = answer.checkpoint_id
        if not name or len(self.records) >= MOST_OWN:
            return
        try:
            created_at = answer.text(answer.checkpoint, "created_at")
        except NotReached:
            created_at = ""
        servers, auto_trigger = _asked(call)
        self.records.setdefault(
            canonical(name),
            Record(
                id=name,
                exchange=exchange.id,
                started=exchange.started,
                ended=exchange.ended,
                is_valid=expectation.duty is Duty.EXECUTE,
                servers=servers,
                auto_trigger=auto_trigger,
                created_at=created_at,
            ),
        )

    def _take_page(self, exchange: Exchange) -> list[Sighting]:
        page = listed(exchange)
        if page is None:
            if not self.is_shown and not self.is_absent:
                self.outcome, self.is_absent = exchange.outcome, not is_trouble(exchange)
            return []
        self.is_shown = True
        filters = dict(parse_qsl(exchange.request.url.partition("?")[2]))
        marker, limit = filters.get("marker", ""), filters.get("limit", "")
        chosen = {name: value for name, value in filters.items() if name not in BEHIND}
        key = frozenset(chosen.items())
        listing = self._open.get(key)
        if not marker:
            listing = self._open[key] = Listing(chosen, exchange.started, exchange)
        if listing is not None and listing.marker == marker:
            self._extend(listing, page, exchange, limit)
        return [seen for each in page if (seen := self._sight(each, exchange)) is not None]

    def _extend(
        self, listing: Listing, page: tuple[Backup, ...], exchange: Exchange, limit: str
    ) -> None:
        listing.extend(page, exchange, whole_number(limit) or 0)
        self.shows_any = self.shows_any or bool(listing.records)
        if listing.is_whole:
            del self._open[frozenset(listing.filters.items())]
            self._completed(listing)

    def _completed(self, listing: Listing) -> None:
        if listing.filters == {"policy_id": self.fixtures.plan_id}:
            self.rounds.end(self.latest, listing, self.records.keys())
            self.first = self.first or listing
            self.latest = listing
        elif listing.filters.keys() == {"checkpoint_id"}:
            self.alone[canonical(listing.filters["checkpoint_id"])] = listing

    def _sight(self, backup: Backup, exchange: Exchange) -> Sighting | None:
        record = self.records.get(canonical(backup.record))
        if record is None:
            return None
        before = self.found.get(backup.id)
        settled = before.settled if before else None
        if settled is None and backup.status in linked_pages().settled:
            settled = exchange.ended
        was = before.backup.status if before else ""
        since = exchange.ended - record.started
        stages = _with(before.stages if before else (), backup.status, since)
        seen = Sighting(backup, record, exchange, was, settled, self.tolerances, stages)
        self.found[backup.id] = seen
        return seen

    @property
    def is_harmless(self) -> bool:
        """Whether it was seen that to look executes nothing."""
        return self.is_asked and not self.executes

    def status_of(self, exchange: Exchange, expectation: Expectation) -> tuple[Record, str] | None:
        """A record of this run, and its status, where an exchange shows it by itself."""
        response, call = exchange.response, expectation.call
        if response is None or response.status != EXECUTED or not call.is_record:
            return None
        shown = Execution(exchange, call, self.tolerances)
        record = self.records.get(canonical(shown.checkpoint_id or ""))
        if record is None:
            return None
        status = shown.checkpoint.get("status")
        return (record, status) if isinstance(status, str) else None

    @property
    def missing(self) -> list[Record]:
        """The records of this run of which no list has shown a backup."""
        seen = {each.record.id for each in self.found.values()}
        return [each for each in self.records.values() if each.id not in seen]

    @property
    def partial(self) -> list[Record]:
        """The records that lists have shown without a backup of each server that was asked for."""
        absent = {each.id for each in self.missing}
        return [
            each for each in self.records.values() if each.id not in absent and self.without(each)
        ]

    def without(self, record: Record) -> list[str]:
        """The servers that a record has no backup of, of those that it must have."""
        if not record.is_valid:
            return []
        wanted = record.servers or tuple(map(canonical, self.fixtures.resources))
        has = {canonical(each.backup.server) for each in self.of(record)}
        return [server for server in wanted if server not in has]

    def of(self, record: Record) -> Iterator[Sighting]:
        """The backups of a record, as they were seen last."""
        return (each for each in self.found.values() if each.record is record)

    @property
    def unsettled(self) -> list[Record]:
        """The records of this run of which not all is known to be available, in error or gone."""
        return [each for each in self.records.values() if not self._is_settled(each)]

    def _is_settled(self, record: Record) -> bool:
        facts = linked_pages()
        statuses = [each.backup.status for each in self.of(record)]
        if not statuses and record.id in self.alike:
            statuses = [self.alike[record.id].status]
        elif self.without(record):
            return False
        return bool(statuses) and facts.settled.union(facts.ending).issuperset(statuses)

    @property
    def progress(self) -> tuple[Progress, ...]:
        """How far each backup is that was seen, in the order of the executions."""
        found: list[Progress] = []
        for record in self.records.values():
            shown = [
                Progress(
                    record.id,
                    record.exchange,
                    each.backup.server,
                    each.backup.id,
                    each.backup.status,
                    each.settled - record.started if each.settled is not None else None,
                    each.backup.fail_reason,
                    each.stages,
                    each.exchange.ended - record.started,
                )
                for each in self.of(record)
            ]
            if not shown and record.id in self.alike:
                shown = [self.alike[record.id]]
            found += shown
        return tuple(found)

    @property
    def surplus(self) -> tuple[ListedRecord, ...]:
        """Records of the policy that came up during the run, and that no 200 of it brought.

        Empty too where it is not known what was there before.
        """
        first, latest = self.first, self.latest
        if not (first and latest and first.is_of_all and latest.is_of_all):
            return ()
        came = latest.records.keys() - first.records.keys() - self.records.keys()
        return tuple(shown for name, shown in latest.records.items() if name in came)


def _with(stages: tuple[Stage, ...], status: str, since: float) -> tuple[Stage, ...]:
    """The stages of a backup that is seen in a status, some seconds after its request."""
    is_new = not stages or stages[-1].status != status
    return (*stages, Stage(status, since)) if is_new and len(stages) < MOST_STAGES else stages


def _asked(call: Call) -> tuple[tuple[str, ...], bool | None]:
    """The servers that a request names, each once, and its `auto_trigger` where it has one."""
    try:
        asked = call.auto_trigger
        servers = tuple(dict.fromkeys(map(canonical, call.named_servers)))
    except NotKnown:
        return (), None
    return servers, asked if isinstance(asked, bool) else None
