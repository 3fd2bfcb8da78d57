"""Content codings are undone within a limit, and what cannot be undone is said to be so."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from memory import peak_of
from trying import examples

from conformance.decoding import (
    MOST_CODINGS,
    MOST_MEMBERS,
    TooLarge,
    Undecodable,
    decoded,
    undoing,
)

MOST_BYTES = 1 << 20
PLAIN = b'{"checkpoint": {"status": "protecting"}}' * 20
MEBIBYTE = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


def bomb(mebibytes: int) -> bytes:
    """A gzip stream that inflates to that many MiB; made piece by piece."""
    deflater = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    piece = bytes(MEBIBYTE)
    return b"".join(deflater.compress(piece) for _ in range(mebibytes)) + deflater.flush()


@pytest.mark.parametrize(
    ("codings", "encode"),
    [
        ([], bytes),
        (["identity"], bytes),
        (["", ",,"], bytes),
        (["deflate, identity"], zlib.compress),
        (["gzip"], gzip.compress),
        (["x-gzip"], gzip.compress),
        ([" GZIP "], gzip.compress),
        (["deflate"], zlib.compress),
        (["deflate"], raw_deflate),
        (["gzip, deflate"], lambda data: zlib.compress(gzip.compress(data))),
        (["gzip", "deflate"], lambda data: zlib.compress(gzip.compress(data))),
        (["deflate,gzip,gzip"], lambda data: gzip.compress(gzip.compress(zlib.compress(data)))),
    ],
)
def test_known_codings_are_undone_the_last_one_first(
    codings: list[str], encode: Callable[[bytes], bytes]
) -> None:
    assert decoded(encode(PLAIN), codings, MOST_BYTES) == PLAIN


@pytest.mark.parametrize("coding", ["br", "zstd", "utf-8", "none", "gzip;q=1", "gzip, br"])
def test_a_coding_that_is_not_known_is_not_undone(coding: str) -> None:
    with pytest.raises(Undecodable, match="not known"):
        decoded(PLAIN, [coding], MOST_BYTES)


def test_an_empty_body_stays_empty() -> None:
    assert decoded(b"", ["gzip"], MOST_BYTES) == b""


json_texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
).map(lambda value: json.dumps(value).encode())


ERROR = b'{"error_code": "CSBS.2003", "error_msg": "item in executing"}'


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("body", [PLAIN, ERROR, b"item in executing", b"\xff\xfe"])
def test_a_body_that_does_not_follow_its_coding_is_told(body: bytes, coding: str) -> None:
    with pytest.raises(Undecodable, match=coding):
        decoded(body, [coding], MOST_BYTES)


@settings(database=None, deadline=None, max_examples=examples(300))
@given(body=json_texts, coding=st.sampled_from(["gzip", "deflate"]))
@example(body=b"{}", coding="gzip")
def test_no_json_passes_for_a_coding(body: bytes, coding: str) -> None:
    with pytest.raises(Undecodable):
        decoded(body, [coding], MOST_BYTES)


@pytest.mark.parametrize(
    "body",
    [gzip.compress(PLAIN)[:-12], gzip.compress(PLAIN)[:-1], gzip.compress(PLAIN) + b"x"],
    ids=["half of its end", "without its last byte", "a byte more"],
)
def test_a_stream_that_does_not_end_where_the_body_does_is_told(body: bytes) -> None:
    with pytest.raises(Undecodable, match="gzip"):
        decoded(body, ["gzip"], MOST_BYTES)


def test_only_so_many_codings_are_undone() -> None:
    body = PLAIN
    for _ in range(MOST_CODINGS):
        body = gzip.compress(body)
    assert decoded(body, ["gzip"] * MOST_CODINGS, MOST_BYTES) == PLAIN
    with pytest.raises(Undecodable, match="6 content codings"):
        decoded(gzip.compress(body), ["gzip"] * (MOST_CODINGS + 1), MOST_BYTES)


def test_of_many_codings_those_applied_last_are_undone_first() -> None:
    codings = ["identity, identity, identity, gzip"]
    assert decoded(gzip.compress(PLAIN), codings, MOST_BYTES) == PLAIN


@settings(database=None, deadline=None, max_examples=examples(300))
@given(
    body=st.binary(max_size=2000) | st.binary().map(gzip.compress) | st.binary().map(raw_deflate),
    codings=st.lists(st.sampled_from(["gzip", "deflate", "br", "identity", "", "ü"]), max_size=6),
    limit=st.integers(0, 4000),
)
def test_whatever_is_claimed_no_more_than_the_limit_comes_out(
    body: bytes, codings: list[str], limit: int
) -> None:
    try:
        plain = decoded(body, codings, limit)
    except (TooLarge, Undecodable):
        return
    assert plain == body or len(plain) <= limit


@settings(database=None, deadline=None, max_examples=examples(200))
@given(body=st.binary(min_size=30, max_size=300), cut=st.integers(1, 20), flip=st.integers(0, 400))
def test_a_torn_or_corrupt_stream_raises_nothing_else(body: bytes, cut: int, flip: int) -> None:
    stream = bytearray(gzip.compress(body))
    stream[flip % len(stream)] ^= 0xFF
    with suppress(Undecodable):
        decoded(bytes(stream), ["gzip"], MOST_BYTES)
    with pytest.raises(Undecodable):
        decoded(gzip.compress(body)[:-cut], ["gzip"], MOST_BYTES)


@pytest.mark.parametrize("over", [0, 1])
def test_the_limit_is_exact(over: int) -> None:
    stream = gzip.compress(bytes(1000 + over))
    if over:
        with pytest.raises(TooLarge):
            decoded(stream, ["gzip"], 1000)
    else:
        assert decoded(stream, ["gzip"], 1000) == bytes(1000)


@pytest.mark.parametrize(
    ("codings", "wrap"),
    [(["gzip"], bytes), (["gzip, gzip"], gzip.compress), (["gzip, deflate"], zlib.compress)],
)
def test_a_bomb_is_stopped_at_the_limit_and_takes_little_memory(
    codings: list[str], wrap: Callable[[bytes], bytes]
) -> None:
    stream = wrap(bomb(128))
    assert len(stream) < MEBIBYTE // 4

    def stopped() -> None:
        with pytest.raises(TooLarge):
            decoded(stream, codings, MOST_BYTES)

    assert peak_of(stopped) < 8 * MEBIBYTE


@pytest.mark.parametrize("coding", ["gzip", "deflate, gzip", "gzip, gzip", "deflate, deflate"])
def test_members_are_bounded_by_their_number(coding: str) -> None:
    inner = zlib.compress if coding.startswith("deflate") else gzip.compress
    outer = zlib.compress if coding.endswith("deflate") else gzip.compress
    body = inner(b"") * 40_000
    data = outer(body) if "," in coding else body
    with pytest.raises(TooLarge, match="more than 100 compressed members"):
        decoded(data, [coding], MOST_BYTES)
    few = inner(b"a") * MOST_MEMBERS
    assert (
        decoded(outer(few) if "," in coding else few, [coding], MOST_BYTES) == b"a" * MOST_MEMBERS
    )


def test_a_large_body_is_undone_in_slices_so_that_others_have_their_turn() -> None:
    packed = gzip.compress(gzip.compress(bytes(1024 * 1024)))
    turns = list(undoing(packed, ["gzip, gzip"], 1024 * 1024))
    assert len(turns) >= 16
