"""The bodies of an entry of a HAR file, and whether they are known as they were sent.

Tools leave bodies out, cut them, take secrets out, leave them coded, write them anew, or read them
in another charset. A body counts as known only where nothing speaks against it; one that is no JSON
object, only where a recorded `Content-Length` vouches for it too.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from conformance.decoding import TooLarge, decoded
from conformance.model import Headers, header, header_values
from conformance.recorded.attached import MOST_BODY, Origin
from conformance.recorded.entry import Json, error, number, part, text
from conformance.recorded.legible import CODED, is_list, is_object, legible
from conformance.recorded.taken_out import has_hidden, has_stand_in, has_variable, is_redacted
from conformance.text import whole_number

BODILESS = frozenset({204, 304})
BASE64 = "base64"
PLAIN = frozenset({"", "utf-8", "utf8"})
"""Encodings that say that a text is the body itself."""
UNKNOWN = "unknown"
LONGEST_REMEMBERED = 8 * 1024
"""Characters of a text of which it is remembered what body it stands for."""
CUT = re.compile(
    r"truncat|discard|omit|redact|incomplete|partial|not.?(included|captured|recorded)"
)
"""What names and values of a tool's own fields say where a body is not whole."""
LEFT_OUT = re.compile(
    rf"{CUT.pattern}"
    r"|\b(binary|blob|cut|dropp|evict|exceed|exclud|fail|first \d|hidden|left out|limit|lost|mask"
    r"|missing|no (body|content|data)|placeholder|remov|replaced|sanitiz|scrub|shorten|skipp|stripp"
    r"|too (big|large|long)|unable|unavailable|unreadable|without)"
    r"|\b(not|never|no longer|cannot|\w+n['\u2019]t) (be )?"
    r"(available|complete|decoded|fetched|kept|loaded|read|retrieved|saved|shown|stored|whole)"
)
"""What people and tools say of such a body in a comment."""
WHITE = re.compile(r"\s+")
BYTEWISE = ("latin-1", "cp1252")
"""Charsets in which tools read a body whose charset nobody named."""
REPLACED = "\ufffd".encode()
"""What readers put in the place of bytes that are no text; a part of a character may be as long."""
MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml)\b", re.IGNORECASE)
"""How a page begins that a gateway answers."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body. `lack` says why it is not known as it was sent, and what to do about it; it is empty
    where the body is known. Otherwise `data` has the values of it that are, as JSON, or nothing.
    """

    data: bytes
    lack: str = ""

    @property
    def whole(self) -> bool:
        """Whether the body is known as it was sent."""
        return not self.lack


ABSENT = Body(b"", "without a body; record with content")
OTHERWISE = "with a body that may not be as it was sent; record it as it is"
DIFFERENT = Body(b"", OTHERWISE)
TOO_LARGE = Body(b"", "with a body that is larger than is looked at")


def request_body(request: Json, headers: Headers, origin: Origin) -> Body:
    """The body of a request."""
    data = part(request, "postData")
    size = number(request.get("bodySize"))
    if _is_marked(request, data):
        return ABSENT
    if body := _recorded(data, size, headers, origin, is_written=True):
        return body
    method = text(request.get("method")).upper()
    unsent = method == "GET" and header(headers, "Content-Length") is None
    is_empty = unsent or _length(headers) == 0 or (origin.exact and size == 0)
    return Body(b"") if is_empty and not _comment(data) else ABSENT


def answer_body(response: Json, status: int, headers: Headers, origin: Origin) -> Body:
    """The body of a response."""
    content = part(response, "content")
    if error(response) or _is_marked(response, content):
        return ABSENT
    size = number(content.get("size"))
    if body := _recorded(content, size, headers, origin):
        return body
    is_empty = status in BODILESS or _length(headers) == 0
    is_empty = is_empty or (origin.exact and content.get("text") == "")
    return Body(b"") if is_empty and not _comment(content) else ABSENT


def _length(headers: Headers) -> int | None:
    """How many bytes were sent, where one header says so."""
    said = set(header_values(headers, "Content-Length"))
    return whole_number(said.pop()) if len(said) == 1 else None


def _is_marked(message: Json, holder: Json) -> bool:
    """Whether a field of a tool's own, or a comment beside the body, says that it is not whole."""
    return LEFT_OUT.search(_comment(holder)) is not None or any(
        CUT.search(f"{name} {value}".lower())
        for each in (message, holder)
        for name, value in each.items()
        if name.startswith("_") and value and isinstance(value, str | bool)
    )


def _comment(holder: Json) -> str:
    """What is said beside a body, in lower case; nothing where it names the encoding."""
    comment = text(holder.get("comment")).strip().lower()
    return "" if comment == BASE64 else comment


def _encoding(holder: Json) -> str:
    """The encoding of a text, in lower case, which some writers name in the comment; empty where
    the text is the body itself.
    """
    if text(holder.get("comment")).strip().lower() == BASE64:
        return BASE64
    encoding = holder.get("encoding") or holder.get("_encoding") or ""
    name = encoding.strip().lower() if isinstance(encoding, str) else UNKNOWN
    return "" if name in PLAIN else name


class _Said(NamedTuple):
    """What an entry says of a body: its text, in an encoding, and what else speaks of it.

    `size` is that of the body by the entry, `length` that by a header. Somebody may have written
    the text, `is_written`, with variables for what is put in when it is sent.
    """

    written: str
    encoding: str
    codings: tuple[str, ...]
    size: float | None
    length: int | None
    comment: str
    exact: bool
    ids: tuple[str, ...]
    is_written: bool


def _recorded(
    holder: Json,
    size: float | None,
    headers: Headers,
    origin: Origin,
    *,
    is_written: bool = False,
) -> Body | None:
    """The body that stands in a recording, or beside it; None where none does."""
    codings = tuple(c for c in header_values(headers, "Content-Encoding") if c != "identity")
    length = None if codings else _length(headers)
    said = _Said(
        *(text(holder.get("text")), _encoding(holder), codings, size, length, _comment(holder)),
        exact=origin.exact,
        ids=origin.ids,
        is_written=is_written,
    )
    if said.written:
        is_short = len(said.written) <= LONGEST_REMEMBERED
        return _remembered(said) if is_short else _in_text(said)
    data = origin.attached(text(holder.get("_file")))
    if data is None:
        return None
    return _body(data, said._replace(written=data.decode("utf-8", "replace")))


def beginning(holder: Json) -> str:
    """How a body begins that stands in a recording; empty where that is not known."""
    data = _bytes(text(holder.get("text")), _encoding(holder), ()) or b""
    return data[:LONGEST_REMEMBERED].decode("utf-8", "replace")


def _in_text(said: _Said) -> Body:
    """The body that a text stands for."""
    data = _bytes(said.written, said.encoding, said.codings)
    return DIFFERENT if data is None else _body(data, said)


_remembered = lru_cache(maxsize=1024)(_in_text)


def _body(data: bytes, said: _Said) -> Body:
    """The body of which these are the bytes, as far as they are known to be as sent."""
    if len(data) > MOST_BODY:
        return TOO_LARGE
    in_bytes, length = said.encoding == BASE64, said.length
    if length is not None and not in_bytes:
        data = _as_long(data, said.written, length)
    if said.comment and len(data) not in (said.size, length):
        return ABSENT
    is_lost = not in_bytes and REPLACED in data
    is_template = said.is_written and has_variable(said.written)
    if said.exact or not (is_lost or is_template or not _is_as_sent(data, said)):
        return Body(data)
    return Body(legible(data, said.ids), OTHERWISE)


def _as_long(data: bytes, written: str, length: int) -> bytes:
    """The bytes of a text, so many as a header says: UTF-8 may have been read in a charset that has
    a character for each byte.
    """
    if len(data) == length:
        return data
    for charset in BYTEWISE:
        try:
            sent = written.encode(charset)
            sent.decode("utf-8")
        except UnicodeError:
            continue
        if len(sent) == length:
            return sent
    return data


def _is_as_sent(data: bytes, said: _Said) -> bool:
    """Whether nothing speaks against a body."""
    shown = data.decode("utf-8", "replace")
    if data.startswith(CODED) or is_redacted(shown) or has_hidden(shown, said.ids):
        return False
    if said.length is not None:
        return said.length == len(data)
    return _is_likely(data, said)


def _is_likely(data: bytes, said: _Said) -> bool:
    """Whether a body is likely the one that was sent, though no header says how long that was.

    A size that fits says little: many tools take it of the text that they wrote down. But none
    makes a page, or a list of objects, of what came.
    """
    if _is_of_another_size(data, said.written, said.size) or has_stand_in(said.written, said.ids):
        return False
    if said.size == len(data) and (MARKUP.match(data) or (is_list(data) and not said.is_written)):
        return True
    return is_object(data)


def _bytes(written: str, encoding: str, codings: Sequence[str]) -> bytes | None:
    """The bytes that a text stands for, without content codings; None where it cannot be known."""
    try:
        if encoding == BASE64:
            data = base64.b64decode(WHITE.sub("", written), validate=True)
        elif not encoding:
            coded = written.startswith("\x1f\x8b")  # bytes that were read as Latin-1
            data = written.encode("latin-1" if coded else "utf-8")
        else:
            return None
        return decoded(data, codings, MOST_BODY) if _is_coded(data) else data
    except (ValueError, TypeError, TooLarge):
        return None


def _is_coded(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _is_of_another_size(data: bytes, written: str, size: float | None) -> bool:
    """Whether a recorded size speaks against a body: more, or as many characters as bytes.

    Fewer are no sign: some tools tell the size of the compressed body.
    """
    if size is None or size <= 0 or size == len(data):
        return False
    return size > max(len(data), len(written)) or (size == len(written) and not written.isascii())
