"""Signing without a key: our side of it, with a stand-in for Sigstore and its services."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from attestation_reports import CONTRACT, kinds, verified
from cli_helpers import command
from fake_sigstore import (
    ISSUER,
    WORKFLOW,
    IdentityError,
    Oidc,
    Signer,
    TUFError,
    Verifier,
    install,
)

from conformance.attestation import ATTESTATION, keyless
from conformance.attestation.attesting import attest
from conformance.attestation.keyless import Identity, seal_keyless
from conformance.attestation.verifying import Verified, verify
from conformance.errors import UsageError

pytest_plugins = ["attestation_session"]

US = Identity(WORKFLOW, ISSUER)


@pytest.fixture
def signed(report: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    install(monkeypatch)
    attest(CONTRACT, report, seal_keyless)
    return report


def by(author: Identity, directory: Path) -> Verified:
    return verify(CONTRACT, directory, author)


def edit(directory: Path, **fields: Any) -> None:
    path = directory / ATTESTATION
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_what_a_job_signs_is_verified_by_its_identity(signed: Path) -> None:
    outcome = by(US, signed)
    assert outcome.exit_code == 0
    assert f"signed with identity {WORKFLOW}" in outcome.lines[0]


@pytest.mark.parametrize(
    "author", [Identity("https://other", ISSUER), Identity(WORKFLOW, "https://other")]
)
def test_another_identity_or_issuer_is_not_believed(signed: Path, author: Identity) -> None:
    outcome = by(author, signed)
    assert kinds(outcome) == {"signature"}
    assert outcome.lines[0].isprintable()


def test_a_changed_file_is_named_as_with_a_key(signed: Path) -> None:
    (signed / "summary.md").write_text("all is well")
    assert kinds(by(US, signed)) == {"changed file"}


def test_a_changed_bundle_is_not_believed(signed: Path) -> None:
    envelope = json.loads((signed / ATTESTATION).read_text())["dsse"]
    edit(signed, dsse={**envelope, "payload": "e30="})
    assert kinds(by(US, signed)) == {"signature"}


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b"[" * 99_999, b" " * 2**25])
def test_garbage_is_no_bundle(signed: Path, data: bytes) -> None:
    (signed / ATTESTATION).write_bytes(data)
    assert kinds(by(US, signed)) == {"envelope"}


def test_another_payload_type_is_named(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Signer, "payload_type", "text/plain")
    attest(CONTRACT, signed, seal_keyless)
    assert kinds(by(US, signed)) == {"payload type"}


def test_an_envelope_by_a_key_is_no_bundle_and_a_bundle_no_such_envelope(
    signed: Path, original: Path
) -> None:
    assert kinds(verified(signed)) == {"envelope"}
    shutil.copy(original / ATTESTATION, signed)
    assert kinds(by(US, signed)) == {"envelope"}


def test_outside_of_a_job_nothing_is_signed(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    monkeypatch.setattr(Oidc, "credential", None)
    before = (report / ATTESTATION).read_bytes()
    with pytest.raises(UsageError, match="no CI job with an identity"):
        attest(CONTRACT, report, seal_keyless)
    assert (report / ATTESTATION).read_bytes() == before


def test_a_refused_identity_is_not_repeated(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)

    def refuse(self: Signer, statement: object) -> None:
        raise IdentityError("eyJhbGciOi-a-token")

    monkeypatch.setattr(Signer, "sign_dsse", refuse)
    with pytest.raises(UsageError) as caught:
        attest(CONTRACT, report, seal_keyless)
    assert "eyJ" not in str(caught.value)


@pytest.mark.parametrize("error", [TUFError("no\nroute"), ConnectionResetError("no\nroute")])
def test_a_service_that_cannot_be_reached_accuses_nobody(
    signed: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(Verifier, "production", fail)
    monkeypatch.setattr(Signer, "sign_dsse", fail)
    with pytest.raises(UsageError, match="no route; try again"):
        by(US, signed)
    with pytest.raises(UsageError, match="no route; try again"):
        attest(CONTRACT, signed, seal_keyless)


def test_without_the_package_a_line_says_how_to_install_it(
    report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyless, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install '\.\[keyless\]'"):
        attest(CONTRACT, report, seal_keyless)
    with pytest.raises(UsageError, match=r"pip install '\.\[keyless\]'"):
        by(US, report)


@pytest.mark.parametrize(
    "arguments",
    [
        ["attest", ".", "--key", "k", "--keyless"],
        ["verify", ".", "--key", "k", "--identity", "i"],
        ["verify", ".", "--key", "k", "--issuer", "i"],
        ["verify", ".", "--identity", "i"],
        ["verify", ".", "--issuer", "i"],
    ],
)
def test_a_key_and_an_identity_exclude_each_other(tmp_path: Path, arguments: list[str]) -> None:
    done = command(*arguments, cwd=tmp_path)
    assert done.code == 2
    assert "give either --key FILE" in done.err
