"""Reports to attest, keys to sign with, and statements signed again by who holds the key."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from securesystemslib.signer import CryptoSigner, SSlibKey

from conformance.attestation import ATTESTATION
from conformance.attestation.digests import canonical, lines_of, sha256, sha256_of
from conformance.attestation.envelope import KeyHolder, sealed
from conformance.attestation.facts import SUBJECTS
from conformance.attestation.verifying import Verified, verify
from conformance.contract import load_contract
from conformance.emulator import Service, World
from conformance.emulator.app import serving_here
from conformance.emulator.faults import CATALOGUE
from conformance.gate.outcome import Excuses
from conformance.report.model import gated
from conformance.report.write import write_reports
from conformance.run.session import run
from conformance.run.settings import emulator_settings
from conformance.run.watcher import Watcher

CONTRACT = load_contract()
SIGNER = CryptoSigner.generate_ed25519()
PUBLIC: SSlibKey = SIGNER.public_key
SEAL = partial(sealed, signer=SIGNER)
OURS = KeyHolder(PUBLIC)
STRANGER = CryptoSigner.generate_ed25519()
PASSPHRASE = "correct horse battery staple"
Change = Callable[[dict[str, Any]], None]


def run_into(directory: Path, fault: str = "", **options: Any) -> Path:
    """Run the suite on the reference, or on a fault of the catalogue, and write all reports."""
    world = World.default()
    service = CATALOGUE[fault].make(world) if fault else Service(world)
    asyncio.run(_run(service, directory, {"profile": "smoke", **options}))
    return directory


async def _run(service: Any, directory: Path, options: dict[str, Any]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    async with serving_here(service) as endpoint:
        settings = emulator_settings(CONTRACT, endpoint, report_dir=directory, **options)
        report = await run(CONTRACT, settings, Watcher())
    write_reports(gated(report, Excuses(), datetime.now(UTC).date()), directory)


def write_keys(directory: Path, private: Any, passphrase: str = "") -> tuple[Path, Path]:
    """A private and a public key as PEM files."""
    secret, public = directory / "key.pem", directory / "key.pub.pem"
    hidden = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    secret.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))
    public.write_bytes(
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return secret, public


def ed25519_key() -> Any:
    return ed25519.Ed25519PrivateKey.generate()


def ecdsa_key(curve: type[ec.EllipticCurve] = ec.SECP256R1) -> Any:
    return ec.generate_private_key(curve())


def verified(directory: Path, key: SSlibKey = PUBLIC) -> Verified:
    return verify(CONTRACT, directory, KeyHolder(key))


def kinds(outcome: Verified) -> set[str]:
    return {finding.kind.value for finding in outcome.findings}


def envelope_of(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / ATTESTATION).read_bytes())
    return found


def write_envelope(directory: Path, envelope: Any) -> None:
    (directory / ATTESTATION).write_text(json.dumps(envelope))


def statement_in(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(envelope_of(directory)["payload"]))
    return found


def sign_again(directory: Path, change: Change, signer: CryptoSigner = SIGNER) -> None:
    """Change the statement and sign it, as only who holds the key can."""
    statement = statement_in(directory)
    change(statement)
    (directory / ATTESTATION).write_bytes(sealed(json.dumps(statement).encode(), signer))


def held(statement: dict[str, Any], name: str) -> dict[str, Any]:
    """A descriptor of the configuration."""
    descriptors: list[dict[str, Any]] = statement["predicate"]["configuration"]
    (found,) = (each for each in descriptors if each["name"] == name)
    return found


def hold(statement: dict[str, Any], name: str, change: Change) -> None:
    """Change what a descriptor holds, and its digest with it."""
    descriptor = held(statement, name)
    content = json.loads(base64.b64decode(descriptor["content"]))
    change(content)
    data = canonical(content)
    descriptor["content"] = base64.b64encode(data).decode()
    descriptor["digest"]["sha256"] = sha256(data)


def digest_again(directory: Path, statement: dict[str, Any]) -> None:
    """Put the digests of the files that are there now into a statement."""
    journal = directory / "journal.ndjson"
    statement["subject"] = [
        {"name": name, "digest": {"sha256": sha256_of(directory / name)}}
        for name in sorted(SUBJECTS)
    ]
    lines = lines_of(journal)
    descriptor = held(statement, "journal.ndjson")
    descriptor["digest"]["sha256"] = sha256_of(journal)
    descriptor["annotations"] = {"lines": str(lines.count), "sum": lines.sum}


def edit_journal(directory: Path, edit: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the records of a journal."""
    path = directory / "journal.ndjson"
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    edit(records)
    lines = [json.dumps(record, separators=(",", ":")) + "\n" for record in records]
    path.write_text("".join(lines))


def edit_report(directory: Path, change: Change) -> None:
    """Change `report.json`."""
    path = directory / "report.json"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def changed_contract() -> Any:
    """The contract with another comment in it."""
    return replace(CONTRACT, text=CONTRACT.text + b"# another\n")
