"""What stands in the place of a token, and which addresses are this machine's own."""

from __future__ import annotations

import pytest
from judge_helpers import FIXTURES, RECORDED, exchange, expect, refusal, request
from msgspec.structs import replace

from conformance.credentials.placeholders import WRONG_SIGNATURE, placeholder
from conformance.model import Token
from conformance.page.answer import Answer
from conformance.page.call import Call
from conformance.page.oracle import Duty
from conformance.page.uri import https, is_loopback


@pytest.mark.parametrize(
    ("signature", "decisive"),
    [
        (placeholder(Token.SIGNATURE), None),
        (WRONG_SIGNATURE, "S401.bad-token"),
        ("SDK-HMAC-SHA256 Access=AK", "S401.no-token"),
        ("", "S401.no-token"),
    ],
)
def test_a_signature_stands_in_the_place_of_a_token(signature: str, decisive: str | None) -> None:
    expectation = expect(request(token=None, headers=(("Authorization", signature),)))
    assert (expectation.decisive.id if expectation.decisive else None) == decisive
    assert expectation.duty is (Duty.REFUSE if decisive else Duty.EXECUTE)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost.example.com", False),
        ("notlocalhost", False),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::2", False),
        ("example.com", False),
    ],
)
def test_an_address_of_this_machine_is_known(host: str, own: bool) -> None:
    assert is_loopback(host) is own


@pytest.mark.parametrize(
    ("endpoint", "wrong"),
    [
        ("https://csbs.example.com", None),
        ("HTTPS://csbs.example.com", None),
        ("http://127.0.0.1:8080", None),
        ("http://csbs.example.com:8080", ("an https URI", "http://csbs.example.com:8080")),
    ],
)
def test_an_endpoint_is_reached_over_https_but_on_this_machine(
    endpoint: str, wrong: tuple[str, str] | None
) -> None:
    sent = request(endpoint=endpoint)
    assert https(Answer(exchange(sent, refusal(400)), Call(sent, FIXTURES))) == wrong


def test_only_of_a_body_that_is_not_known_as_it_was_sent_something_else_is_told() -> None:
    assert Call(request(), FIXTURES).told is None
    parsed = replace(request(), whole=False)
    assert Call(parsed, FIXTURES).told == Call(request(), FIXTURES).json


@pytest.mark.parametrize("content", [b"no JSON", b"[" * 5000 + b"]" * 5000])
def test_of_a_part_of_a_body_that_cannot_be_read_nothing_is_told(content: bytes) -> None:
    sent = replace(request(content), whole=False)
    assert Call(sent, FIXTURES).told is None
    assert expect(sent, RECORDED).duty is Duty.UNKNOWN
