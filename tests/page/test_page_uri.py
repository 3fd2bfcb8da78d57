"""What stands in the place of a token, and which addresses are this machine's own."""

from __future__ import annotations

import pytest
from judge_helpers import expect, request

from conformance.credentials.placeholders import WRONG_SIGNATURE, placeholder
from conformance.model import Token
from conformance.page.oracle import Duty
from conformance.page.uri import is_loopback


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
