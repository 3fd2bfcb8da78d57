"""What lists of backups say about a run, once it has ended: were its executions carried out?"""

from __future__ import annotations

from collections import Counter

from conformance.contract import Contract
from conformance.contract.clauses import Clause
from conformance.judge.deciding import decide
from conformance.judge.observations import Observations
from conformance.judge.verdicts import Finding
from conformance.model import Exchange, Fixtures, JournalFooter
from conformance.page.backup_list import LAG, BackupList
from conformance.page.function import (
    LATER,
    LISTED,
    OF_POLICY,
    REFUSED,
    SERVERS_ASKED,
    SERVERS_OF_POLICY,
    status_later,
)
from conformance.page.ids import canonical, same_id
from conformance.page.listing import Listing
from conformance.page.oracle import Expectation
from conformance.page.policy_list import policies
from conformance.page.record import Record
from conformance.page.registry import REGISTRY
from conformance.page.rounds import ROUNDS
from conformance.text import counted, named

BROKEN_OFF = (
    "the run was killed or its token renewed, and what came before may not have been seen, or have "
    "been deleted since"
)


def look(
    seen: Observations, contract: Contract, exchange: Exchange, expectation: Expectation
) -> None:
    """Judge what a list, or the record of an execution, shows of the executions so far."""
    for shown in seen.backups.take_in(exchange, expectation):
        for clause, judge in REGISTRY.backups.values():
            decide(seen, clause, judge, exchange, shown)
    if (later := seen.backups.status_of(exchange, expectation)) is not None:
        decide(seen, LATER, status_later, exchange, later[1], contract.record_statuses)


def settle_backups(seen: Observations, fixtures: Fixtures, footer: JournalFooter) -> None:
    """Judge what only all lists of a run together show."""
    lists = seen.backups
    if footer.renewals and lists.is_shown:
        for clause_id in {*REGISTRY.backups, *REGISTRY.lists} - {LATER.id}:
            seen.tallies[clause_id].blocked = BROKEN_OFF
    if not lists.shows_any:
        return
    gone = _perhaps_gone(lists, footer)
    _settle_listed(seen, lists, gone)
    for record in lists.records.values():
        _settle_servers(seen, lists, record, fixtures, gone)
    _settle_refused(seen, lists, was_broken_off=bool(footer.renewals))


def _perhaps_gone(lists: BackupList, footer: JournalFooter) -> frozenset[str]:
    """The records that may have been deleted before they were looked for: the run did not go on
    without a break. A renewed token is no break, but is not told from one.
    """
    last = max(footer.renewals, default=0.0)
    return frozenset(name for name, record in lists.records.items() if record.ended <= last)


def _settle_listed(seen: Observations, lists: BackupList, gone: frozenset[str]) -> None:
    missing = lists.missing
    found = len(lists.records) - len(missing)
    if found:
        seen.exercised(LISTED.id, found)
    for record in missing:
        listing = lists.alone.get(canonical(record.id))
        if listing is None or not _is_late(listing, record, gone):
            continue
        after = f"none, {listing.last.ended - record.ended:.0f} s later"
        expected = f"backups of {record.id}, which {record.exchange} brought"
        _found(seen, LISTED, listing.last, expected, after)
    latest = lists.latest
    for name, record in lists.records.items():
        if latest is None or record in missing:
            continue
        if name in latest.records:
            seen.exercised(OF_POLICY.id)
        elif _is_late(latest, record, gone):  # another list has it
            expected = f"{record.id} among the backups of the policy"
            _found(seen, OF_POLICY, latest.last, expected, "not there")


def _is_late(listing: Listing, record: Record, gone: frozenset[str]) -> bool:
    """Whether a list must show a record that had been brought when it was asked for."""
    is_there = canonical(record.id) not in gone
    return is_there and listing.is_of_all and listing.started >= record.ended + LAG


def _settle_servers(
    seen: Observations,
    lists: BackupList,
    record: Record,
    fixtures: Fixtures,
    gone: frozenset[str],
) -> None:
    """Judge of which servers a record has backups; one that might be refused decides nothing."""
    shown = list(lists.of(record))
    if not shown or not record.is_valid:
        return
    last = shown[-1].exchange
    servers = Counter(canonical(each.backup.server) for each in shown if each.backup.server)
    twice = sorted(server for server, times in servers.items() if times > 1)
    without = lists.without(record)
    known = _servers_of_policy(seen, fixtures)
    strange = sorted(servers.keys() - known) if known else []
    others = sorted(servers.keys() - set(record.servers) - set(strange)) if record.servers else []
    expected = f"one backup of each server for {record.id}, which {record.exchange} brought"
    if twice:
        _found(seen, SERVERS_ASKED, last, expected, f"two of {named(twice)}")
    elif others:
        expected = f"backups of {named(record.servers)} alone for {record.id}"
        _found(seen, SERVERS_ASKED, last, expected, f"one of {named(others)}")
    elif not without:
        seen.exercised(SERVERS_ASKED.id)
    elif (listing := _that_shows_all(lists, record, gone)) is not None:
        _found(seen, SERVERS_ASKED, listing.last, expected, f"none of {named(without)}")
    if strange:
        expected = f"servers of the policy alone for {record.id}"
        _found(seen, SERVERS_OF_POLICY, last, expected, f"a backup of {named(strange)}")
    elif known:
        seen.exercised(SERVERS_OF_POLICY.id)


def _that_shows_all(lists: BackupList, record: Record, gone: frozenset[str]) -> Listing | None:
    """A list that must show all backups of a record."""
    name = canonical(record.id)
    for listing in (lists.alone.get(name), lists.latest):
        if listing is not None and _is_late(listing, record, gone) and name in listing.records:
            return listing
    return None


def _servers_of_policy(seen: Observations, fixtures: Fixtures) -> frozenset[str]:
    """The servers of the policy, where its list tells them; empty where it does not."""
    for exchange in seen.policy_lists:
        for name, servers in (policies(exchange) or {}).items():
            if fixtures.plan_id is not None and same_id(name, fixtures.plan_id):
                return frozenset(map(canonical, servers))
    return frozenset()


def _settle_refused(seen: Observations, lists: BackupList, *, was_broken_off: bool) -> None:
    """Judge whether refused requests brought backups.

    What came up during a run may be somebody else's. Only a request after which there was one more
    each time that it was sent, with nothing else in between, is accused.
    """
    accused = [
        rounds
        for rounds in lists.rounds.done.values()
        if len(rounds) >= ROUNDS and all(each.came == each.times for each in rounds)
    ]
    for rounds in accused:
        times = sum(each.times for each in rounds)
        exchange = rounds[0].exchange
        expected = f"no backup after {exchange.outcome}"
        received = f"one more record each of {counted(times, 'time')} that it was sent"
        _found(seen, REFUSED, exchange, expected, received)
    first, latest = lists.first, lists.latest
    if accused or first is None or latest is None or first is latest:
        return
    if surplus := lists.surplus:
        told = [f"{each.id} ({each.created_at})" for each in surplus]
        what = f"{counted(len(told), 'record')} of the policy that no response brought"
        whose = "perhaps somebody else's"
        if was_broken_off:
            whose += ", or of responses that were lost when the run was killed"
        seen.doubt(REFUSED, f"{what}, {whose}: {named(told)}")
    elif first.is_of_all and latest.is_of_all:
        seen.exercised(REFUSED.id)


def _found(
    seen: Observations, clause: Clause, exchange: Exchange, expected: str, received: str
) -> None:
    seen.exercised(clause.id)
    seen.found(Finding(clause.id, exchange, expected, received))


def why_not_seen(clause: Clause, lists: BackupList) -> str:
    """Why nothing decided a clause that only another page's operation can show."""
    if clause is LATER:
        return "the target was not asked for a record, or shows none"
    if not lists.is_shown:
        came = lists.outcome
        return f"the target shows no list of backups: {came}" if came else "no list was asked for"
    if not lists.shows_any:
        return "the list of backups is empty, so that it may not be where they show"
    return "no list of backups showed it"
