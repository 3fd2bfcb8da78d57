"""Targets that break HTTP itself: status lines, header fields, chunks and lengths."""

from __future__ import annotations

from hostile_server import (
    CONFORMS,
    INCONCLUSIVE,
    PROMPT,
    VIOLATES,
    Talk,
    behaviour,
    head,
    whole,
    wire,
)

STANDARD = ("--time-limit", "60")
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
CHUNKED = ("Transfer-Encoding", "chunked")
ENDLESS = (
    (b"", b"1\r\nx\r\n" * 1000),
    (b"2;x=", b"y" * 10_000),
    (b"2\r\n{}\r\n0\r\n", b"X-Another: one\r\n" * 1000),
)
STATUS_LINES = (
    b"HTTP/1.1 20 OK",
    b"HTTP/1.1 2000 OK",
    b"HTTP/1.1 -20 OK",
    b"HTTP/1.1 OK 200",
    b"HTTP/9.9 200 OK",
    b"HTTP/1.1  200 OK",
    b"HTTP/1.1 200 " + b"O" * 50_000,
    b"\0" * 40,
    b"220 mail.example ESMTP ready",
    bytes(range(256)) * 16,
)
HEADER_LINES = (
    b"no colon at all",
    b": no name",
    b"Two Words: value",
    b"Name : value",
    b" folded: from nothing",
    b"Nul: a\0b",
    b"Return: a\rb",
    "Überschrift: ä".encode(),
    b"Content-Length: -1",
    b"Content-Length: 0x10",
    b"Content-Length: " + b"9" * 20_000,
    b"Content-Length: 1\r\nContent-Length: 2",
)
CHUNKS = (
    b"zz\r\n{}\r\n0\r\n\r\n",
    b"-2\r\n{}\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\n{}",
    b"f" * 5000 + b"\r\n{}",
    b"2\r\n{}}}}}}}}\r\n0\r\n\r\n",
    b"5\r\n{}",
    b"\r\n\r\n\r\n",
)


@behaviour(VIOLATES, INCONCLUSIVE)
def malformed_status_lines(talk: Talk) -> None:
    """Begins each response with another status line that is none."""
    talk.read()
    talk.send(STATUS_LINES[talk.number % len(STATUS_LINES)], b"\r\nContent-Length: 2\r\n\r\n{}")


@behaviour(INCONCLUSIVE)
def malformed_header_lines(talk: Talk) -> None:
    """Sends in each response another header line that is none."""
    talk.read()
    line = HEADER_LINES[talk.number % len(HEADER_LINES)]
    talk.send(b"HTTP/1.1 200 OK\r\n", line, b"\r\nContent-Length: 2\r\n\r\n{}")


@behaviour(INCONCLUSIVE)
def header_of_10_mb(talk: Talk) -> None:
    """Sends one header field of 10 MB."""
    talk.read()
    talk.send(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a" * 10_000_000, b"\r\n\r\n{}")


@behaviour(INCONCLUSIVE)
def endless_header(talk: Talk) -> None:
    """Sends header fields without an end."""
    talk.read()
    talk.send(b"HTTP/1.1 200 OK\r\n")
    talk.flood(b"X-Another: one\r\n" * 1000)


@behaviour(CONFORMS, INCONCLUSIVE, options=STANDARD, takes=4.0)
def thousands_of_cookies(talk: Talk) -> None:
    """Sets 5,000 cookies with each response, which is right otherwise."""
    cookies = [("Set-Cookie", f"c{number}=v") for number in range(5000)]
    for request in talk.requests():
        talk.send(wire(talk.right(request), *cookies))


@behaviour(INCONCLUSIVE, options=PROMPT)
def thousands_of_small_fields(talk: Talk) -> None:
    """Sends 20,000 header fields of one letter with each response."""
    fields = b"a:\r\n" * 20_000
    for _ in talk.requests():
        talk.send(b"HTTP/1.1 200 OK\r\n", fields, b"Content-Length: 2\r\n\r\n{}")


@behaviour(CONFORMS, options=PROMPT)
def thousands_of_1xx(talk: Talk) -> None:
    """Sends 2,000 interim answers before each right one."""
    for request in talk.requests():
        talk.send(EARLY_HINTS * 2000, wire(talk.right(request)))


@behaviour(INCONCLUSIVE)
def endless_1xx(talk: Talk) -> None:
    """Sends interim answers without an end."""
    talk.read()
    talk.flood(EARLY_HINTS * 100)


@behaviour(INCONCLUSIVE)
def switches_protocols(talk: Talk) -> None:
    """Answers that it speaks another protocol from now on."""
    talk.read()
    talk.send(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n")
    talk.send(b"\x1b]0;other\x07" * 100)


@behaviour(INCONCLUSIVE)
def malformed_chunks(talk: Talk) -> None:
    """Sends in each response other chunks that are none, or a transfer coding that nobody knows."""
    talk.read()
    coding = CHUNKED if talk.number % 5 else ("Transfer-Encoding", "secret, chunked")
    talk.send(head(200, coding), CHUNKS[talk.number % len(CHUNKS)])


@behaviour(INCONCLUSIVE)
def endless_chunks(talk: Talk) -> None:
    """Sends chunks of one byte, the extension of a chunk, or trailers, without an end."""
    talk.read()
    begin, more = ENDLESS[talk.number % len(ENDLESS)]
    talk.send(head(200, CHUNKED), begin)
    talk.flood(more)


@behaviour(INCONCLUSIVE)
def body_shorter_than_announced(talk: Talk) -> None:
    """Announces 100 bytes, sends 2 and closes."""
    talk.read()
    talk.send(head(length=100), b"{}")


@behaviour(VIOLATES, options=PROMPT)
def body_longer_than_announced(talk: Talk) -> None:
    """Announces 2 bytes, and sends 100,000 on a connection it keeps open."""
    for _ in talk.requests():
        talk.send(head(length=2), b"{}" * 50_000)


@behaviour(VIOLATES, INCONCLUSIVE, options=PROMPT)
def two_kinds_of_length(talk: Talk) -> None:
    """Announces a length and chunks at once, and hides a second response between them."""
    talk.read()
    talk.send(head(200, CHUNKED, length=2), b"0\r\n\r\n", whole(b"{}", 400))


@behaviour(CONFORMS, options=PROMPT)
def http_1_0(talk: Talk) -> None:
    """Speaks HTTP/1.0: no length, and the end of the connection is the end of the body."""
    if request := talk.read():
        response = talk.right(request)
        kind = dict(response.headers).get("Content-Type", "application/json")
        talk.send(
            f"HTTP/1.0 {response.status} Said\r\nContent-Type: {kind}\r\n\r\n".encode(),
            response.body,
        )


@behaviour(VIOLATES, INCONCLUSIVE, options=PROMPT)
def every_status_in_turn(talk: Talk) -> None:
    """Answers with every status from 200 to 999 in turn, whatever was asked."""
    known = [*range(200, 600), *range(600, 1000, 50)]
    for _ in talk.requests():
        status = known[talk.number * 37 % len(known)]
        bare = status in (204, 304)
        talk.send(head(status, length=0) if bare else whole(b"{}", status))
