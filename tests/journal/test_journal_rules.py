"""What may stand in a journal, and where: each rule with a journal that breaks it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from journal_lines import (
    AGAIN,
    DELETING_LINE,
    DELETION,
    DELETION_LINE,
    FOOTER_LINE,
    HEADER_LINE,
    LATE,
    LINES,
    REFUSED,
    RESUMED_LINE,
    exchange_line,
    sent_line,
)

from conformance.errors import UsageError
from conformance.journal.reader import NothingSent, read_journal, read_past
from conformance.journal.seen import Ids
from conformance.model import Ending
from conformance.streams import BYTE_ORDER_MARK


def written(directory: Path, *lines: bytes) -> Path:
    path = directory / "journal.ndjson"
    path.write_bytes(b"".join(lines))
    return path


def changed(line: bytes, **changes: Any) -> bytes:
    return json.dumps({**json.loads(line), **changes}).encode() + b"\n"


def without(line: bytes, name: str) -> bytes:
    return json.dumps({k: v for k, v in json.loads(line).items() if k != name}).encode() + b"\n"


LATE_LINE, SENT = exchange_line(LATE), sent_line(LATE)
REFUSED_LINES = {
    "no header": ([SENT, LATE_LINE], 1, "does not begin with its header"),
    "a second header": ([HEADER_LINE, HEADER_LINE], 2, "a second header"),
    "an empty line": ([HEADER_LINE, b"\n", FOOTER_LINE], 2, "it is empty"),
    "an id twice": ([HEADER_LINE, LATE_LINE, LATE_LINE], 3, "a second exchange with that id"),
    "sent twice": ([HEADER_LINE, SENT, SENT], 3, "a request with that id stands before it"),
    "sent behind its exchange": (
        [HEADER_LINE, sent_line(REFUSED), LATE_LINE], 3, "not noted as sent",
    ),
    "sent lines that begin late": (
        [HEADER_LINE, LATE_LINE, sent_line(REFUSED)], 3, "exchanges before it were not noted",
    ),
    "a repetition of nothing": ([HEADER_LINE, exchange_line(AGAIN)], 2, "does not stand before it"),
    "a repetition of itself": (
        [HEADER_LINE, exchange_line(replace(AGAIN, retry_of=AGAIN.id))], 2, "does not stand before",
    ),
    "a line behind the footer": ([HEADER_LINE, FOOTER_LINE, SENT], 3, "behind the footer"),
    "two footers": ([HEADER_LINE, FOOTER_LINE, FOOTER_LINE], 3, "behind the footer"),
    "a deletion of what nothing brought": (
        [HEADER_LINE, LATE_LINE, DELETING_LINE], 3, "deletes what no exchange before it brought",
    ),
    "a deletion twice": (
        [HEADER_LINE, exchange_line(REFUSED), DELETING_LINE, DELETING_LINE], 4, "second deletion",
    ),
    "a deletion that was not noted": ([HEADER_LINE, DELETION_LINE], 2, "was not noted before"),
    "a deletion that came to its end twice": (
        [HEADER_LINE, exchange_line(REFUSED), DELETING_LINE, DELETION_LINE, DELETION_LINE],
        5, "was not noted before",
    ),
    "a resumption at no time": (
        [HEADER_LINE, RESUMED_LINE.replace(b"1700000003.0", b"1e999")], 2, "out of range",
    ),
    "another kind": ([HEADER_LINE, changed(SENT, kind="noted")], 2, "Invalid value 'noted'"),
    "no kind": ([HEADER_LINE, without(SENT, "kind")], 2, "missing required field `kind`"),
    "a field nobody knows": ([HEADER_LINE, changed(SENT, why="x")], 2, "unknown field `why`"),
    "a fixture nobody knows": (
        [changed(HEADER_LINE, fixtures={"endpoint": "http://a", "provider_id": "p", "zone": 1})],
        1, "unknown field `zone`",
    ),
    "a status of four digits": (
        [HEADER_LINE, exchange_line(REFUSED).replace(b'"status":400', b'"status":4000')],
        2, "<= 999",
    ),
    "bytes that are no text": (
        [HEADER_LINE, SENT.replace(b"x0001", b"\xff")], 2, "(it is not UTF-8)",
    ),
    "NaN and a lone surrogate": (
        [HEADER_LINE, changed(LATE_LINE, started=float("nan"), id="\ud800")], 2, "NaN is no number",
    ),
    "a mark before a later line": ([HEADER_LINE, BYTE_ORDER_MARK + SENT], 2, "malformed"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_LINES)
def test_what_breaks_a_rule_is_refused_with_its_line_and_the_reason(
    name: str, tmp_path: Path
) -> None:
    lines, number, reason = REFUSED_LINES[name]
    path = written(tmp_path, *lines)
    with pytest.raises(UsageError) as raised:
        read_journal(path)
    told = str(raised.value)
    assert told.startswith(f"{path}: line {number} is no journal line (")
    assert reason in told
    assert told.isprintable()
    with pytest.raises(UsageError) as again:
        read_past(path)
    assert str(again.value) == told


def test_a_journal_with_a_line_of_every_kind_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, *LINES)
    journal, past = read_journal(path), read_past(path)
    assert journal.exchanges == (REFUSED, LATE, AGAIN)
    assert [exchange.probe for exchange in journal.exchanges] == [None, LATE.probe, AGAIN.probe]
    assert journal.footer.ending is Ending.COMPLETE
    assert [*journal.deletions] == past.deletions == [DELETION]
    assert (past.sent, past.lost, past.plans) == (3, {}, {"0" * 64})
    assert (past.renewals, past.fresh) == ([1.7e9 + 2, 1.7e9 + 3], [1.7e9 + 2])
    assert past.whole_bytes == past.total_bytes == path.stat().st_size


def test_deletions_stand_behind_the_end_of_a_run(tmp_path: Path) -> None:
    behind = (DELETING_LINE, DELETION_LINE)
    ended = read_journal(
        written(tmp_path, HEADER_LINE, exchange_line(REFUSED), FOOTER_LINE, *behind)
    )
    assert ended.footer.ending is Ending.COMPLETE
    assert ended.exchanges == (REFUSED,)
    cut_off = read_journal(written(tmp_path, *LINES[:9]))
    assert [each.exchange for each in cut_off.deletions] == [None]


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    path = written(tmp_path, BYTE_ORDER_MARK, *LINES)
    assert read_journal(path).exchanges == (REFUSED, LATE, AGAIN)
    assert read_past(path).whole_bytes == path.stat().st_size


def test_a_run_that_was_killed_after_it_went_on_has_no_end(tmp_path: Path) -> None:
    path = written(tmp_path, *LINES[:-1])
    assert read_journal(path).footer.ending is Ending.INTERRUPTED


def test_older_journals_have_no_probes_and_fewer_fields(tmp_path: Path) -> None:
    old = [
        without(without(HEADER_LINE, "max_requests"), "max_executions"),
        without(LATE_LINE, "probe"),
        reduce(without, ("renewals", "fresh", "enough_requests", "enough_time"), FOOTER_LINE),
    ]
    journal = read_journal(written(tmp_path, *old))
    assert [exchange.probe for exchange in journal.exchanges] == [None]
    assert (journal.header.max_requests, journal.footer.renewals) == (0, ())


@pytest.mark.parametrize("content", [b"", b'{"kind":"hea', BYTE_ORDER_MARK])
def test_where_nothing_was_sent_nothing_goes_on(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(NothingSent, match="nothing was sent in that run; run it anew"):
        read_past(written(tmp_path, content))


NAMES = ["x0001", "x1", "x001", "001", "1", "", "x", "x0", "x0001\u0661", "\u0661\u0661\u0661"]


def test_ids_are_told_apart_however_they_are_spelt() -> None:
    seen = Ids()
    assert not seen
    for place, name in enumerate(NAMES):
        assert [other in seen for other in NAMES] == [other < place for other in range(len(NAMES))]
        seen.add(name)
        assert seen


def test_ids_that_count_on_take_little_memory() -> None:
    seen = Ids()
    for number in range(10_000):
        seen.add(f"x{number:07}")
    assert len(seen._blocks) == 10
