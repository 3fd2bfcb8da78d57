"""Targets whose responses are cheap to send and dear to read, one after the other.

They are right in between, so that no run gives them up; each is read within limits on what is read.
"""

from __future__ import annotations

import gzip
import json
import zlib
from functools import lru_cache

from hostile_server import CONFORMS, INCONCLUSIVE, VIOLATES, Talk, behaviour, head, whole, wire

MIB = 1024 * 1024
CHUNKED = ("Transfer-Encoding", "chunked")
STANDARD = ("--time-limit", "200")
SHORTEST_1XX = b"HTTP/1.1 100 \r\n\r\n"
EMPTY_MEMBER = gzip.compress(b"", 9, mtime=0)


@lru_cache
def empty_members() -> bytes:
    """A kilobyte or so that becomes fifty thousand empty members of gzip."""
    return zlib.compress(EMPTY_MEMBER * 50_000, 9)


@lru_cache
def packed_often() -> bytes:
    """Five codings on top of each other, each nearly as large as may be."""
    body = b'{"error_code": "' + b"\\u0001" * (MIB // 6 - 200) + b'"}'
    for _ in range(5):
        body = gzip.compress(body, 0)
    return body


@behaviour(INCONCLUSIVE, options=STANDARD, takes=5.0)
def half_a_million_members(talk: Talk) -> None:
    """Packs fifty thousand empty members into a kilobyte, in every response."""
    for _ in talk.requests():
        talk.send(whole(empty_members(), 400, ("Content-Encoding", "gzip, deflate")))


@behaviour(VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def five_codings(talk: Talk) -> None:
    """Refuses right, in five codings and nearly a megabyte of escapes."""
    for request in talk.requests():
        response = talk.right(request)
        if response.status == 200:
            talk.send(wire(response))
        else:
            gzips = ("Content-Encoding", ",".join(["gzip"] * 5))
            talk.send(whole(packed_often(), response.status, gzips))


@behaviour(CONFORMS, VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def chunks_of_one_byte(talk: Talk) -> None:
    """Sends right bodies with 150,000 spaces behind them, each byte a chunk of its own."""
    for request in talk.requests():
        response = talk.right(request)
        body = response.body + b" " * 150_000
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
        talk.send(head(response.status, CHUNKED), chunks, b"0\r\n\r\n")


@behaviour(CONFORMS, VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def extensions_of_chunks(talk: Talk) -> None:
    """Sends right bodies in chunks of one byte with an extension of 60 kB each."""
    extension = b";x=" + b"y" * 60_000
    for request in talk.requests():
        response = talk.right(request)
        chunks = b"".join(b"1%b\r\n%c\r\n" % (extension, byte) for byte in response.body)
        talk.send(head(response.status, CHUNKED), chunks, b"0\r\n\r\n")


@behaviour(CONFORMS, VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def trailers_of_90_kb(talk: Talk) -> None:
    """Sends right bodies with 15,000 trailers behind them."""
    trailers = b"a:b\r\n" * 15_000
    for request in talk.requests():
        response = talk.right(request)
        chunk = b"%x\r\n%b\r\n" % (len(response.body), response.body)
        talk.send(head(response.status, CHUNKED), chunk, b"0\r\n", trailers, b"\r\n")


@behaviour(VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def many_1xx_every_other_time(talk: Talk) -> None:
    """Sends a hundred thousand of the shortest interim responses before every other right one."""
    for request in talk.requests():
        if talk.number % 2:
            talk.send(SHORTEST_1XX * 100_000)
        talk.send(wire(talk.right(request)))


@behaviour(VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def as_many_fields_as_are_taken(talk: Talk) -> None:
    """Sends 9,000 header fields with every right response."""
    fields = [(f"a{number}", "") for number in range(9000)]
    for request in talk.requests():
        talk.send(wire(talk.right(request), *fields))


def _refusing(talk: Talk, body: bytes) -> None:
    for request in talk.requests():
        response = talk.right(request)
        is_right = response.status == 200
        talk.send(wire(response) if is_right else whole(body, response.status))


@behaviour(VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def lines_of_a_trace(talk: Talk) -> None:
    """Refuses right, with nearly a megabyte of what a stack trace may begin with."""
    _refusing(talk, b'File "x' * (MIB // 14 - 100) + b"\n" * (MIB // 2 - 1000))


@behaviour(VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def deep_and_wide_and_wrong(talk: Talk) -> None:
    """Refuses right, with a megabyte of JSON, 900 levels deep, that is wrong in its last place."""
    inner = b"[" * 900 + b"[1e9,[]]," * (MIB // 9 - 500) + b"x" + b"]" * 900
    _refusing(talk, inner)


@behaviour(VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def names_twice_all_over(talk: Talk) -> None:
    """Refuses right, with 50,000 objects that have a name twice, another one each."""
    body = b",".join(b'{"%d":0,"%d":1}' % (n, n) for n in range(45_000))
    _refusing(talk, b'{"error_code":[' + body + b"]}")


@behaviour(VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def numbers_of_999_digits(talk: Talk) -> None:
    """Refuses right, with a thousand numbers of 999 digits."""
    _refusing(talk, b'{"error_code":[' + b",".join([b"7" * 999] * 1000) + b"]}")


@behaviour(VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def moments_in_very_many_words(talk: Talk) -> None:
    """Says in half a megabyte of words when a backup was made."""
    for request in talk.requests():
        response = talk.right(request)
        body = json.loads(response.body or b"{}")
        if response.status == 200 and "checkpoint" in body:
            body["checkpoint"]["created_at"] = "a-" * (MIB // 4)
            talk.send(whole(json.dumps(body).encode()))
        else:
            talk.send(wire(response))
