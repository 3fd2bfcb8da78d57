"""An envelope that does not bear the signature is refused, and why is told apart."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attestation_reports import (
    PUBLIC,
    SIGNER,
    STRANGER,
    envelope_of,
    kinds,
    sign_again,
    statement_in,
    verified,
    write_envelope,
)
from hypothesis import given
from hypothesis import strategies as st

from conformance.attestation import ATTESTATION
from conformance.attestation.envelope import MOST, sealed, unsealed
from conformance.attestation.findings import Part, Tampered
from conformance.errors import UsageError

pytest_plugins = ["attestation_session"]

Envelope = dict[str, Any]
SAMPLE = sealed(b'{"a": [1, 2]}', SIGNER)


def _edit_payload(envelope: Envelope) -> None:
    statement = json.loads(base64.b64decode(envelope["payload"]))
    statement["predicate"]["result"] = "FAILED"
    envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()


def _flip(envelope: Envelope) -> None:
    raw = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
    raw[7] ^= 1
    envelope["signatures"][0]["sig"] = base64.b64encode(raw).decode()


def _strange_signature(envelope: Envelope, keyid: str) -> None:
    payload = base64.b64decode(envelope["payload"])
    signed = json.loads(sealed(payload, STRANGER))
    envelope["signatures"] = [{**signed["signatures"][0], "keyid": keyid}]


def _by_a_stranger(envelope: Envelope) -> None:
    _strange_signature(envelope, STRANGER.public_key.keyid)


def _by_a_stranger_in_our_name(envelope: Envelope) -> None:
    _strange_signature(envelope, PUBLIC.keyid)


def _short_signature(envelope: Envelope) -> None:
    envelope["signatures"][0]["sig"] = base64.b64encode(b"short").decode()


def _loose_base64(envelope: Envelope) -> None:
    envelope["payload"] = envelope["payload"][:40] + "\n" + envelope["payload"][40:]


TAMPERINGS: dict[str, tuple[Callable[[Envelope], object], str]] = {
    "payload edited": (_edit_payload, "signature"),
    "payload of nothing": (lambda envelope: envelope.update(payload=""), "signature"),
    "a bit of the signature": (_flip, "signature"),
    "a signature that is too short": (_short_signature, "signature"),
    "an empty signature": (lambda e: e["signatures"][0].update(sig=""), "signature"),
    "another's signature": (_by_a_stranger, "key"),
    "another's signature in our name": (_by_a_stranger_in_our_name, "signature"),
    "another key id": (lambda e: e["signatures"][0].update(keyid="0" * 64), "key"),
    "no key id": (lambda e: e["signatures"][0].update(keyid=""), "key"),
    "payload type": (lambda e: e.update(payloadType="text/plain"), "payload type"),
    "payload type in capitals": (
        lambda e: e.update(payloadType=e["payloadType"].upper()),
        "payload type",
    ),
    "no signature": (lambda e: e.update(signatures=[]), "envelope"),
    "the signature twice": (lambda e: e["signatures"].append(e["signatures"][0]), "envelope"),
    "a second signature": (
        lambda e: e["signatures"].append({"keyid": "1", "sig": "AAAA"}),
        "envelope",
    ),
    "more in the envelope": (lambda e: e.update(note="trust me"), "envelope"),
    "more in the signature": (lambda e: e["signatures"][0].update(cert="x"), "envelope"),
    "less in the envelope": (lambda e: e.pop("payloadType"), "envelope"),
    "a payload of another type": (lambda e: e.update(payload=7), "envelope"),
    "a payload that is no base64": (lambda e: e.update(payload="%%%"), "envelope"),
    "base64 in another way": (_loose_base64, "envelope"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_an_envelope_that_was_changed_is_told_apart(report: Path, name: str) -> None:
    tamper, kind = TAMPERINGS[name]
    envelope = envelope_of(report)
    tamper(envelope)
    write_envelope(report, envelope)
    outcome = verified(report)
    assert kinds(outcome) == {kind}
    assert outcome.exit_code == 1


def test_the_signature_of_another_envelope_does_not_fit(report: Path, other: Path) -> None:
    write_envelope(report, {**envelope_of(report), "signatures": envelope_of(other)["signatures"]})
    assert kinds(verified(report)) == {"signature"}


def test_the_envelope_of_another_report_is_not_of_this_one(report: Path, other: Path) -> None:
    shutil.copy(other / ATTESTATION, report)
    assert {"journal", "report.json", "changed file"} <= kinds(verified(report))


def test_who_verifies_with_another_key_is_told_so(report: Path) -> None:
    (finding,) = verified(report, STRANGER.public_key).findings
    assert finding.kind == "key"
    assert PUBLIC.keyid[:12] in finding.text


def test_a_statement_signed_by_a_stranger_is_not_ours(report: Path) -> None:
    sign_again(report, lambda statement: None, STRANGER)
    assert kinds(verified(report)) == {"key"}
    assert verified(report, STRANGER.public_key).exit_code == 0  # it is theirs


def test_the_layout_of_the_envelope_is_free(report: Path) -> None:
    envelope = envelope_of(report)
    turned = dict(reversed(envelope.items()))
    (report / ATTESTATION).write_text(json.dumps(turned, indent=4) + "\n\n")
    assert verified(report).exit_code == 0


def test_a_link_in_the_place_of_the_envelope_is_named(report: Path) -> None:
    (report / ATTESTATION).rename(report.parent / "envelope")
    (report / ATTESTATION).symlink_to(report.parent / "envelope")
    assert kinds(verified(report)) == {"link"}


def test_without_a_statement_nothing_is_verified(report: Path) -> None:
    (report / ATTESTATION).unlink()
    with pytest.raises(UsageError, match="csbs-conformance attest writes it"):
        verified(report)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"payload": ' * 50_000,
        b" " * (MOST + 1),
        SAMPLE + b" " * MOST,
        SAMPLE * 2,
        SAMPLE[:-20],
        SAMPLE.replace(b'{"payload"', b'{"payload": "", "payload"'),
        SAMPLE.replace(b'"sig"', b'"sig": "", "sig"'),
        b'{"payload": "\\ud800", "payloadType": "", "signatures": [{"keyid": "", "sig": ""}]}',
        b'{"payload": 1' + b"0" * 5000 + b"}",
    ],
)
def test_garbage_is_no_envelope(data: bytes) -> None:
    with pytest.raises(Tampered) as caught:
        unsealed(data, PUBLIC)
    assert caught.value.finding.kind is Part.ENVELOPE
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("payload", [b"{}", b"[1]"])
def test_bytes_have_one_base64(payload: bytes) -> None:
    envelope = json.loads(sealed(payload, SIGNER))
    written = envelope["signatures"][0]["sig"]  # 64 bytes: the last digit has bits to spare
    other = written[:-3] + chr(ord(written[-3]) + 1) + "=="
    assert base64.b64decode(other) == base64.b64decode(written)
    envelope["signatures"][0]["sig"] = other
    with pytest.raises(Tampered) as caught:
        unsealed(json.dumps(envelope).encode(), PUBLIC)
    assert caught.value.finding.kind is Part.ENVELOPE


def test_what_is_sealed_is_unsealed() -> None:
    assert unsealed(SAMPLE, PUBLIC) == b'{"a": [1, 2]}'


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_as_an_envelope(data: bytes) -> None:
    with pytest.raises(Tampered) as caught:
        unsealed(data, PUBLIC)
    assert str(caught.value).isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {"payload": JSON, "payloadType": JSON | st.just("application/vnd.in-toto+json")},
        optional={"signatures": JSON | st.lists(st.dictionaries(st.text(), JSON), max_size=2)},
    )
)
def test_anything_in_the_form_of_an_envelope_is_refused(envelope: Envelope) -> None:
    with pytest.raises(Tampered):
        unsealed(json.dumps(envelope).encode(), PUBLIC)


@given(st.integers(0, len(SAMPLE) - 1), st.integers(0, 2), st.binary(min_size=1, max_size=3))
def test_a_byte_changed_anywhere_is_noticed_or_says_the_same(
    place: int, removed: int, put: bytes
) -> None:
    data = SAMPLE[:place] + put + SAMPLE[place + removed :]
    try:
        says_the_same = json.loads(data) == json.loads(SAMPLE)
    except ValueError:
        says_the_same = False
    if says_the_same:
        assert unsealed(data, PUBLIC) == unsealed(SAMPLE, PUBLIC)
    else:
        with pytest.raises(Tampered):
            unsealed(data, PUBLIC)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_a_signature_is_of_one_payload(ours: bytes, theirs: bytes) -> None:
    envelope = json.loads(sealed(ours, SIGNER))
    envelope["payload"] = base64.b64encode(theirs).decode()
    data = json.dumps(envelope).encode()
    if ours == theirs:
        assert unsealed(data, PUBLIC) == ours
    else:
        with pytest.raises(Tampered):
            unsealed(data, PUBLIC)


def test_the_statement_is_what_in_toto_says_it_is(original: Path) -> None:
    statement = statement_in(original)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert statement["predicate"]["result"] == "PASSED"
    assert len(statement["subject"]) == 11
    names = [each["name"] for each in statement["predicate"]["configuration"]]
    assert names == ["openapi.yaml", "csbs-conformance", "run", "journal.ndjson", "verdicts"]
