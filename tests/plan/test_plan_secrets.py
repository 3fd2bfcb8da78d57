"""Secrets stay out of everything that is kept; near-misses are misses."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from conformance.credentials.braces import escape
from conformance.credentials.encodings import SHORTEST
from conformance.credentials.placeholders import (
    DERIVATIONS,
    Derivation,
    Secrets,
    placeholder,
)
from conformance.model import Request, Response, Token

ENCODED = string.ascii_letters + string.digits + "+/-_.="
encoded_tokens = st.text(ENCODED, min_size=SHORTEST, max_size=40)
lettered_tokens = st.builds(
    lambda head, letter, tail: head + letter + tail,
    st.text(ENCODED, min_size=3, max_size=20),
    st.sampled_from(string.ascii_letters),
    st.text(ENCODED, min_size=3, max_size=20),
)
around = st.text(max_size=10)
GOOD = "gAAAAABh-sample-token-5f0d3c1b9a7e4826"
WEAK = "gAAAAABh-other-token-without-right"
SECRETS = Secrets({Token.GOOD: GOOD, Token.FORBIDDEN: WEAK})


def differs_in_the_last_character_alone(one: str, other: str) -> bool:
    return len(one) == len(other) and one[:-1] == other[:-1]


@pytest.mark.parametrize("derivation", Derivation, ids=lambda d: d.label)
@given(token=lettered_tokens)
def test_a_near_miss_is_another_token(derivation: Derivation, token: str) -> None:
    near = derivation.make(token)
    assert near
    assert near != token
    assert not differs_in_the_last_character_alone(near, token)


@pytest.mark.parametrize("derivation", Derivation, ids=lambda derivation: derivation.label)
@given(token=encoded_tokens)
@example(token="123456")
@example(token="12345a")
def test_a_near_miss_is_another_token_even_without_letters(
    derivation: Derivation, token: str
) -> None:
    near = derivation.make(token)
    assert near
    assert near != token
    assert not differs_in_the_last_character_alone(near, token)


@given(encoded_tokens)
def test_near_misses_are_told_apart_by_their_placeholders(token: str) -> None:
    secrets = Secrets({Token.GOOD: token})
    for derivation in Derivation:
        assert secrets.reveal(derivation.placeholder) == derivation.make(token)
    assert len({derivation.placeholder for derivation in Derivation}) == len(DERIVATIONS)


@given(st.text())
def test_a_text_without_a_secret_is_kept_but_for_its_braces(text: str) -> None:
    assert SECRETS.redact(text) == escape(text)
    assert SECRETS.reveal(SECRETS.redact(text)) == text


@given(around, st.sampled_from([GOOD, WEAK, *(d.make(GOOD) for d in Derivation)]), around)
@example("{", GOOD, "}}")
@example("{{token}}", GOOD, "{{open}}")
@example("\\", Derivation.PRECEDED.make(GOOD), "")
def test_a_text_with_a_secret_is_revealed_as_it_was(before: str, secret: str, after: str) -> None:
    text = before + secret + after
    redacted = SECRETS.redact(text)
    assert secret not in redacted
    assert SECRETS.reveal(redacted) == text


@given(around, st.sampled_from(sorted(SECRETS.tokens)), around)
def test_a_placeholder_says_which_token_it_was(before: str, token: Token, after: str) -> None:
    secret = SECRETS.tokens[token]
    assume("AAAA" not in before + after)  # that would be a near-miss
    assert SECRETS.redact(before + secret + after) == (
        escape(before) + placeholder(token) + escape(after)
    )


@pytest.mark.parametrize(
    ("token", "text", "leaked"),
    [
        ("abcdefghi{{jklmnop", "bad token abcdefghi{{jklmnop", "jklmnop"),
        ("{abcdefghijklmnopqrstuvwxyz", "{{abcdefghijklmnopqrstuvwxyz}", "abcde"),
    ],
)
def test_a_token_with_braces_does_not_survive(token: str, text: str, leaked: str) -> None:
    assert leaked not in Secrets({Token.GOOD: token}).redact(text)


@pytest.mark.parametrize("spelling", [GOOD.encode().hex().upper(), "a%2fb%2bc%3d%3d-sample"])
def test_a_spelling_in_other_case_does_not_survive(spelling: str) -> None:
    secrets = Secrets({Token.GOOD: GOOD, Token.FORBIDDEN: "a/b+c==-sample"})
    assert spelling not in secrets.redact(f"x={spelling}")


def test_a_token_that_is_a_word_of_a_placeholder_spoils_none() -> None:
    secrets = Secrets({Token.GOOD: "forbidden-token", Token.FORBIDDEN: "another-sample-token"})
    assert secrets.reveal(secrets.redact("another-sample-token")) == "another-sample-token"


@pytest.mark.parametrize("derivation", Derivation, ids=lambda d: d.label)
def test_a_near_miss_in_an_answer_is_replaced(derivation: Derivation) -> None:
    near, is_quoted = derivation.make(GOOD), derivation is Derivation.QUOTED
    shown = '"{{token}}"' if is_quoted else str(derivation.placeholder)  # as JSON has the token
    assert SECRETS.redact(f"no such token: {near}.") == f"no such token: {shown}."


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_a_secret_is_found_among_any_bytes(before: bytes, after: bytes) -> None:
    left = SECRETS.redact_response(Response(200, "", (), before + GOOD.encode() + after)).body
    assert GOOD.encode() not in left
    assert b"{{token}}" in left


def test_secrets_are_found_in_the_names_and_values_of_headers() -> None:
    headers = (("X-Auth-Token", GOOD), (WEAK, "x"), ("Set-Cookie", f"t={GOOD}; Secure"))
    clean = SECRETS.redact_response(Response(200, "OK", headers, b""))
    assert clean.headers == (
        ("X-Auth-Token", "{{token}}"),
        ("{{forbidden-token}}", "x"),
        ("Set-Cookie", "t={{token}}; Secure"),
    )


def test_a_request_goes_out_as_it_was_meant() -> None:
    request = Request(
        "POST", "https://x", (("X-Auth-Token", "{{token}}"), ("X", "{{open}}")), b"{{open}}7}}"
    )
    headers, body = SECRETS.reveal_request(request)
    assert headers == [("X-Auth-Token", GOOD), ("X", "{{")]
    assert body == b"{{7}}"


def test_no_representation_shows_a_secret() -> None:
    assert GOOD not in repr(SECRETS)
    assert GOOD not in str(SECRETS)


def test_a_token_too_short_to_be_looked_for_is_left() -> None:
    assert Secrets({Token.GOOD: "abc"}).redact("abc") == "abc"
