"""The commands themselves, with keys in files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attestation_reports import (
    PASSPHRASE,
    ecdsa_key,
    ed25519_key,
    write_keys,
)
from cli_helpers import command, environment
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519

import conformance
from conformance.attestation import ATTESTATION
from conformance.attestation.envelope import sealed, unsealed
from conformance.attestation.findings import Tampered
from conformance.attestation.keys import load_public, load_signer
from conformance.contract import contract_path
from conformance.errors import UsageError

pytest_plugins = ["attestation_session"]

HIDDEN = {"CSBS_KEY_PASSPHRASE": PASSPHRASE}
ENTRY = "from conformance.cli import entry; entry()"


@pytest.mark.parametrize(
    "private",
    [
        ed25519_key(),
        ecdsa_key(),
        ecdsa_key(ec.SECP384R1),
        ecdsa_key(ec.SECP521R1),
    ],
    ids=["ed25519", "p256", "p384", "p521"],
)
def test_what_a_key_signs_its_public_key_verifies(private: Any, tmp_path: Path) -> None:
    secret, public = write_keys(tmp_path, private)
    envelope = sealed(b"{}", load_signer(secret))
    assert unsealed(envelope, load_public(public)) == b"{}"
    _, stranger = write_keys(tmp_path, ed25519_key())
    with pytest.raises(Tampered):
        unsealed(envelope, load_public(stranger))


def test_attest_then_verify_then_tamper(original: Path, tmp_path: Path) -> None:
    report = Path(shutil.copytree(original, tmp_path / "report"))
    (report / ATTESTATION).unlink()
    secret, public = write_keys(tmp_path, ecdsa_key(), PASSPHRASE)

    attested = command("attest", "report", "--key", secret, cwd=tmp_path, env=HIDDEN)
    assert (attested.code, attested.err) == (0, "")
    assert attested.out == f"attested: conforms, 11 files; report/{ATTESTATION}\n"

    verified = command("verify", "report", "--key", public, cwd=tmp_path)
    assert (verified.code, verified.err) == (0, "")
    assert verified.out.startswith("genuine: conforms; signed with key ")

    (report / "summary.md").write_text("conforms, trust me")
    (report / "\x1b[2J").touch()
    tampered = command("verify", "report", "--key", public, cwd=tmp_path)
    assert tampered.code == 1
    lines = tampered.out.splitlines()
    assert [line.split(":")[1] for line in lines] == [" extra file", " changed file"]
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "the key is encrypted; put its passphrase into CSBS_KEY_PASSPHRASE"),
        ({"CSBS_KEY_PASSPHRASE": "hush-hush-wrong"}, "may hold another passphrase"),
    ],
)
def test_an_encrypted_key_without_its_passphrase(
    original: Path, tmp_path: Path, env: dict[str, str], said: str
) -> None:
    secret, _ = write_keys(tmp_path, ed25519_key(), PASSPHRASE)
    done = command("attest", original, "--key", secret, cwd=tmp_path, env=env)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert "hush-hush" not in done.err


def test_a_passphrase_that_no_key_needs_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSBS_KEY_PASSPHRASE", "unneeded")
    secret, _ = write_keys(tmp_path, ed25519_key())
    load_signer(secret)


@pytest.mark.parametrize(
    "arguments",
    [
        ["attest"],
        ["attest", "report"],
        ["verify", "report"],
        ["attest", "report", "--key", "nowhere.pem"],
        ["verify", "report", "--key", "nowhere.pem"],
        ["verify", "nowhere", "--key", "key.pub.pem"],
        ["attest", "nowhere", "--key", "key.pem"],
        ["attest", "report", "--key", "key.pem", "--passphrase", "hush"],
        ["attest", "report", "--key", "key.pub.pem"],
        ["verify", "report", "--key", "key.pem"],
        ["attest", "report", "--key", "."],
    ],
)
def test_wrong_use_is_one_line(original: Path, tmp_path: Path, arguments: list[str]) -> None:
    write_keys(tmp_path, ed25519_key())
    (tmp_path / "report").symlink_to(original)
    done = command(*arguments, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err
    assert "hush" not in done.err


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"garbage",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        b"\xff" * 100_000,
    ],
)
def test_a_file_that_holds_no_key(
    tmp_path: Path, pem: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSBS_KEY_PASSPHRASE", PASSPHRASE)
    path = tmp_path / "key.pem"
    path.write_bytes(pem)
    for load in (load_signer, load_public):
        with pytest.raises(UsageError, match=r"^--key "):
            load(path)


@pytest.mark.parametrize(
    "private",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256K1()),
        x25519.X25519PrivateKey.generate(),
    ],
    ids=["rsa", "another curve", "x25519"],
)
def test_keys_of_other_kinds_are_refused(private: Any, tmp_path: Path) -> None:
    secret, public = write_keys(tmp_path, private)
    for load, path in ((load_signer, secret), (load_public, public)):
        with pytest.raises(UsageError, match="Ed25519 or ECDSA"):
            load(path)


def _copied_suite(directory: Path) -> Path:
    """The installed suite, copied, to be changed."""
    package = Path(conformance.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "openapi.yaml")
    shutil.copytree(package, directory / "conformance", ignore=ignored)
    shutil.copy(contract_path(), directory / "openapi.yaml")
    return directory


def _by(suite: Path, *arguments: str | Path) -> tuple[int, str]:
    elsewhere = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(suite.parent / "kept")}
    done = subprocess.run(
        [sys.executable, "-c", ENTRY, *map(str, arguments)],
        env=environment({"PYTHONPATH": str(suite), **elsewhere}),
        cwd=suite,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def test_another_suite_and_another_contract_are_told_apart(original: Path, tmp_path: Path) -> None:
    report = Path(shutil.copytree(original, tmp_path / "report"))
    secret, public = write_keys(tmp_path, ed25519_key())
    suite = _copied_suite(tmp_path / "suite")
    assert _by(suite, "attest", report, "--key", secret)[0] == 0
    code, said = _by(suite, "verify", report, "--key", public)
    assert (code, said.split(":")[0]) == (0, "genuine"), said

    contract = suite / "openapi.yaml"
    genuine = contract.read_bytes()
    contract.write_bytes(genuine + b"# laxer\n")
    code, said = _by(suite, "verify", report, "--key", public)
    assert (code, said.splitlines()) == (1, [said.strip()])
    assert said.startswith("tampered: contract: ")
    contract.write_bytes(genuine)

    judge = suite / "conformance" / "judge" / "verdicts.py"
    judge.write_bytes(judge.read_bytes() + b"\n# another judge\n")
    code, said = _by(suite, "verify", report, "--key", public)
    assert (code, said.splitlines()) == (3, [said.strip()])
    assert said.startswith("cannot be said: another judge was used: the files of the suite differ")


def test_without_the_extra_a_line_says_how_to_install_it(tmp_path: Path) -> None:
    code = (
        "import sys, importlib.util as u; find = u.find_spec; "
        "u.find_spec = lambda n, *a: None if n == 'securesystemslib' else find(n, *a); " + ENTRY
    )
    for name in ("attest", "verify"):
        done = subprocess.run(
            [sys.executable, "-c", code, name, ".", "--key", "k"],
            env=environment(),
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 2
        assert b"pip install '.[attest]'" in done.stderr
        assert done.stderr.count(b"\n") == 1


def test_help_needs_no_extra(tmp_path: Path) -> None:
    code = f"import sys; sys.modules['securesystemslib'] = None; {ENTRY}"
    for name in ("attest", "verify"):
        done = subprocess.run(
            [sys.executable, "-c", code, name, "--help"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
