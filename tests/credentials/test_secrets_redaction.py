"""No spelling of a secret is left in a redacted text, and nothing else is taken from it."""

from __future__ import annotations

import gzip
import hashlib
import json
import string
import time
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from secret_encodings import ENCODINGS, Encoding, base64_of, hexadecimal, percent
from secret_scanning import leaks
from trying import examples

from conformance.credentials.braces import escape
from conformance.credentials.encodings import SHORTEST
from conformance.credentials.placeholders import DERIVATIONS, PLACEHOLDER, Derivation, Secrets
from conformance.model import Response, Token

SIGNS = "+/=-_.~!*'();:@&,$?#[]|\\\"<>^`{}% "
any_token = st.text(string.ascii_letters + string.digits + SIGNS, min_size=SHORTEST, max_size=80)
tokens = any_token.map(str.strip).filter(
    lambda token: len(token) >= SHORTEST and len(set(token)) > 4 and "{{" not in token
)
long_tokens = st.text(string.ascii_letters + string.digits + "+/=", min_size=200, max_size=600)
brackets = st.text("<> \n", max_size=3)
BOTH = Secrets(
    {Token.GOOD: "gAAAAABh-sample+5f0d3c1b/9a7e4826==", Token.FORBIDDEN: "weak-0123456789abcdef"},
    {"proxy-password": "hush hush: p@ss/word"},
)


def revealing(token: str) -> Iterator[str]:
    """What gives a token away: the token, and each of its parts of 12 characters."""
    yield token
    yield from (token[at : at + 12] for at in range(len(token) - 11))


def is_leaked(token: str, text: str, encoding: Encoding = str) -> bool:
    """Whether more than half of a token can be read in a text."""
    half = token if len(token) < 24 else token[: len(token) // 2]
    other = token if len(token) < 24 else token[len(token) // 2 :]
    lower = text.lower()
    return any(encoding(part).rstrip("=\n").lower() in lower for part in (half, other))


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: encoding.__name__)
@settings(max_examples=examples(25))
@given(token=tokens, before=brackets, after=brackets)
@example(token="a+/=b+/=c+/=", before="", after="")
@example(token="[a-z]+(x|y)*\\d{3}$", before="", after="")
@example(token="ends in a backslash\\", before="", after="")
@example(token="{starts with a brace", before="", after="}")
def test_no_spelling_of_a_token_survives(
    encoding: Encoding, token: str, before: str, after: str
) -> None:
    spelled = encoding(token)
    clean = Secrets({Token.GOOD: token}).redact(before + spelled + after)
    assert "{{" in clean
    assert spelled not in clean
    assert not is_leaked(token, clean)
    assert not is_leaked(token, clean, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: encoding.__name__)
@settings(max_examples=examples(6))
@given(token=long_tokens)
def test_no_spelling_of_a_long_token_survives(encoding: Encoding, token: str) -> None:
    clean = Secrets({Token.GOOD: token}).redact(f"<{encoding(token)}>")
    assert not is_leaked(token, clean, encoding)
    assert not is_leaked(token[:100], clean)


@settings(max_examples=examples(200))
@given(
    token=st.text(string.ascii_letters + "+/=", min_size=24, max_size=60),
    data=st.data(),
    encoding=st.sampled_from([str, percent, str.upper, hexadecimal]),
)
def test_parts_of_twelve_characters_do_not_survive(
    token: str, data: st.DataObject, encoding: Encoding
) -> None:
    start = data.draw(st.integers(0, len(token) - 12))
    end = data.draw(st.integers(start + 12, len(token)))
    clean = Secrets({Token.GOOD: token}).redact(f"<{encoding(token[start:end])}>")
    assert all(encoding(part) not in clean for part in revealing(token[start:end]))


@given(
    st.text(string.ascii_letters + string.digits + "+/-_=", min_size=24, max_size=60),
    st.data(),
)
def test_a_token_in_two_parts_does_not_survive(token: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(12, len(token) - 12))
    body = json.dumps({"one": token[:cut], "two": token[cut:]}).encode()
    headers = (("X-One", token[:cut]), ("X-Two", token[cut:]))
    clean = Secrets({Token.GOOD: token}).redact_response(Response(200, "", headers, body))
    for value in (*json.loads(clean.body).values(), *(value for _, value in clean.headers)):
        assert "{{" in value
        assert all(part not in value for part in revealing(token))


@settings(max_examples=examples(300))
@given(st.text() | st.text("%&;=\\u01234abcdef#x{}\n"))
@example("{{token}}")
@example("%7B%7Btoken}}")
def test_nothing_is_taken_from_a_text_without_a_secret(text: str) -> None:
    # Hypothesis draws words of the code around it as well, and some of them hold a part of one.
    secrets = (*BOTH.tokens.values(), *BOTH.others.values())
    lower = text.lower()
    assume(not any(part.lower() in lower for each in secrets for part in revealing(each)))
    assert BOTH.redact(text) == escape(text)


@settings(max_examples=examples(200))
@given(
    st.lists(
        st.builds(
            lambda encoding, secret: encoding(secret),
            st.sampled_from(ENCODINGS),
            st.sampled_from([*BOTH.tokens.values(), *BOTH.others.values()]),
        )
        | st.text(max_size=8),
        max_size=5,
    )
)
def test_a_redacted_text_holds_nothing_more_to_redact(pieces: list[str]) -> None:
    clean = BOTH.redact("".join(pieces))
    assert BOTH.redact(clean) == escape(clean)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.just("TOKEN"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def filled(value: object, token: str) -> object:
    """The value with a token at the end of each of its texts, names too."""
    if isinstance(value, str):
        return value + token
    if isinstance(value, list):
        return [filled(item, token) for item in value]
    if isinstance(value, dict):
        return {name + token: filled(item, token) for name, item in value.items()}
    return value


@settings(max_examples=examples(120))
@given(json_values, tokens, st.booleans())
@example(["\n"], "n4b5c6d7e8f9g0h1", True)
@example(["\x41\u0001"], "0001abcdefghijkl", True)
@example(['"'], '\\\\aaabc"', True)
def test_json_stays_json(value: object, token: str, is_ascii: bool) -> None:
    body = json.dumps(filled(value, token), ensure_ascii=is_ascii)
    clean = Secrets({Token.GOOD: token}).redact_response(Response(200, "", (), body.encode()))
    assert not any(token in text for text in texts_of(json.loads(clean.body)))


def texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from (name, *texts_of(item))


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
@pytest.mark.parametrize("torn", [0, 5, 9])
def test_a_packed_body_that_was_not_unpacked_gives_nothing_away(pack: object, torn: int) -> None:
    assert callable(pack)
    secret = BOTH.tokens[Token.GOOD]
    packed = pack(f'{{"echo": "{secret}", "more": "{"x" * 5000}"}}'.encode())
    clean = BOTH.redact_response(Response(200, "", (), packed[: len(packed) - torn]))
    assert clean.body == b"{{token}}"


def test_a_packed_body_without_a_secret_is_kept() -> None:
    packed = gzip.compress(b'{"echo": "nothing"}')
    assert BOTH.redact_response(Response(200, "", (), packed)).body == packed


def test_a_secret_that_is_no_token_has_a_placeholder_of_its_own() -> None:
    password = BOTH.others["proxy-password"]
    assert "{{proxy-password}}" in BOTH.redact(f"407 {base64_of('user:' + password)}")
    assert BOTH.redact(f"407 {password[:13]}") == "407 {{part-of-proxy-password}}"


def test_what_is_said_openly_is_no_secret() -> None:
    project = "b942cc8342734d15bcb246babb1953cf"
    secrets = Secrets({Token.GOOD: f"{project}:5f0d3c1b9a7e4826"}, public=(project,))
    assert secrets.redact(f'"{project}"') == f'"{project}"'
    assert secrets.redact(f"{project}:5f0d3c1b9a7e4826") == "{{token}}"


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: encoding.__name__)
def test_a_near_miss_in_a_query_gives_no_part_of_the_token_away(encoding: Encoding) -> None:
    """An equals sign before hexadecimal digits means something in quoted-printable alone."""
    token = "CanaryHead/12+34=56-78_90abcdefTAILtail0a1b2c3d="
    near_miss = Derivation.EARLY_CHANGED.make(token)
    clean = Secrets({Token.GOOD: token}).redact(f"?token={encoding(near_miss)}&next=/")
    assert leaks(token, {"text": clean.encode("utf-8", "surrogateescape")}) == []


@pytest.mark.parametrize("kind", Derivation, ids=lambda kind: kind.label)
@pytest.mark.parametrize("token", [Token.GOOD, Token.FORBIDDEN])
def test_near_misses_of_both_valid_tokens_are_told_and_not_shown(
    token: Token, kind: Derivation
) -> None:
    secrets = Secrets(
        {Token.GOOD: "Good0a1b2c3d4e5f6071", Token.FORBIDDEN: "weak-9f8e7d6c5b4a3928"}
    )
    sent = secrets.reveal(kind.of(token))
    assert sent == kind.make(secrets.tokens[token])
    stored = secrets.redact_header(sent)
    assert (stored, type(stored)) == (kind.of(token), str)  # it is written into a journal


def test_a_near_miss_of_one_token_is_never_the_other_one() -> None:
    """Two tokens that differ in one place only, and that place is changed."""
    secrets = Secrets(
        {Token.GOOD: "demo-token-A-demo-token", Token.FORBIDDEN: "demo-token-B-demo-token"}
    )
    changed = Derivation.MIDDLE_CHANGED
    good, weak = secrets.tokens.values()
    assert (changed.make(good), changed.make(weak)) == (weak, good)
    for token in secrets.tokens:
        sent = secrets.reveal(changed.of(token))
        assert sent not in secrets.tokens.values()
        stored = PLACEHOLDER.fullmatch(secrets.redact_header(sent))
        assert stored
        assert stored[2] in DERIVATIONS
    assert [secrets.redact_header(each) for each in (good, weak)] == [
        "{{token}}",
        "{{forbidden-token}}",
    ]


@pytest.mark.parametrize("attribute", ["tokens", "others"])
def test_no_representation_shows_a_secret(attribute: str) -> None:
    for secret in getattr(BOTH, attribute).values():
        assert secret not in repr(BOTH)


@pytest.mark.parametrize("unit", ["A" * 13 + '"', "A" * 6 + '"', "&#65;", "A"])
def test_a_token_with_a_run_of_one_character_is_looked_for_at_bounded_cost(unit: str) -> None:
    run = "A" * 400
    token = f"MII{run}-8f0d3c1b9a7e4826"
    secrets = Secrets({Token.GOOD: token})
    body = (unit * (1_000_000 // len(unit))).encode()
    before = time.process_time()
    clean = secrets.redact_response(Response(200, "OK", (), body)).body.decode()
    assert time.process_time() - before < 5
    assert "A" * 12 not in clean
    assert "&#65;" * 12 not in clean


def test_a_message_is_redacted_soon_where_thousands_of_secrets_were_held() -> None:
    digests = (hashlib.sha256(str(number).encode()).hexdigest() for number in range(4000))
    known = {f"secret-{number}": digest for number, digest in enumerate(digests)}
    before = time.process_time()
    told = Secrets({}, known).redact(f"the target said {known['secret-7']}")
    assert time.process_time() - before < 2
    assert told == "the target said {{secret-7}}"
