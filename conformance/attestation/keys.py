"""Keys in PEM files: Ed25519, and ECDSA on the curves P-256, P-384 and P-521."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from securesystemslib.signer import CryptoSigner, SSlibKey

from conformance.errors import UsageError
from conformance.files import MOST_OF_A_KEY, read_file

PASSPHRASE: Final = "CSBS_KEY_PASSPHRASE"
"""The variable with the passphrase of an encrypted key."""
KINDS = frozenset({"ed25519", "ecdsa"})
BAD_KEY = (ValueError, TypeError, UnsupportedAlgorithm)
"""What reading a file that holds no such key raises."""
HOW_TO_MAKE = "openssl genpkey -algorithm ed25519 -out key.pem makes one"


def load_signer(path: Path) -> CryptoSigner:
    """What signs with the private key in a file. Raises UsageError.

    No message repeats anything of the file or the passphrase.
    """
    pem = _pem(path)
    if b"PRIVATE KEY-----" not in pem:
        raise UsageError(f"--key {path}: no private key in PEM form; {HOW_TO_MAKE}")
    try:
        private = _decrypted(pem, path)
        public = SSlibKey.from_crypto(private.public_key())
    except BAD_KEY:
        raise UsageError(f"--key {path}: {_what_fits('private')}; {HOW_TO_MAKE}") from None
    _check_kind(public, path)
    return CryptoSigner(private, public)


def load_public(path: Path) -> SSlibKey:
    """The public key in a file. Raises UsageError."""
    pem = _pem(path)
    if b"PRIVATE KEY-----" in pem:
        raise UsageError(
            f"--key {path}: a private key; give the public one, which openssl pkey -pubout prints"
        )
    try:
        public = SSlibKey.from_crypto(load_pem_public_key(pem))
    except BAD_KEY:
        how = "openssl pkey -in key.pem -pubout prints one"
        raise UsageError(f"--key {path}: {_what_fits('public')}; {how}") from None
    _check_kind(public, path)
    return public


def _pem(path: Path) -> bytes:
    try:
        return read_file(path, MOST_OF_A_KEY)
    except OSError as error:
        raise UsageError(f"--key {path}: {error.strerror}; give a PEM file") from None


def _decrypted(pem: bytes, path: Path) -> Any:
    if b"ENCRYPTED" not in pem:
        return load_pem_private_key(pem, None)
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase:
        raise UsageError(
            f"--key {path}: the key is encrypted; put its passphrase into {PASSPHRASE}"
        )
    try:
        return load_pem_private_key(pem, passphrase.encode())
    except BAD_KEY:
        raise UsageError(
            f"--key {path}: it cannot be decrypted; {PASSPHRASE} may hold another passphrase"
        ) from None


def _what_fits(which: str) -> str:
    return f"no {which} Ed25519 or ECDSA key in PEM form"


def _check_kind(public: SSlibKey, path: Path) -> None:
    if public.keytype not in KINDS:
        raise UsageError(
            f"--key {path}: a key for {public.keytype}; give one for Ed25519 or ECDSA: "
            f"{HOW_TO_MAKE}"
        )
