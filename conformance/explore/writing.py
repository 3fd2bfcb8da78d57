"""How exploration writes a body: the same JSON in many forms, and bytes that are none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from conformance.plan.drafting import JSON_MEDIA_TYPE

Layout = Callable[[Any], str]


def plain(value: Any) -> str:
    """As Python writes it, in UTF-8 where that can say it."""
    text = json.dumps(value, ensure_ascii=False)
    return text if _sendable(text) else json.dumps(value)


def _sendable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _tight(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _wide(value: Any) -> str:
    return json.dumps(value, separators=(" , ", " : "))


def _indented(indent: int | str) -> Layout:
    return lambda value: json.dumps(value, indent=indent)


def _windows(value: Any) -> str:
    return json.dumps(value, indent=2).replace("\n", "\r\n")


def _framed(value: Any) -> str:
    return f"\n\t {json.dumps(value)}\r\n "


def _escaped(value: Any) -> str:
    """Every plain string, names too, in escapes."""
    return re.sub(r'"([\w-]+)"', _in_escapes, json.dumps(value))


def _in_escapes(match: re.Match[str]) -> str:
    return f'"{"".join(f"{chr(92)}u{ord(sign):04x}" for sign in match[1])}"'


LAYOUTS: tuple[Layout, ...] = (
    plain,
    *(json.dumps, _tight, _wide, _framed, _windows, _escaped),
    *(_indented(1), _indented(2), _indented(3), _indented(4), _indented("\t")),
)
CHARSETS = tuple(
    f"{JSON_MEDIA_TYPE}{more}" for more in ("; charset=utf-8", ";charset=utf-8", "; charset=UTF-8")
)


def layouts(plain_share: int) -> st.SearchStrategy[Layout]:
    """Layouts, of which the plain one has about `plain_share` parts to one of all others."""
    return st.sampled_from([plain] * (plain_share * len(LAYOUTS)) + list(LAYOUTS))


def as_bytes(text: str) -> bytes:
    """The text as a body."""
    return text.encode()


def not_json(body: Any) -> st.SearchStrategy[bytes]:
    """Bytes: any, a valid body that is cut, mended or continued, and JSON's false friends."""
    whole = json.dumps(body).encode()
    places = st.integers(0, len(whole))
    marks = [
        *(b",", b"}", b"]", b"{"),
        b'"',
        b"\\",
        b"\0",
        b"//\n",
        b"/**/",
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
    ]
    pieces = st.binary(min_size=1, max_size=3) | st.sampled_from(marks)
    friends = [
        *(b"", b" ", b"\n", b"null", b"x", b"'", b"NaN", b"-", b"01", b"1.", b".5", b"+1", b"tru"),
        *(
            b"undefined",
            b"<a/>",
            b"a=b",
            b"---\na: b",
            b"\x1f\x8b\x08",
            b"\x28\xb5\x2f\xfd",
            b"\x80",
        ),
        *(
            b"{",
            b"[",
            b"[,]",
            b"{}{}",
            b"{a:1}",
            b"\x00" * 3,
            b"True",
            b"None",
            b'"\x01"',
            b"PK\x03",
        ),
        whole.replace(b'"', b"'"),
        whole.replace(b'"', b""),
        whole.replace(b"}}", b",}}"),
        whole.replace(b":", b"="),
        whole + whole,
        b"[" + whole,
        b"body=" + whole,
        b")]}',\n" + whole,
        whole + b";",
    ]

    @st.composite
    def drawn(draw: st.DrawFn) -> bytes:
        match draw(st.integers(0, 5)):
            case 0:
                data = draw(st.sampled_from(friends))
            case 1:
                data = draw(st.binary(max_size=40))
            case 2:
                data = whole[: draw(places)]
            case 3:
                place = draw(places)
                data = whole[:place] + draw(pieces) + whole[place:]
            case 4:
                place = draw(places)
                data = whole[:place] + whole[place + 1 :]
            case _:
                data = draw(st.binary(min_size=1, max_size=4)) + whole
        return data

    return drawn()
