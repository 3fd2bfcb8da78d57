"""How the body of a response is read: once where that takes little memory, or not at all."""

from __future__ import annotations

import pytest
from judge_helpers import answer
from msgspec.structs import replace

from conformance.page.answer import error_code, json_of
from conformance.page.json_text import NotKnown

KIB, MIB = 1024, 1024 * 1024


@pytest.mark.parametrize(
    ("length", "is_remembered", "is_latest"),
    [
        (8 * KIB, True, True),
        (8 * KIB + 1, False, True),
        (MIB, False, True),
        (MIB + 1, False, False),
    ],
)
def test_short_bodies_are_read_once_and_the_latest_of_longer_ones_unless_it_is_huge(
    length: int, is_remembered: bool, is_latest: bool
) -> None:
    one, other = (answer(200, body.ljust(length)) for body in (b'"one"', b'"other"'))
    read = json_of(one)
    assert (json_of(one) is read) is is_latest
    json_of(other)
    assert (json_of(one) is read) is is_remembered


@pytest.mark.parametrize("content", [{"error_code": "CSBS.0400"}, b"<html>", b""])
def test_whether_a_body_is_json_that_is_not_there_as_it_came_is_not_known(content: object) -> None:
    assert isinstance(json_of(replace(answer(400, content), whole=False)), NotKnown)


def test_what_is_there_of_a_body_tells_its_code() -> None:
    assert error_code(replace(answer(400, {"error_code": "CSBS.0400"}), whole=False)) == "CSBS.0400"
