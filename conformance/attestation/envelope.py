"""The signed envelope (DSSE): a payload and one signature, and nothing that is not signed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error
from securesystemslib.signer import Key, Signer

from conformance.attestation.findings import Part, Tampered
from conformance.limits import bounded
from conformance.text import shorten, visible_line

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
MOST = 16 * 1024 * 1024
"""Bytes of an envelope that are looked at."""
LONGEST = 120


class Author(Protocol):
    """Who has to have signed a statement; as text, a few words that say who that is."""

    def unseal(self, data: bytes) -> bytes:
        """The payload of an envelope that the author signed. Raises Tampered for any other."""


class _Signature(msgspec.Struct, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _Form(msgspec.Struct, forbid_unknown_fields=True):
    """What an envelope of this suite looks like; DSSE allows more, which nobody signs."""

    payload: str
    payloadType: str
    signatures: list[_Signature]


def sealed(payload: bytes, signer: Signer) -> bytes:
    """An envelope with a payload, signed."""
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return json.dumps(envelope.to_dict()).encode() + b"\n"


def unsealed(data: bytes, key: Key) -> bytes:
    """The payload of an envelope that was signed with a key. Raises Tampered for any other."""
    envelope = _read(data)
    if envelope.payload_type != PAYLOAD_TYPE:
        said = shorten(visible_line(envelope.payload_type), LONGEST)
        raise Tampered(Part.PAYLOAD_TYPE, f"it is {said}, not {PAYLOAD_TYPE}")
    (signed_with,) = envelope.signatures
    if signed_with != key.keyid:
        said = shorten(visible_line(signed_with), 16)
        raise Tampered(Part.KEY, f"it says it was signed with {said}, not with {short(key)}")
    try:
        envelope.verify([key], 1)
    except (Error, ValueError, TypeError):
        raise Tampered(Part.SIGNATURE, f"it is not one by {short(key)} on this payload") from None
    return bytes(envelope.payload)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who has to have signed: the holder of a key."""

    key: Key

    def __str__(self) -> str:
        return short(self.key)

    def unseal(self, data: bytes) -> bytes:
        """The payload of an envelope that was signed with the key. Raises Tampered."""
        return unsealed(data, self.key)


def short(key: Key) -> str:
    """How a key is called in a line."""
    return f"key {key.keyid[:12]}"


def _read(data: bytes) -> Envelope:
    if len(data) > MOST:
        raise Tampered(Part.ENVELOPE, f"it is larger than {MOST} bytes")
    try:
        record = json.loads(bounded(data), object_pairs_hook=_unique)
        form = msgspec.convert(record, _Form)
        if len(form.signatures) != 1:
            raise ValueError("it needs one signature")
        envelope = Envelope.from_dict(msgspec.to_builtins(form))
        if envelope.to_dict() != record:
            raise ValueError("its base64 is not written in the one way")
    except (ValueError, Error, KeyError, TypeError) as error:
        what = shorten(visible_line(str(error)), LONGEST)
        raise Tampered(Part.ENVELOPE, f"it is no envelope of this suite ({what})") from None
    return envelope


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)
