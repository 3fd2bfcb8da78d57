"""Signing without a key: Sigstore vouches for the identity of a CI job. An extra of its own.

The envelope is in a Sigstore bundle then, with a short-lived certificate and an entry of the public
log. Both directions ask services on the internet.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from conformance.attestation.envelope import MOST, PAYLOAD_TYPE
from conformance.attestation.findings import Part, Tampered
from conformance.errors import MissingExtra, UsageError
from conformance.text import shorten, visible_line

LONGEST: Final = 200


def need_sigstore() -> None:
    """Raise UsageError where the package is not installed."""
    if find_spec("sigstore") is None:
        raise MissingExtra("signing without a key needs more packages", "keyless")


def seal_keyless(payload: bytes) -> bytes:
    """A bundle with a payload, signed in the name of the CI job that runs this.

    Raises UsageError where there is no such job, or the services cannot be reached.
    """
    need_sigstore()
    from sigstore.dsse import Statement
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityError, IdentityToken, detect_credential
    from sigstore.sign import SigningContext

    try:
        credential = detect_credential()
        if credential is None:
            raise UsageError(
                "--keyless: this is no CI job with an identity; let the job have one "
                "(GitHub: permissions: id-token: write), or sign with --key"
            )
        context = SigningContext.from_trust_config(ClientTrustConfig.production())
        with context.signer(IdentityToken(credential)) as signer:
            bundle: str = signer.sign_dsse(Statement(payload)).to_json()
    except IdentityError:  # its text may hold a part of the token
        raise UsageError("--keyless: the identity of the job was refused; use --key") from None
    except _troubles() as error:
        raise UsageError(f"--keyless: {_told(error)}; try again, or sign with --key") from None
    return bundle.encode()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who has to have signed: such as a workflow of GitHub, and who vouches for it."""

    name: str
    issuer: str

    def __str__(self) -> str:
        return f"identity {shorten(visible_line(self.name), LONGEST)}"

    def unseal(self, data: bytes) -> bytes:
        """The payload of a bundle that this identity signed. Raises Tampered for any other.

        Raises UsageError where the keys of the service cannot be had.
        """
        need_sigstore()
        from sigstore.errors import VerificationError
        from sigstore.models import Bundle, InvalidBundle
        from sigstore.verify import Verifier
        from sigstore.verify.policy import Identity as Policy

        if len(data) > MOST:
            raise Tampered(Part.ENVELOPE, f"it is larger than {MOST} bytes")
        try:
            bundle = Bundle.from_json(data)
        except (InvalidBundle, ValueError, RecursionError):
            raise Tampered(Part.ENVELOPE, "it is no Sigstore bundle") from None
        try:
            policy = Policy(identity=self.name, issuer=self.issuer)
            kind, payload = Verifier.production().verify_dsse(bundle, policy)
        except VerificationError as error:
            raise Tampered(Part.SIGNATURE, f"it is not one by {self} ({_told(error)})") from None
        except _troubles() as error:
            raise UsageError(f"--identity: {_told(error)}; try again") from None
        if kind != PAYLOAD_TYPE:
            said = shorten(visible_line(kind), LONGEST)
            raise Tampered(Part.PAYLOAD_TYPE, f"it is {said}, not {PAYLOAD_TYPE}")
        return bytes(payload)


def _troubles() -> tuple[type[Exception], ...]:
    """What the services and the way to them may raise."""
    from sigstore.errors import Error

    return (Error, OSError)


def _told(error: Exception) -> str:
    return shorten(visible_line(" ".join(str(error).split())), LONGEST)
