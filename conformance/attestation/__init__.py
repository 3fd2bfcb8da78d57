"""Statements on a report that others can verify: in-toto, test-result, in a signed envelope."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from conformance.errors import MissingExtra

ATTESTATION: Final = "attestation.intoto.json"
"""The name of the envelope, in the directory of the report."""
NEEDED: Final = ("securesystemslib", "in_toto_attestation", "cryptography")


def need_packages() -> None:
    """Raise UsageError where the packages that sign and verify are not installed."""
    if any(find_spec(name) is None for name in NEEDED):
        raise MissingExtra("statements need more packages", "attest")
