"""What is written as a record is read back, whatever it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.journal.format import (
    BadRecord,
    Record,
    body_from_record,
    body_to_record,
    exchange_from_record,
    exchange_to_record,
    fixtures_from_record,
    fixtures_to_record,
    footer_from_record,
    footer_to_record,
    from_line,
    header_from_record,
    header_to_record,
    request_from_record,
    request_to_record,
    to_line,
)
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    Fixtures,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Token,
    Tolerances,
    TransportFailure,
)

texts = st.text(st.one_of(st.characters(), st.sampled_from("\ud800\u2028\n\r\x85")), max_size=12)
times = st.floats(0, 1e10)
headers = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
bodies = st.one_of(st.binary(max_size=40), st.text(max_size=20).map(str.encode))
requests = st.builds(Request, texts, texts, headers, bodies)
responses = st.builds(Response, st.integers(100, 999), texts, headers, bodies)
failures = st.builds(TransportFailure, st.sampled_from(Failure), texts)
outcomes = st.one_of(st.tuples(responses, st.none()), st.tuples(st.none(), failures))
exchanges = st.builds(
    lambda name, request, outcome, started, duration, retry_of: Exchange(
        name, request, outcome[0], outcome[1], started, duration, retry_of
    ),
    *(texts, requests, outcomes, times, times, st.one_of(st.none(), texts)),
)
fixtures = st.builds(
    Fixtures,
    texts,
    texts,
    st.one_of(st.none(), texts),
    st.one_of(st.none(), texts),
    st.lists(texts, max_size=3).map(tuple),
    st.frozensets(st.sampled_from(Token)),
    st.booleans(),
)
names = st.lists(texts, max_size=3).map(tuple)
journal_headers = st.builds(
    JournalHeader,
    *(texts, texts, fixtures, texts, st.integers(), times),
    tolerances=st.builds(Tolerances, times),
    only=names,
)
spent = st.builds(Spent, st.integers(0), st.integers(0))
journal_footers = st.builds(JournalFooter, st.sampled_from(Ending), times, spent, spent, names)


def written(record: Record) -> Record:
    """The record after it was a line of a file."""
    line = to_line({"kind": "x", **record})
    assert line.endswith(b"\n")
    assert len(line.splitlines()) == 1
    assert line.isascii()
    return from_line(line)


@given(requests)
def test_a_request_is_read_back(request: Request) -> None:
    back = request_from_record(written(request_to_record(request)))
    assert back == request


@given(exchanges)
def test_an_exchange_is_read_back(exchange: Exchange) -> None:
    assert exchange_from_record(written(exchange_to_record(exchange))) == exchange


@given(fixtures)
def test_fixtures_are_read_back(given_fixtures: Fixtures) -> None:
    record = written(fixtures_to_record(given_fixtures))
    del record["kind"]
    assert fixtures_from_record(record) == given_fixtures


@given(journal_headers)
def test_a_header_is_read_back(header: JournalHeader) -> None:
    assert header_from_record(written(header_to_record(header))) == header


@given(journal_footers)
def test_a_footer_is_read_back(footer: JournalFooter) -> None:
    assert footer_from_record(written(footer_to_record(footer))) == footer


@given(st.binary())
def test_every_byte_of_a_body_is_kept(body: bytes) -> None:
    assert body_from_record(json.loads(json.dumps(body_to_record(body)))) == body


def test_a_body_that_is_text_can_be_read_in_the_file() -> None:
    assert body_to_record('{"é": 1}'.encode()) == '{"é": 1}'
    assert body_to_record(b"\xff") == {"base64": "/w=="}


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"x", b"1", b"[]", b"{}", b'{"kind": 1}', b"\xff", b"[" * 100_000, b"null"],
)
def test_a_line_of_another_kind_is_a_bad_record(line: bytes) -> None:
    with pytest.raises(BadRecord):
        from_line(line)


@given(st.binary(max_size=30))
def test_any_line_is_a_record_or_a_bad_one(line: bytes) -> None:
    with pytest.raises(BadRecord):
        from_line(line)
