"""What a response says may be long and odd: judging it takes time with its length, not its square.

Each text is of a kind that made a reader begin again at each of its places.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from memory import peak_of

from conformance.page.error_codes import TRACE
from conformance.page.extended_json import parse_extended_json
from conformance.page.moments import read_moment

LENGTH = 200_000
MOST = 2.0
"""Seconds of processor time: with the square of the length it would be a minute or more."""


def seconds(work: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    work(text)
    return time.process_time() - began


def filled(part: str) -> str:
    return part * (LENGTH // len(part))


@pytest.mark.parametrize("part", ["\n", "\n ", "\n \t", 'File "x', 'File "x" ', "\n at a", "at a("])
def test_looking_for_a_stack_trace_takes_time_with_the_length(part: str) -> None:
    assert seconds(TRACE.search, filled(part)) < MOST


@pytest.mark.parametrize(
    "part", ["a-", "1-", "a ", "a, ", "-", "1:", "11:1", "[a", "/a", "\n", " "]
)
def test_reading_a_moment_takes_time_with_the_length(part: str) -> None:
    assert seconds(read_moment.__wrapped__, f"x{filled(part)}") < MOST


@pytest.mark.parametrize(
    "text",
    [
        'x\n  File "/srv/app.py", line 12',
        "java.lang.Error\n\tat a.b.C.d(C.java:1)",
        "Error: x\n\n    at Object.<anonymous> (/app/x.js:1)\n    at f(x.js:2)",
    ],
)
def test_a_stack_trace_is_seen(text: str) -> None:
    assert TRACE.search(text)


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_long_string_in_extended_json_takes_little_memory(quote: str) -> None:
    text = f"[{quote}{'a' * 500_000}{quote},]".encode()
    assert peak_of(lambda: parse_extended_json(text)) < 10_000_000
