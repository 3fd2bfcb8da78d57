"""The journal gives back what was written, and says so when it cannot."""

from __future__ import annotations

import json
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from exchange_helpers import fixtures_of
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.errors import UsageError
from conformance.journal.reader import read_journal
from conformance.journal.writer import JournalWriter
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    Journal,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Tolerances,
    TransportFailure,
)

HEADER = JournalHeader(
    suite="0.0",
    contract="0" * 64,
    fixtures=fixtures_of("http://127.0.0.1:1"),
    profile="standard",
    seed=3,
    started_at=1_700_000_000.25,
    tolerances=Tolerances(clock=10.0),
    only=("T6.*", "S.*"),
)
FOOTER = JournalFooter(
    Ending.EXECUTIONS, 1_700_000_009.5, Spent(7, 250), Spent(3, 3), ("S200.executed",)
)
REQUEST = Request("POST", "http://127.0.0.1:1/v1", (("X-Auth-Token", "{{token}}"),), b'{"a": 1}')
ANSWERED = Exchange(
    "x0001", REQUEST, Response(200, "OK", (("A", "\xe9"),), b"{}"), None, 1_700_000_001.5, 0.25
)
LOST = Exchange(
    "x0002", REQUEST, None, TransportFailure(Failure.CLOSED, "why"), 1_700_000_002.5, 0.5, "x0001"
)


def write(path: Path, *exchanges: Exchange) -> Path:
    with JournalWriter(path, HEADER) as journal:
        for exchange in exchanges:
            journal.sent(exchange.id, exchange.request.digest, may_execute=True)
            journal.completed(exchange)
        journal.ended(FOOTER)
    return path


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_journal_gives_back_header_exchanges_and_footer(tmp_path: Path) -> None:
    path = write(tmp_path / "journal.ndjson", ANSWERED, LOST)
    assert read_journal(path) == Journal(HEADER, (ANSWERED, LOST), FOOTER)


latin1 = st.text(st.characters(max_codepoint=255))
headers = st.lists(st.tuples(latin1, latin1), max_size=3).map(tuple)
moments = st.floats(0, 1e10, allow_nan=False)
urls = st.text().map(lambda text: f"http://127.0.0.1:1/{text}")
requests = st.builds(Request, st.sampled_from(["GET", "POST"]), urls, headers, st.binary())
responses = st.builds(Response, st.integers(100, 999), latin1, headers, st.binary())
failures = st.builds(TransportFailure, st.sampled_from(Failure), st.text())


@st.composite
def runs(draw: st.DrawFn) -> list[Exchange]:
    """Exchanges as a run has them: each with an id of its own, some repeating one before."""
    ids = draw(st.lists(st.from_regex(r"x[0-9]{4}", fullmatch=True), max_size=5, unique=True))
    return [
        Exchange(
            name,
            draw(requests),
            came if isinstance(came, Response) else None,
            came if isinstance(came, TransportFailure) else None,
            draw(moments),
            draw(moments),
            draw(st.sampled_from([None, *ids[:place]])),
            draw(st.none() | st.text()),
        )
        for place, name in enumerate(ids)
        for came in [draw(responses | failures)]
    ]


@settings(database=None, deadline=None, max_examples=examples(150))
@given(written=runs())
def test_any_exchange_comes_back_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, written: list[Exchange]
) -> None:
    path = tmp_path_factory.mktemp("journal", numbered=True) / "journal.ndjson"
    assert list(read_journal(write(path, *written)).exchanges) == written


def test_only_the_user_can_read_a_journal(tmp_path: Path) -> None:
    path = write(tmp_path / "journal.ndjson", ANSWERED)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_journal_replaces_an_old_one(tmp_path: Path) -> None:
    path = write(tmp_path / "journal.ndjson", ANSWERED, LOST)
    assert list(read_journal(write(path, ANSWERED)).exchanges) == [ANSWERED]


def test_a_new_journal_is_private_even_where_an_old_one_was_not(tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    path.touch(mode=0o644)
    write(path, ANSWERED)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_line_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    with JournalWriter(path, HEADER) as journal:
        assert [line["kind"] for line in lines_of(path)] == ["header"]
        journal.sent("x0001", REQUEST.digest, may_execute=True)
        assert lines_of(path)[1:] == [{"kind": "sent", "id": "x0001", "request": REQUEST.digest}]
        journal.completed(ANSWERED)
        journal.ended(FOOTER)
        assert [line["kind"] for line in lines_of(path)] == ["header", "sent", "exchange", "footer"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: b"",
        lambda text: b"\n",
        lambda text: b"no journal\n",
        lambda text: b"\xff\xfe\x00",
        lambda text: b"[]\n",
        lambda text: b"{}\n",
        lambda text: b'{"kind": "header"}\n',
        lambda text: b"[" * 100_000,
        lambda text: text[:-1][: len(text) // 2],
        lambda text: text[:-20],
        lambda text: text[text.index(b"\n") + 1 :],
        lambda text: text.replace(b'"status":200', b'"status":"ok"'),
        pytest.param(
            lambda text: text.replace(b'"status":200', b'"status":Infinity'),
        ),
        lambda text: text.replace(b'"CLOSED"', b'"TIRED"'),
        lambda text: text.replace(b'"EXECUTIONS"', b'"ENOUGH"'),
        lambda text: text.replace(b'"tokens"', b'"tickets"'),
        lambda text: text.replace(b'"headers"', b'"heads"'),
    ],
)
def test_a_torn_or_foreign_file_is_reported_in_one_line(tmp_path: Path, damage: Any) -> None:
    path = write(tmp_path / "journal.ndjson", ANSWERED, LOST)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UsageError) as raised:
        read_journal(path)
    assert str(path) in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_journal_without_a_footer_is_that_of_an_interrupted_run(tmp_path: Path) -> None:
    path = write(tmp_path / "journal.ndjson", ANSWERED)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    footer = read_journal(path, ["S200.executed"]).footer
    assert (footer.ending, footer.unsent) == (Ending.INTERRUPTED, ("S200.executed",))


@pytest.mark.parametrize("name", ["absent", "."])
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"give a (readable )?file"):
        read_journal(tmp_path / name)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "journal.ndjson"
    return write(path, ANSWERED, LOST).read_bytes()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "journal.ndjson"


@settings(database=None, deadline=None, max_examples=examples(300))
@given(at=st.integers(0, 1 << 20), length=st.integers(0, 40), instead=st.binary(max_size=8))
def test_a_damaged_journal_is_read_or_reported(
    whole: bytes, scratch: Path, at: int, length: int, instead: bytes
) -> None:
    place = at % len(whole)
    scratch.write_bytes(whole[:place] + instead + whole[place + length :])
    with suppress(UsageError):
        read_journal(scratch)


VALUES: list[Any] = [None, True, 0, -1, 1.5, "", "any", [], [1], {}, {"a": 1}]


@settings(database=None, deadline=None, max_examples=examples(400))
@given(data=st.data(), value=st.sampled_from(VALUES))
def test_a_journal_with_a_value_of_another_type_is_read_or_reported(
    whole: bytes, scratch: Path, data: st.DataObject, value: Any
) -> None:
    lines = [json.loads(line) for line in whole.splitlines()]
    place: Any = data.draw(st.sampled_from(lines))
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not (isinstance(place[key], dict) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = value
    scratch.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with suppress(UsageError):
        read_journal(scratch)


@pytest.mark.parametrize("value", [[], {}, 0, "", False])
@pytest.mark.parametrize("name", ["response", "failure"])
def test_an_answer_that_is_none_is_reported(
    name: str, value: Any, whole: bytes, scratch: Path
) -> None:
    lines = [json.loads(line) for line in whole.splitlines()]
    exchange = next(line for line in lines if line["kind"] == "exchange")
    exchange[name] = value
    scratch.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(UsageError):
        read_journal(scratch)
