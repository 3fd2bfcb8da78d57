"""Any bytes from a target are a response or a failure, and the judge and the reports bear them."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import threading
from collections.abc import Iterator
from functools import lru_cache

import pytest
from emulated import emulated_fixtures
from fuzz_values import json_values, pieced
from hypothesis import example, given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.contract import load_contract
from conformance.credentials.placeholders import Secrets
from conformance.emulator import World
from conformance.exchange.client import Client, Connection
from conformance.journal.format import exchange_of, exchange_to_record
from conformance.journal.lines import JOURNAL_LINE, ExchangeLine, decoded, to_line
from conformance.judge.run import Judge
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Token,
    TransportFailure,
)
from conformance.plan.planner import Planner, Profile
from conformance.report.model import Report
from conformance.report.write import REPORTS

KNOWN = World.default().fixtures()
TOKEN = str(KNOWN["token"])
SECRETS = Secrets({Token.GOOD: TOKEN})
FIXTURES = emulated_fixtures()
HEADER = JournalHeader("0", load_contract().sha256, FIXTURES, "standard", 1, 1.7e9)
FOOTER = JournalFooter(Ending.COMPLETE, 1.7e9 + 9, Spent(9, 250), Spent(3, 10))
FRAGMENTS = [
    *(
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 400 No\r\n",
        b"HTTP/1.0 200\r\n",
        b"HTTP/1.1 100 C\r\n\r\n",
    ),
    *(b"HTTP/1.1 999 \xff\r\n", b"HTTP/1.1 0 X\r\n", b"HTTP/2 200\r\n", b"HTTP/1.1  20 0\r\n"),
    *(b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Content-Length: 5, 5\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n"),
    *(b"Content-Encoding: gzip\r\n", b"Content-Encoding: deflate,gzip,x\r\n", b": empty\r\n"),
    *(b"Connection: close\r\n", b"X: \x00\x1b\r\n", b" folded\r\n", b"Retry-After: 0\r\n"),
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"5\r\nabcde\r\n",
        b"0\r\n\r\n",
        b"fffffffffffffffff\r\n",
        b"5;x=y\r\n",
    ),
    *(b"{}", b'{"checkpoint": {}}', b"\x1f\x8b\x08\x00\x00\x00\x00\x00", TOKEN.encode()),
]


class AnyBytes:
    """A server on a socket that answers every connection with `data` and closes it."""

    def __init__(self) -> None:
        self.data = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(self.data)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture(scope="module")
def server() -> Iterator[AnyBytes]:
    serving = AnyBytes()
    yield serving
    serving.close()


async def sent(url: str) -> Response | TransportFailure:
    async with Client(Connection(timeout=20), tls=False, permitted=None) as client:
        return await client.send("GET", url, [("X-Auth-Token", TOKEN)], b"")


@settings(max_examples=examples(250))
@given(data=pieced(FRAGMENTS))
@example(data=b"")
@example(data=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
def test_any_bytes_are_an_answer_or_a_failure(server: AnyBytes, data: bytes) -> None:
    server.data = data
    outcome = asyncio.run(sent(server.url))
    if isinstance(outcome, TransportFailure):
        assert outcome.kind is not Failure.TIMEOUT
        assert TOKEN not in SECRETS.redact(outcome.detail)
        return
    clean = SECRETS.redact_response(outcome)
    exchange = Exchange("x1", Request("GET", server.url, ()), clean, None, 1.7e9, 0.1)
    line = to_line(exchange_to_record(exchange))
    back = decoded(line, JOURNAL_LINE)
    assert isinstance(back, ExchangeLine)
    assert exchange_of(back) == exchange
    assert TOKEN.encode() not in line


@lru_cache(maxsize=1)
def planned() -> list[Request]:
    planner = Planner(
        load_contract(), FIXTURES, profile=Profile.STANDARD, seed=1, max_executions=10
    )
    return [probe.request for probe in planner.directed.probes]


@st.composite
def records(draw: st.DrawFn) -> bytes:
    """Answers like those of the page, with values that are not."""
    ids = st.sampled_from([*KNOWN["resources"], KNOWN["plan_id"], KNOWN["project_id"]])
    value = ids | json_values
    names = ["id", "status", "created_at", "project_id", "resource_graph", "extra_info"]
    checkpoint = draw(st.dictionaries(st.sampled_from(names) | st.text(max_size=4), value))
    if draw(st.booleans()):
        resources = draw(st.lists(st.fixed_dictionaries({"id": value, "name": value}), max_size=2))
        plan = {
            "id": draw(value),
            "name": draw(value),
            "resources": draw(value | st.just(resources)),
        }
        checkpoint["protection_plan"] = draw(st.just(plan) | value)
    whole = {"checkpoint": checkpoint, "error_code": draw(value), "error_msg": draw(value)}
    return json.dumps(draw(st.just(whole) | value)).encode()


latin1 = st.text(st.characters(max_codepoint=255), max_size=12)
names = ["Content-Type", "Date", "Retry-After", "Content-Encoding", "Location", "Set-Cookie"]
values = ["application/json", "Thu, 99 Foo 2024", "1e9", "-5", "application/json; charset=x"]
headers = st.lists(
    st.tuples(st.sampled_from(names) | latin1, st.sampled_from(values) | latin1), max_size=4
).map(tuple)
statuses = st.sampled_from([200, 201, 400, 401, 403, 404, 429, 500, 503]) | st.integers(0, 9999)
responses = st.builds(Response, statuses, latin1, headers, records() | st.binary(max_size=30))
failures = st.builds(TransportFailure, st.sampled_from(Failure), latin1)
spans = st.floats(0, 1e9)


@st.composite
def exchanges(draw: st.DrawFn) -> list[Exchange]:
    found: list[Exchange] = []
    for place in range(draw(st.integers(1, 6))):
        request = draw(st.sampled_from(planned()))
        came = draw(responses | responses | failures)
        earlier = [each.id for each in found if each.request == request]
        is_answer = isinstance(came, Response)
        found.append(
            Exchange(
                f"x{place}",
                request,
                came if isinstance(came, Response) else None,
                None if is_answer else came,  # type: ignore[arg-type]
                1.7e9 + draw(spans),
                draw(spans),
                earlier[0] if earlier else None,
            )
        )
    return found


@settings(max_examples=examples(120))
@given(exchanges())
def test_the_judge_and_the_reports_bear_any_answers(came: list[Exchange]) -> None:
    judge = Judge(load_contract(), HEADER)
    for exchange in came:
        judge.observe(exchange)
    judgement = judge.conclude(FOOTER)
    report = Report(HEADER, FOOTER, came, judgement, 1, False, ())
    for write in REPORTS.values():
        file = io.StringIO()
        write(report, file)
        file.getvalue().encode("utf-8")
