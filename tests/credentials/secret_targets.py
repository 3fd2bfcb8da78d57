"""A target that repeats the token it is sent: another place and another encoding each time."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import socket
import threading
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from exchange_fakes import Fake
from secret_encodings import Encoding

Answer = Callable[[str], bytes]
CLOSE = b"Connection: close\r\n"
_UNFIT_FOR_A_LINE = re.compile(r"[\x00-\x1f\x7f]+")
_UNFIT_FOR_A_NAME = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]+")


def message(status: str, fields: Sequence[str], body: str | bytes, kind: str = "json") -> bytes:
    """A response with a length. Fields that are no latin-1 cannot occur."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: application/{kind}", *fields]
    return "\r\n".join([*lines, f"Content-Length: {len(data)}", "", ""]).encode("latin-1") + data


def error(text: str) -> str:
    return json.dumps({"error_code": "CSBS.0001x", "error_msg": text})


def line(text: str) -> str:
    """As much as fits into a line of a head."""
    return _UNFIT_FOR_A_LINE.sub(" ", text)


def halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


def in_a_header(echo: str) -> bytes:
    return message("400 No", [f"X-Echo: token {line(echo)} is bad"], error("no"))


def in_the_name_of_a_header(echo: str) -> bytes:
    name = _UNFIT_FOR_A_NAME.sub("", echo) or "X-Nothing"
    return message("400 No", [f"{name}: 1"], error("no"))


def in_a_cookie(echo: str) -> bytes:
    return message("400 No", [f"Set-Cookie: session={line(echo)}; Path=/; Secure"], error("no"))


def in_two_headers(echo: str) -> bytes:
    one, two = halves(line(echo))
    return message("400 No", [f"X-One: {one}", f"X-Two: {two}"], error("no"))


def in_a_value(echo: str) -> bytes:
    return message("400 No", [], error(f"bad token {echo}."))


def raw_in_a_string(echo: str) -> bytes:
    """As a template would put it there: what was escaped is escaped once."""
    return message("400 No", [], f'{{"error_msg": "bad token {echo}."}}')


def in_a_name(echo: str) -> bytes:
    return message("400 No", [], json.dumps({"error_msg": {"deep": [{echo: 1}]}}))


def in_two_values(echo: str) -> bytes:
    one, two = halves(echo)
    return message("400 No", [], json.dumps({"error_msg": one, "error_code": two}))


def in_plain_text(echo: str) -> bytes:
    return message("400 No", [], f"<p>no such token: {echo}</p>\n", "octet-stream")


def among_bytes(echo: str) -> bytes:
    return message("400 No", [], b"\xff\xfe" + echo.encode() + b"\x80", "octet-stream")


def in_the_reason(echo: str) -> bytes:
    return message(f"400 token {line(echo)} refused", [], error("no"))


def in_a_redirect(echo: str) -> bytes:
    place = f"http://127.0.0.1:1/login?token={line(echo)}&next=/"
    return message("307 Elsewhere", [f"Location: {place}"], "")


def in_an_executed_answer(echo: str) -> bytes:
    checkpoint = {"id": echo, "status": echo, "extra_info": json.dumps({"token": echo})}
    return message("200 OK", [], json.dumps({"checkpoint": {**checkpoint, "project_id": echo}}))


def packed(echo: str) -> bytes:
    return message("400 No", ["Content-Encoding: gzip"], gzip.compress(error(echo).encode()))


def packed_and_torn(echo: str) -> bytes:
    data = gzip.compress((error(echo) + "." * 5000).encode())[:-6]
    return message("400 No", ["Content-Encoding: gzip"], data)


def packed_unsaid(echo: str) -> bytes:
    return message("400 No", [], gzip.compress(error(echo).encode()), "gzip")


def in_chunks(echo: str) -> bytes:
    """In an extension of a chunk, in a trailer, and cut in two by chunks."""
    parts = [part.encode() for part in halves(error(echo))]
    chunks = b"".join(b"%x;note=%b\r\n%b\r\n" % (len(p), line(echo).encode(), p) for p in parts)
    head = (
        b"HTTP/1.1 400 No\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    return head + chunks + b"0\r\nX-Trailer: %b\r\n\r\n" % line(echo).encode()


def in_a_hint(echo: str) -> bytes:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: <%b>\r\n\r\n" % line(echo).encode()
    return hint + message("400 No", [], error("no"))


def as_the_status_line(echo: str) -> bytes:
    return f"{line(echo)} 400 No\r\n\r\n".encode()


def as_the_status(echo: str) -> bytes:
    return f"HTTP/1.1 {line(echo)}\r\n\r\n".encode()


def as_a_line_of_the_head(echo: str) -> bytes:
    return f"HTTP/1.1 400 No\r\n{line(echo)}\r\nContent-Length: 0\r\n\r\n".encode()


def as_the_length(echo: str) -> bytes:
    return f"HTTP/1.1 400 No\r\nContent-Length: {line(echo)}\r\n\r\n{{}}".encode()


def as_a_chunk_size(echo: str) -> bytes:
    head = "HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n"
    return f"{head}{line(echo)}\r\n{echo}\r\n0\r\n\r\n".encode()


def in_a_head_that_breaks_off(echo: str) -> bytes:
    return f"HTTP/1.1 400 No\r\nX-Echo: {line(echo)}\r\nX-More: {line(echo)}".encode()


def in_a_body_that_breaks_off(echo: str) -> bytes:
    return f"HTTP/1.1 400 {line(echo)}\r\nContent-Length: 99999\r\n\r\n{error(echo)}".encode()


ANSWERS: list[Answer] = [
    in_a_header,
    in_the_name_of_a_header,
    in_a_cookie,
    in_two_headers,
    in_a_value,
    raw_in_a_string,
    in_a_name,
    in_two_values,
    in_plain_text,
    among_bytes,
    in_the_reason,
    in_a_redirect,
    packed,
    packed_and_torn,
    packed_unsaid,
    in_chunks,
    in_a_hint,
]
"""Ways to repeat a token in a response that can be read."""
BROKEN: list[Answer] = [
    as_the_status_line,
    as_the_status,
    as_a_line_of_the_head,
    as_the_length,
    as_a_chunk_size,
    in_a_head_that_breaks_off,
    in_a_body_that_breaks_off,
]
"""Ways to repeat a token in what is no response; the connection is closed behind it."""


class Server(Fake):
    """Answers request after request on each connection; keeps the requests it was sent."""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def converse(self, connection: socket.socket) -> None:
        while request := self.read_request(connection):
            answer = self.respond(request)
            connection.sendall(answer)
            if b"\r\nContent-Length: " not in answer and b"\r\n0\r\n" not in answer:
                return

    def respond(self, request: bytes) -> bytes:
        """What is sent back; the connection is closed where it has no clear end."""
        return message("400 No", [], error("no"))


class Repeats(Server):
    """Repeats the token of each request, or `token`, in each of some turns and then again."""

    def __init__(self, token: str, turns: Sequence[tuple[Answer, Encoding]] = ()) -> None:
        super().__init__()
        self.token = token
        self._turns = itertools.cycle(turns or [(in_a_value, str)])
        self._lock = threading.Lock()

    def respond(self, request: bytes) -> bytes:
        with self._lock:
            answer, encoding = next(self._turns)
        sent = re.search(rb"(?im)^x-auth-token: *([^\r\n]*)", request)
        return answer(encoding(sent[1].decode("latin-1") if sent and sent[1] else self.token))
