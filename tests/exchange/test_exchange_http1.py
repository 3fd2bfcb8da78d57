"""A request as it is written: as h11 writes it, and refused where h11 refuses it."""

from __future__ import annotations

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.exchange.http1 import written

Lines = list[tuple[bytes, bytes]]
HOST = (b"Host", b"csbs.example.com")
FRAMING = frozenset({b"host", b"content-length", b"transfer-encoding"})
names = st.binary(min_size=1, max_size=6) | st.sampled_from([b"X-Auth-Token", b"x-y", b"Accept"])
values = st.binary(max_size=8) | st.sampled_from([b"", b"a b", b"a\tb", b" a", b"a ", "é".encode()])
fields = st.tuples(names, values).filter(lambda field: field[0].lower() not in FRAMING)
targets = st.text(max_size=8) | st.sampled_from(["/v1/a?b=c", "http://other.example.com/"])


def by_h11(method: str, target: str, lines: Lines) -> bytes | None:
    """What h11 writes; None where it refuses to."""
    try:
        request = h11.Request(method=method, target=target, headers=lines)
        return h11.Connection(h11.CLIENT).send(request)
    except (h11.LocalProtocolError, UnicodeEncodeError):
        return None


def by_us(method: str, target: str, lines: Lines) -> bytes | None:
    try:
        return written(method, target, lines)
    except h11.LocalProtocolError:
        return None


@given(st.sampled_from(["GET", "POST", "P ST", ""]), targets, st.lists(fields, max_size=4))
@example("POST", "/", [(b"X-Auth-Token", b"a\r\nX-Other: b")])
@example("POST", "/", [(b"X-Auth-Token", b"a\nb")])
@example("POST", "/", [(b"X-Auth-Token", b"\0")])
@example("POST", "/ HTTP/1.1\r\nX-Other: b\r\n", [])
def test_a_request_is_written_as_h11_writes_it(method: str, target: str, more: Lines) -> None:
    lines = [HOST, *more]
    assert by_us(method, target, lines) == by_h11(method, target, lines)


def test_what_is_no_request_is_refused() -> None:
    with pytest.raises(h11.LocalProtocolError):
        written("POST", "/", [HOST, (b"X-Auth-Token", b"one\r\nX-Other: two")])
