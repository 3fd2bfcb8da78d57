"""A journal that has a line of every kind, as bytes."""

from __future__ import annotations

from msgspec.structs import replace

from conformance.contract import load_contract
from conformance.journal.format import (
    deleting_to_record,
    deletion_to_record,
    exchange_to_record,
    footer_to_record,
    header_to_record,
)
from conformance.journal.lines import (
    PlanLine,
    RenewedLine,
    ResumedLine,
    SentLine,
    to_line,
    to_record,
)
from conformance.model import (
    Deletion,
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
    TransportFailure,
)

CONTRACT = load_contract()
ENDPOINT = "http://127.0.0.1:1"
URL = f"{ENDPOINT}/v1/p/providers/{CONTRACT.provider_id}/checkpoints"
FIXTURES = Fixtures(ENDPOINT, CONTRACT.provider_id, "p", "plan", ("s",), frozenset(Token))
HEADER = JournalHeader("0", CONTRACT.sha256, FIXTURES, "standard", 1, 1.7e9, only=("T6.*",))
FOOTER = JournalFooter(
    Ending.COMPLETE, 1.7e9 + 9, Spent(3, 9), Spent(0, 3), ("T6.id.unique",), (1.7e9 + 3,), ()
)
REQUEST = Request("POST", URL, (("X-Auth-Token", "{{token}}"),), b'{"a": 1}')
LATE = Exchange(
    *("x0001", REQUEST, None, TransportFailure(Failure.TIMEOUT, "5 s"), 1.7e9, 0.5),
    probe="T3.plan_id.type/1",
)
REFUSED = Exchange("x0002", REQUEST, Response(400, "No", (("A", "\xe9"),), b"\xff"), None, 1.7e9, 1)
AGAIN = replace(REFUSED, id="x0003", retry_of="x0001", probe="T3.plan_id.type/1")

DELETED = Exchange(
    *("d0001", Request("DELETE", f"{URL}/c", ()), Response(200, "OK", (), b"{}"), None, 1.7e9, 1)
)
DELETION = Deletion("d0001", "c", "x0002", DELETED)


def sent_line(exchange: Exchange) -> bytes:
    """The line that goes before an exchange."""
    return to_line(to_record(SentLine(exchange.id, exchange.request.digest)))


def exchange_line(exchange: Exchange) -> bytes:
    """The line of an exchange."""
    return to_line(exchange_to_record(exchange))


HEADER_LINE = to_line(header_to_record(HEADER))
FOOTER_LINE = to_line(footer_to_record(FOOTER))
DELETING_LINE = to_line(deleting_to_record(DELETION))
DELETION_LINE = to_line(deletion_to_record(DELETED))
RESUMED_LINE = to_line(to_record(ResumedLine(1.7e9 + 3)))
LINES = [
    HEADER_LINE,
    to_line(to_record(PlanLine("0" * 64))),
    sent_line(LATE),
    sent_line(REFUSED),
    exchange_line(REFUSED),
    exchange_line(LATE),
    to_line(to_record(RenewedLine(1.7e9 + 2, rejected=True))),
    FOOTER_LINE,
    DELETING_LINE,
    DELETION_LINE,
    RESUMED_LINE,
    sent_line(AGAIN),
    exchange_line(AGAIN),
    FOOTER_LINE,
]
