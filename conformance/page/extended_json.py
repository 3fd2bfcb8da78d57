"""JSON that RFC 8259 does not have, but readers take as an extension (section 9), or in an encoding
of before (section 8.1).

The forms are those of `Form`, and no others: what is written in them is written again as JSON, and
read by the strict reader.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum

from msgspec import structs

from conformance.page.json_text import (
    BYTE_ORDER_MARK,
    JsonText,
    NotJson,
    decoded_text,
    read_text,
)


class Form(StrEnum):
    """A form that widespread readers take beside JSON."""

    NOT_A_NUMBER = "NaN or Infinity"
    CONTROL = "a control character in a string"
    COMMA = "a trailing comma"
    COMMENT = "a comment"
    SINGLE_QUOTES = "single quotes"
    ESCAPE = "an escape that JSON does not have"
    WIDE = "UTF-16 or UTF-32"
    MALFORMED = "bytes that are no UTF-8"


NOT_A_NUMBER = {"NaN": "1e999", "Infinity": "1e999", "-Infinity": "-1e999"}
"""Each as a number beyond all floats: no field of the tables is a number, whatever its value."""
_TOKEN = re.compile(
    r"""
    (?P<string> "(?:[^"\\]|\\.)*+" | '(?:[^'\\]|\\.)*+' )
    | (?P<comment> //[^\n\r]* | /\*.*?\*/ )
    | (?P<white> [ \t\n\r]+ )
    | (?P<mark> [][{},:] )
    | (?P<word> [^][{},:"'/ \t\n\r]+ )
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANS_MORE = frozenset('"\\/bfnrtu' + "vx0123456789\n\r\u2028\u2029")
"""What means more behind a backslash than itself, in JSON or to its readers: any other character
stands for itself to those who take it at all.
"""
_TO_ESCAPE = re.compile(r"""\\.|["\x00-\x1f]""", re.DOTALL)


def parse_extended_json(data: bytes, *, first: bool = False) -> JsonText:
    """Read `data` as one JSON text in which some of the forms stand; which ones is in `extended`.

    Raises NotJson and TooDeep, as `parse_json` does.
    """
    if (wide := _wide_text(data)) is not None:
        text, forms = _as_json(wide)
        return structs.replace(read_text(text, first=first), extended=(*forms, Form.WIDE))
    text, marked, malformed = _with_what_is_no_text_replaced(data)
    text, forms = _as_json(text)
    found = (*forms, *malformed)
    return structs.replace(read_text(text, first=first), marked=marked, extended=found)


def _with_what_is_no_text_replaced(data: bytes) -> tuple[str, bool, tuple[Form, ...]]:
    """The text behind a byte order mark, whether there was one, and how it was extended.

    The readers of several languages put U+FFFD for bytes that are no UTF-8, without a word.
    """
    try:
        return *decoded_text(data), ()
    except NotJson:
        text = data.decode("utf-8-sig", "replace")
        return text, data.startswith(BYTE_ORDER_MARK), (Form.MALFORMED,)


def _wide_text(data: bytes) -> str | None:
    """The text of what is UTF-16 or UTF-32, or None: that shows in the zeros of its first
    characters, which are ASCII in any JSON text (RFC 4627, section 3), or in a byte order mark.
    """
    encoding = json.detect_encoding(data)
    if encoding.startswith("utf-8"):
        return None
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None


def _as_json(text: str) -> tuple[str, list[str]]:
    """The text with each form written as JSON has it, and the forms that were found.

    Raises NotJson where a string or a comment does not end; whatever else is wrong stays as it is.
    """
    parts: list[str] = []
    forms: dict[str, None] = {}
    before, comma = "", -1  # the last mark or value, and where a comma behind a value stands
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotJson(f"no JSON, nor an extension of it, at character {at}")
        token, at = match[0], match.end()
        if match.lastgroup == "comment":
            forms[Form.COMMENT] = None
            token = " "
        elif match.lastgroup != "white":
            if token in ("]", "}") and comma >= 0:
                forms[Form.COMMA] = None
                parts[comma] = ""
            comma = len(parts) if token == "," and before not in ("[", "{", ",", ":", "") else -1
            before = token
            token, form = _written_plainly(token)
            forms.update(dict.fromkeys(form))
        parts.append(token)
    return "".join(parts), list(forms)


def _written_plainly(token: str) -> tuple[str, list[Form]]:
    """A mark or a value as JSON has it, and the forms that stood in it."""
    if token in NOT_A_NUMBER:
        return NOT_A_NUMBER[token], [Form.NOT_A_NUMBER]
    if token[0] not in "\"'":
        return token, []
    forms = [Form.SINGLE_QUOTES] if token[0] == "'" else []
    inner = _TO_ESCAPE.sub(_escaped, token[1:-1])
    if forms:
        inner = _ESCAPED.sub(lambda each: "'" if each[1] == "'" else each[0], inner)
    plain = _ESCAPED.sub(lambda each: each[0] if each[1] in _MEANS_MORE else each[1], inner)
    if plain != inner:
        forms.append(Form.ESCAPE)
    if any(character < " " for character in token):
        forms.append(Form.CONTROL)
    return f'"{plain}"', forms


def _escaped(match: re.Match[str]) -> str:
    """What stands for a character that a string between double quotes cannot hold as it is."""
    found = match[0]
    return found if found[0] == "\\" else json.dumps(found)[1:-1]
