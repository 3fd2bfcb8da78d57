"""Targets that are hostile in the body: its size, its coding, and what stands for JSON in it."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

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

MIB = 1024 * 1024
GZIP = ("Content-Encoding", "gzip")
STANDARD = ("--time-limit", "60")


def bomb(size: int) -> bytes:
    """A gzip stream of that many zeros: a block of 1 MiB, over and over."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = deflater.compress(bytes(MIB)) + deflater.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * (size // MIB)


@lru_cache
def bombs() -> tuple[tuple[bytes, str], ...]:
    """Bombs with their codings: 4 GiB in 4 MB, what stays below the limit of that, one in one."""
    whole = bomb(4096 * MIB)
    assert 4_000_000 < len(whole) < 4_500_000
    return (whole, "gzip"), (whole[: MIB - 1000], "gzip"), (gzip.compress(whole, 9), "gzip, gzip")


def each_checkpoint(talk: Talk) -> Iterator[dict[str, Any]]:
    """The checkpoints of this connection; what is refused is refused right."""
    for request in talk.requests():
        response = talk.right(request)
        if response.status == 200 and request.method == "POST":
            yield json.loads(response.body)
        else:
            talk.send(wire(response))


@behaviour(INCONCLUSIVE)
def endless_body(talk: Talk) -> None:
    """Sends a body without an end, as fast as it is read."""
    talk.read()
    talk.send(head())
    talk.flood(b"x" * 65536)


@behaviour(INCONCLUSIVE, options=PROMPT)
def gzip_bomb(talk: Talk) -> None:
    """Sends 4 MB of gzip that become 4 GB, the first of those, and the whole packed twice."""
    for _ in talk.requests():
        packed, coding = bombs()[talk.number % 3]
        talk.send(whole(packed, 200, ("Content-Encoding", coding)))


@behaviour(VIOLATES, options=PROMPT)
def gzip_that_is_none(talk: Talk) -> None:
    """Says gzip, and sends what only begins like it, or half of it."""
    for body in each_checkpoint(talk):
        text = json.dumps(body).encode()
        packed = gzip.compress(text)
        torn = packed[: len(packed) // 2]
        talk.send(whole(torn if talk.number % 2 else b"\x1f\x8b" + text, 200, GZIP))


@behaviour(VIOLATES, options=PROMPT)
def unknown_codings(talk: Talk) -> None:
    """Names content codings that nobody knows, 5,000 of them in one response."""
    codings = ("br", "secret", "gzip;q=0", "\t,,,", ",".join(["gzip"] * 5000))
    for body in each_checkpoint(talk):
        said = codings[talk.number % len(codings)]
        talk.send(whole(b"\x8b" + json.dumps(body).encode(), 200, ("Content-Encoding", said)))


@behaviour(VIOLATES, options=PROMPT)
def invalid_utf_8(talk: Talk) -> None:
    """Puts bytes into its strings that are no UTF-8."""
    for body in each_checkpoint(talk):
        text = json.dumps(body).encode()
        talk.send(whole(text.replace(b'"name": "', b'"name": "\xff\xfe\xc0\x80\xed\xa0\x80')))


@behaviour(CONFORMS, options=PROMPT)
def byte_order_mark(talk: Talk) -> None:
    """Begins its JSON with a byte order mark."""
    for body in each_checkpoint(talk):
        talk.send(whole(b"\xef\xbb\xbf" + json.dumps(body).encode()))


@behaviour(VIOLATES, options=PROMPT)
def nan_and_infinity(talk: Talk) -> None:
    """Writes NaN and Infinity, which Python reads and JSON has not."""
    for body in each_checkpoint(talk):
        body["checkpoint"]["extra_info"] = [float("nan"), float("inf"), -float("inf")]
        talk.send(whole(json.dumps(body).encode()))


@behaviour(VIOLATES, CONFORMS, options=PROMPT)
def duplicate_keys(talk: Talk) -> None:
    """Names each field three times, with other values each time."""
    for body in each_checkpoint(talk):
        fields = json.dumps(body["checkpoint"])[1:-1]
        talk.send(whole(f'{{"checkpoint": {{{fields}, {fields}, "id": "", {fields}}}}}'.encode()))


@behaviour(CONFORMS, options=PROMPT)
def thousands_of_names_one_twice(talk: Talk) -> None:
    """Has 70,000 names in one object, one of them twice."""
    names = ",".join(f'"{number}":0' for number in (*range(70_000), 0))
    for body in each_checkpoint(talk):
        fields = json.dumps(body)[1:-1]
        talk.send(whole(f"{{{fields}, {names}}}".encode()))


@behaviour(VIOLATES, options=PROMPT)
def numbers_of_20000_digits(talk: Talk) -> None:
    """Writes numbers of 20,000 digits, and with exponents of 20,000 digits, for all its strings."""
    long = "7" * 20_000
    for body in each_checkpoint(talk):
        body["checkpoint"] = dict.fromkeys(body["checkpoint"], "NUMBER")
        text = json.dumps(body)
        for number in (long, f"-{long}.5", f"1e{long}", f"0.{long}", f"-1e-{long}"):
            text = text.replace('"NUMBER"', number, 1)
        talk.send(whole(text.replace('"NUMBER"', long).encode()))


@behaviour(VIOLATES, INCONCLUSIVE, options=PROMPT)
def nested_200000_deep(talk: Talk) -> None:
    """Nests lists and objects 200,000 levels deep, in responses of all kinds."""
    deep = (b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 150_000 + b"0" + b"}" * 150_000)
    for request in talk.requests():
        talk.send(whole(deep[talk.number % 2], talk.right(request).status))


@behaviour(VIOLATES, options=PROMPT)
def nested_just_deep_enough(talk: Talk) -> None:
    """Nests 900 levels deep where a string belongs: what reads it may not be what prints it."""
    for body in each_checkpoint(talk):
        text = json.dumps({**body["checkpoint"], "extra_info": "DEEP", "status": "DEEP"})
        text = text.replace('"DEEP"', "[" * 900 + "]" * 900)
        talk.send(whole(f'{{"checkpoint": {text}}}'.encode()))


@behaviour(VIOLATES, CONFORMS, options=PROMPT)
def lone_surrogates(talk: Talk) -> None:
    """Spells halves of characters, in names and in values."""
    for body in each_checkpoint(talk):
        text = json.dumps(body).replace('"name": "', '"name\\ud800": "", "name": "\\udfff\\ud800')
        talk.send(whole(text.replace('"id": "', '"id": "\\ud83d').encode()))


@behaviour(INCONCLUSIVE, options=PROMPT)
def strings_of_64_mb(talk: Talk) -> None:
    """Answers with one string of 64 MB."""
    talk.read()
    talk.send(head(length=64 * MIB + 18), b'{"checkpoint": {"id": "')
    for _ in range(64):
        talk.send(b"a" * MIB)
    talk.send(b'"}}')


@behaviour(VIOLATES, INCONCLUSIVE, options=PROMPT)
def strings_below_the_limit(talk: Talk) -> None:
    """Has strings of a quarter of a megabyte in the fields that reports repeat."""
    for body in each_checkpoint(talk):
        point = body["checkpoint"]
        for place, name in enumerate(("id", "created_at", "status")):
            point[name] = f"{point[name]}{'abc'[place] * 300_000}"
        talk.send(whole(json.dumps(body).encode()))


@behaviour(VIOLATES, INCONCLUSIVE, options=STANDARD, takes=5.0)
def every_refusal_just_below_the_limit(talk: Talk) -> None:
    """Refuses right, with nearly a megabyte each time, which grows where it is written down."""
    growing = (b'{"error_code": "' + b"\x01" * (MIB - 100) + b'"}', b"{{" * (MIB // 2))
    for request in talk.requests():
        response = talk.right(request)
        if response.status == 200:
            talk.send(wire(response))
        else:
            talk.send(whole(growing[talk.number % 2], response.status))


@behaviour(VIOLATES, INCONCLUSIVE, options=PROMPT)
def as_many_values_as_fit(talk: Talk) -> None:
    """Answers with a list of a third of a million empty objects."""
    body = b'{"checkpoint": {"id": [' + b"{}," * ((MIB - 100) // 3) + b"0]}}"
    for _ in talk.requests():
        talk.send(whole(body))


@behaviour(VIOLATES, INCONCLUSIVE, options=PROMPT)
def as_many_wrong_servers_as_fit(talk: Talk) -> None:
    """Lists 25,000 servers, each of which breaks every clause on servers."""
    for body in each_checkpoint(talk):
        servers = [{"id": 0, "name": 0, "type": 0}] * 25_000
        body["checkpoint"]["protection_plan"]["resources"] = servers
        talk.send(whole(json.dumps(body, separators=(",", ":")).encode()))


@behaviour(VIOLATES, options=PROMPT)
def json_that_is_no_object(talk: Talk) -> None:
    """Answers with another JSON value each time, and at times with none."""
    values = (b"null", b"0", b'""', b"[]", b"", b"[[{}]]", b'{"checkpoint": []}', b"{} {}", b"//")
    for request in talk.requests():
        talk.send(whole(values[talk.number % len(values)], talk.right(request).status))
