"""How a target may repeat a secret: each encoding is written here anew, apart from the suite."""

from __future__ import annotations

import base64
import json
import quopri
import textwrap
from collections.abc import Callable
from urllib.parse import quote

Encoding = Callable[[str], str]


def percent(text: str) -> str:
    return quote(text, safe="")


def percent_in_lower_case(text: str) -> str:
    return "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in text)


def percent_for_every_character(text: str) -> str:
    return "".join(f"%{ord(c):02X}" for c in text)


def percent_for_every_second_character(text: str) -> str:
    return "".join(f"%{ord(c):02X}" if place % 2 else c for place, c in enumerate(text))


def percent_twice(text: str) -> str:
    return percent(percent_for_every_character(text))


def json_string(text: str) -> str:
    return json.dumps(text)[1:-1]


def json_with_slashes_escaped(text: str) -> str:
    return json_string(text).replace("/", "\\/")


def json_with_signs_escaped(text: str) -> str:
    return "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text)


def json_with_all_escaped(text: str) -> str:
    return "".join(f"\\u{ord(c):04X}" for c in text)


def json_in_json(text: str) -> str:
    return json_string(json_string(json_with_signs_escaped(text)))


def python_bytes(text: str) -> str:
    return "".join(c if c.isalnum() else f"\\x{ord(c):02x}" for c in text)


def entities(text: str) -> str:
    return "".join(c if c.isalnum() else f"&#{ord(c)};" for c in text)


def entities_in_hexadecimal(text: str) -> str:
    return "".join(f"&#x{ord(c):x};" for c in text)


def named_entities(text: str) -> str:
    names = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
    names |= {"+": "&plus;", "/": "&sol;", "=": "&equals;"}
    return "".join(names.get(c, c) for c in text)


def quoted_printable(text: str) -> str:
    return quopri.encodestring(text.encode()).decode()


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def base64_within(text: str) -> str:
    return base64.b64encode(f"user:{text}\n".encode()).decode()


def base64_further_within(text: str) -> str:
    return base64.b64encode(f'{{"token": "{text}"}}'.encode()).decode()


def base64_for_urls(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def base64_percent_encoded(text: str) -> str:
    return percent(base64_of(text))


def base64_wrapped(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()  # 76 columns


def wrapped_at_64_columns(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 64))


def hexadecimal(text: str) -> str:
    return text.encode().hex()


def hexadecimal_in_upper_case(text: str) -> str:
    return text.encode().hex().upper()


ENCODINGS: list[Encoding] = [
    str,
    str.upper,
    str.lower,
    percent,
    percent_in_lower_case,
    percent_for_every_character,
    percent_for_every_second_character,
    percent_twice,
    json_string,
    json_with_slashes_escaped,
    json_with_signs_escaped,
    json_with_all_escaped,
    json_in_json,
    python_bytes,
    entities,
    entities_in_hexadecimal,
    named_entities,
    quoted_printable,
    base64_of,
    base64_within,
    base64_further_within,
    base64_for_urls,
    base64_percent_encoded,
    base64_wrapped,
    wrapped_at_64_columns,
    hexadecimal,
    hexadecimal_in_upper_case,
]
