"""Stands in for the package sigstore, which needs services on the internet.

It has the names and the errors that `keyless.py` uses, signs with a key that it makes up, and
believes an identity that stands in the bundle. What the real services do is not shown by it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from attestation_reports import SIGNER
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError

WORKFLOW = "https://github.com/vendor/product/.github/workflows/csbs.yml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"


class Error(Exception):
    pass


class VerificationError(Error):
    pass


class TUFError(Error):
    pass


class IdentityError(Exception):
    pass


class InvalidBundle(Error):
    pass


class Statement:
    def __init__(self, contents: bytes) -> None:
        self.contents = contents


class Bundle:
    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record

    def to_json(self) -> str:
        return json.dumps(self.record)

    @classmethod
    def from_json(cls, raw: bytes) -> Bundle:
        try:
            record = json.loads(raw)
            return cls({"identity": record["identity"], "dsse": record["dsse"]})
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidBundle(str(error)) from error


class Signer:
    payload_type = "application/vnd.in-toto+json"

    def __init__(self, identity: str) -> None:
        self._identity = identity

    def sign_dsse(self, statement: Statement) -> Bundle:
        envelope = Envelope(statement.contents, self.payload_type, {})
        envelope.sign(SIGNER)
        return Bundle({"identity": self._identity, "dsse": envelope.to_dict()})


class SigningContext:
    @classmethod
    def from_trust_config(cls, config: object) -> SigningContext:
        return cls()

    @contextmanager
    def signer(self, token: str) -> Iterator[Signer]:
        yield Signer(token)


class Policy:
    def __init__(self, *, identity: str, issuer: str | None = None) -> None:
        self.identity, self.issuer = identity, issuer


class Verifier:
    @classmethod
    def production(cls) -> Verifier:
        return cls()

    def verify_dsse(self, bundle: Bundle, policy: Policy) -> tuple[str, bytes]:
        if (bundle.record["identity"], policy.issuer) != (policy.identity, ISSUER):
            raise VerificationError(f"certificate of\n\x1b[31m{bundle.record['identity']}")
        try:
            envelope = Envelope.from_dict(bundle.record["dsse"])
            envelope.verify([SIGNER.public_key], 1)
        except (UnverifiedSignatureError, ValueError, Exception) as error:
            raise VerificationError(str(error)) from error
        return envelope.payload_type, envelope.payload


class ClientTrustConfig:
    @classmethod
    def production(cls) -> ClientTrustConfig:
        return cls()


class Oidc:
    """What the job can say of itself."""

    credential: str | None = WORKFLOW

    @classmethod
    def detect(cls) -> str | None:
        return cls.credential


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put it in the place of the package."""
    from conformance.attestation import keyless

    names: dict[str, dict[str, Any]] = {
        "sigstore": {},
        "sigstore.dsse": {"Statement": Statement},
        "sigstore.errors": {"Error": Error, "VerificationError": VerificationError},
        "sigstore.models": {
            "Bundle": Bundle,
            "ClientTrustConfig": ClientTrustConfig,
            "InvalidBundle": InvalidBundle,
        },
        "sigstore.oidc": {
            "IdentityError": IdentityError,
            "IdentityToken": str,
            "detect_credential": Oidc.detect,
        },
        "sigstore.sign": {"SigningContext": SigningContext},
        "sigstore.verify": {"Verifier": Verifier},
        "sigstore.verify.policy": {"Identity": Policy},
    }
    for name, contents in names.items():
        module = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(keyless, "find_spec", lambda name: object())
