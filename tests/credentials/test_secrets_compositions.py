"""What a reader could undo is taken out: encodings, separators, and two of them in a row."""

from __future__ import annotations

import base64
import codecs
import html
import json
import quopri
import random
import string
import time
from collections.abc import Callable
from unittest.mock import patch
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.credentials import redaction
from conformance.credentials.braces import escape
from conformance.credentials.placeholders import Secrets
from conformance.credentials.redaction import Finder
from conformance.credentials.views import views
from conformance.model import Response, Token

Encoding = Callable[[bytes], bytes]
ALPHABET = string.ascii_letters + string.digits + "-_.+/="
tokens = st.text(ALPHABET, min_size=32, max_size=120).filter(
    lambda token: len(set(token)) > 12 and sum(map(str.isalnum, token)) > len(token) * 3 // 4
)


def each(write: Callable[[int], str], among: str = "") -> Encoding:
    """Writes each character, or each but those that are letters and digits."""
    return lambda data: "".join(
        chr(code) if among == "signs" and chr(code).isalnum() and code < 128 else write(code)
        for code in data
    ).encode("latin-1")


def unpadded(encode: Encoding) -> Encoding:
    return lambda data: encode(data).rstrip(b"=")


CHARACTERS: dict[str, Encoding] = {
    "percent": lambda data: quote(data, safe="").encode(),
    "percent, all": each(lambda code: f"%{code:02x}"),
    "JSON": each(lambda code: f"\\u{code:04x}"),
    "JSON, signs": each(lambda code: f"\\u{code:04X}", "signs"),
    "JSON string": lambda data: json.dumps(data.decode("latin-1"))[1:-1].encode(),
    "JavaScript": each(lambda code: f"\\u{{{code:x}}}"),
    "Python": each(lambda code: f"\\x{code:02x}", "signs"),
    "octal": each(lambda code: f"\\{code:03o}"),
    "long escapes": each(lambda code: f"\\U{code:08x}"),
    "entities": each(lambda code: f"&#{code};"),
    "entities, hexadecimal": each(lambda code: f"&#x{code:x};", "signs"),
    "HTML": lambda data: html.escape(data.decode("latin-1")).encode("latin-1"),
    "quoted-printable": lambda data: quopri.encodestring(data, quotetabs=True),
    "UTF-7": lambda data: data.decode("latin-1").encode("utf-7"),
}
GROUPS: dict[str, Encoding] = {
    "hexadecimal": lambda data: data.hex().encode(),
    "HEXADECIMAL": lambda data: data.hex().upper().encode(),
    "hexadecimal, separated": lambda data: data.hex(":").encode(),
    "base32": base64.b32encode,
    "base32, lower case": lambda data: unpadded(base64.b32encode)(data).lower(),
    "base32hex": base64.b32hexencode,
    "base64": base64.b64encode,
    "base64url": unpadded(base64.urlsafe_b64encode),
    "base64, wrapped": base64.encodebytes,
    "base85": base64.b85encode,
    "ascii85": base64.a85encode,
}
WIDE: dict[str, Encoding] = {
    "UTF-16LE": lambda data: data.decode("latin-1").encode("utf-16-le"),
    "UTF-16BE": lambda data: data.decode("latin-1").encode("utf-16-be"),
    "UTF-16": lambda data: codecs.BOM_UTF16_LE + data.decode("latin-1").encode("utf-16-le"),
}


def joined(separator: str) -> Encoding:
    return lambda data: separator.encode().join(bytes([code]) for code in data)


SEPARATORS: dict[str, Encoding] = {
    "zero width": joined("\u200b"),
    "joiner": joined("\u2060"),
    "spaces": joined(" "),
    "dashes": joined("-"),
    "newlines": joined("\n"),
    "commas": joined(", "),
    "bytes of zero": joined("\0"),
}
BARE: dict[str, Encoding] = {
    "letters and digits": lambda data: bytes(c for c in data if chr(c).isalnum() and c < 128)
}
SINGLE = CHARACTERS | GROUPS | WIDE | SEPARATORS | BARE
names = st.sampled_from(sorted(SINGLE))
INVISIBLE = {"zero width", "joiner", "spaces", "newlines", "bytes of zero"} | set(WIDE)


new_ids = st.uuids().map(str) | st.datetimes().map(str) | st.uuids().map(lambda each: each.hex)


def is_covered(first: str, then: str) -> bool:
    """Whether SECURITY.md says that `then` of `first` is taken out."""
    if first in CHARACTERS and then in SEPARATORS | WIDE | BARE:
        return then in INVISIBLE
    if then in BARE:  # what is left of an encoding cannot be decoded any more
        return first not in {"base85", "ascii85"} and first not in GROUPS
    if first in {"base85", "ascii85"} and then in SEPARATORS:
        return then in INVISIBLE
    if first.startswith("base64"):
        return then != "dashes"  # which are characters of base64url
    return True


def shown(token: str, text: str) -> bool:
    return token[: len(token) // 2] in text or token[len(token) // 2 :] in text


def redacted(token: str, spelled: bytes, id_before: str = "", id_behind: str = "a7f3") -> str:
    quoted = json.dumps(spelled.decode("latin-1"), ensure_ascii=False)[1:-1].encode("latin-1")
    before, behind = id_before.encode(), id_behind.encode()
    body = b'{"id": "%b", "error_msg": "<%b>", "request_id": "%b"}' % (before, quoted, behind)
    return (
        Secrets({Token.GOOD: token})
        .redact_response(Response(400, "", (), body))
        .body.decode("latin-1")
    )


@settings(max_examples=examples(400), deadline=None)
@given(token=tokens, name=names, before=st.sampled_from(["", "user:", "tokens are ", "{"]))
def test_no_encoding_of_a_token_survives(token: str, name: str, before: str) -> None:
    spelled = SINGLE[name](before.encode() + token.encode())
    clean = redacted(token, spelled)
    assert "{{" in clean, spelled
    middle = spelled.decode("latin-1")
    assert middle[len(middle) // 2 : len(middle) * 3 // 4] not in clean
    assert not shown(token, clean)


@settings(max_examples=examples(500), deadline=None)
@given(token=tokens, first=names, then=names)
def test_no_encoding_of_an_encoding_survives(token: str, first: str, then: str) -> None:
    assume(is_covered(first, then))
    spelled = SINGLE[then](SINGLE[first](token.encode()))
    clean = redacted(token, spelled)
    assert "{{" in clean, spelled
    middle = spelled.decode("latin-1")
    assert middle[len(middle) // 3 : len(middle) * 2 // 3] not in clean


@settings(max_examples=examples(300), deadline=None)
@given(token=tokens, first=names, then=names, ids=st.lists(new_ids, min_size=2, max_size=2))
def test_none_survives_beside_ids_that_are_new_as_well(
    token: str, first: str, then: str, ids: list[str]
) -> None:
    """Texts that come for the first time are decoded side by side."""
    assume(is_covered(first, then))
    clean = redacted(token, SINGLE[then](SINGLE[first](token.encode())), *ids)
    assert "{{" in clean
    assert not shown(token, clean)
    assert all(each in clean for each in ids)


beside = st.lists(
    new_ids
    | st.text(max_size=30)
    | st.sampled_from(
        ["%4", "\\", "\\u00", "&#6", "&lt", "=", "+AG", "{", '"', "\x7f", "a" * 40, ""]
    ),
    max_size=6,
)


@settings(max_examples=examples(400), deadline=None)
@given(token=tokens, first=names, then=names, before=beside, behind=beside)
def test_none_is_overlooked_in_texts_that_are_looked_through_together(
    token: str, first: str, then: str, before: list[str], behind: list[str]
) -> None:
    """What stands in one text says nothing of the next, nor hides what is in it."""
    text = SINGLE[then](SINGLE[first](token.encode())).decode("latin-1")
    assume(first in GROUPS or then in GROUPS or is_covered(first, then))
    secrets = {token: ("{{token}}", "{{part}}")}
    finder = Finder(secrets, {})
    finder.look_through([*before, text, *behind])
    for each in (*before, text, *behind):
        assert finder.may_occur(each) or not Finder(secrets, {}).may_occur(each)


def test_what_is_looked_through_together_is_looked_at_once() -> None:
    finder = Finder({"the-token-of-somebody-0123456789": ("", "")}, {})
    texts = [f'{{"id": "{n:032x}"}}' for n in range(20)]
    with patch.object(redaction, "views", wraps=views) as looked:
        finder.look_through(texts)
        assert not any(map(finder.may_occur, texts))
    assert looked.call_count == 1


responses = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.uuids().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
).map(lambda value: json.dumps(value).encode())


@settings(max_examples=examples(400), deadline=None)
@given(
    token=tokens,
    body=responses | st.binary(max_size=200),
    names=st.lists(names, max_size=2),
)
def test_nothing_is_taken_from_a_response_without_the_token(
    token: str, body: bytes, names: list[str]
) -> None:
    for name in names:
        body = SINGLE[name](body)
    response = Response(200, "", (), body)
    clean = Secrets({Token.GOOD: token}).redact_response(response)
    assert clean.body == escape(body.decode("latin-1")).encode("latin-1")


def test_a_token_in_two_strings_leaves_json_whole() -> None:
    token = "n4b5c6d7e8f9g0h1-n4b5c6d7XXf9g0h1"
    for value in ({token[:16]: token[17:]}, [token[:5], token[5:9], token[9:]], {"a": [*token]}):
        body = json.dumps(value).encode()
        clean = Secrets({Token.GOOD: token}).redact_response(Response(200, "", (), body))
        assert "{{" in str(json.loads(clean.body))
        assert token[:12] not in clean.body.decode()


HOSTILE = {
    "backslashes": b"\\" * 2**19,
    "backslashes and digits": (b"\\" * 7 + b"0123456789") * (2**19 // 17),
    "escapes": b"\\u0041" * (2**19 // 6),
    "percent of percent": b"%" + b"25" * 2**18,
    "digits": b"4142434445464748" * 2**15,
    "base64 of base64": base64.b64encode(base64.b64encode(b"hello, world. " * 21_000)),
    "zeros": b"a\0" * 2**18,
    "random": random.Random(1).randbytes(2**19),
}


@pytest.mark.parametrize("with_token", [False, True])
@pytest.mark.parametrize("name", HOSTILE)
def test_redaction_takes_little_time(name: str, *, with_token: bool) -> None:
    token = "".join(random.Random(2).choices(ALPHABET, k=180))
    body = HOSTILE[name] + token.encode() * with_token
    secrets = Secrets({Token.GOOD: token})
    before = time.process_time()
    clean = secrets.redact_response(Response(200, "", (), body))
    assert time.process_time() - before < 4
    assert not shown(token, clean.body.decode("latin-1"))
