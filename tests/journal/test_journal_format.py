"""What is written as a record is read back, whatever it is."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.journal.format import (
    body_of,
    body_part,
    exchange_of,
    exchange_to_record,
    fixtures_of,
    fixtures_to_record,
    footer_of,
    footer_to_record,
    header_of,
    header_to_record,
    request_of,
    request_part,
)
from conformance.journal.lines import (
    JOURNAL_LINE,
    AnyLine,
    BadRecord,
    Base64,
    ExchangeLine,
    FixturesPart,
    FooterLine,
    HeaderLine,
    Record,
    decoded,
    to_line,
    to_record,
)
from conformance.journal.saved_plan import PLAN_LINE, ProbeLine
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
urls = texts.map(lambda text: f"https://csbs.example.com/{text}")
requests = st.builds(Request, texts, urls, headers, bodies)
responses = st.builds(
    Response, st.integers(100, 999), texts, headers, bodies, undecodable=st.just("") | texts
)
failures = st.builds(TransportFailure, st.sampled_from(Failure), texts)
outcomes = st.one_of(st.tuples(responses, st.none()), st.tuples(st.none(), failures))
exchanges = st.builds(
    lambda name, request, outcome, started, duration, retry_of, probe: Exchange(
        name, request, outcome[0], outcome[1], started, duration, retry_of, probe
    ),
    *(texts, requests, outcomes, times, times, st.none() | texts, st.none() | texts),
)
fixtures = st.builds(
    Fixtures,
    urls,
    texts,
    st.one_of(st.none(), texts),
    st.one_of(st.none(), texts),
    st.lists(texts, max_size=3).map(tuple),
    st.frozensets(st.sampled_from(Token)),
    st.booleans(),
    st.one_of(st.none(), texts),
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


def written(record: Record) -> bytes:
    """The record as a line of a file."""
    line = to_line(record)
    assert line.endswith(b"\n")
    assert len(line.splitlines()) == 1
    assert line.isascii()
    return line


def read_back(record: Record) -> AnyLine:
    """The record after it was a line of a journal."""
    return decoded(written(record), JOURNAL_LINE)


@given(requests)
def test_a_request_is_read_back(request: Request) -> None:
    probe = ProbeLine("valid", "S200", request_part(request))
    back = decoded(written(to_record(probe)), PLAN_LINE)
    assert isinstance(back, ProbeLine)
    assert request_of(back.request) == request


@given(exchanges)
def test_an_exchange_is_read_back(exchange: Exchange) -> None:
    back = read_back(exchange_to_record(exchange))
    assert isinstance(back, ExchangeLine)
    assert exchange_of(back) == exchange


@given(fixtures)
def test_fixtures_are_read_back(given_fixtures: Fixtures) -> None:
    record = json.loads(written(fixtures_to_record(given_fixtures)))
    assert record["tokens"] == sorted(record["tokens"])
    assert fixtures_of(msgspec.convert(record, FixturesPart)) == given_fixtures


@given(journal_headers)
def test_a_header_is_read_back(header: JournalHeader) -> None:
    back = read_back(header_to_record(header))
    assert isinstance(back, HeaderLine)
    assert header_of(back) == header


@given(journal_footers)
def test_a_footer_is_read_back(footer: JournalFooter) -> None:
    back = read_back(footer_to_record(footer))
    assert isinstance(back, FooterLine)
    assert footer_of(back) == footer


@given(st.binary())
def test_every_byte_of_a_body_is_kept(body: bytes) -> None:
    text = json.dumps(msgspec.to_builtins(body_part(body)))
    assert body_of(msgspec.json.decode(text, type=str | Base64)) == body


def test_a_body_that_is_text_can_be_read_in_the_file() -> None:
    assert body_part('{"é": 1}'.encode()) == '{"é": 1}'
    assert body_part(b"\xff") == Base64("/w==")


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"x", b"1", b"[]", b"{}", b'{"kind": 1}', b"\xff", b"[" * 100_000, b"null"],
)
def test_a_line_of_another_kind_is_a_bad_record(line: bytes) -> None:
    with pytest.raises(BadRecord):
        decoded(line, JOURNAL_LINE)


@given(st.binary(max_size=30))
def test_any_line_is_a_record_or_a_bad_one(line: bytes) -> None:
    with pytest.raises(BadRecord):
        decoded(line, JOURNAL_LINE)


def test_only_a_body_that_cannot_be_decoded_says_so() -> None:
    sent = Request("POST", "https://csbs.example.com/", ())
    plain = Exchange("x1", sent, Response(200, "", (), b"{}"), None, 0.0, 0.0)
    assert set(exchange_to_record(plain)["response"]) == {"status", "reason", "headers", "body"}
