"""A report that was attested, made once, and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from attestation_reports import CONTRACT, SEAL, run_into

from conformance.attestation.attesting import attest


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run that conforms, attested. Not to be changed."""
    directory = run_into(tmp_path_factory.mktemp("original") / "report")
    attest(CONTRACT, directory, SEAL)
    return directory


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another run, attested with the same key. Not to be changed."""
    directory = run_into(tmp_path_factory.mktemp("other") / "report", seed=2)
    attest(CONTRACT, directory, SEAL)
    return directory


@pytest.fixture
def report(original: Path, tmp_path: Path) -> Path:
    """A copy of the attested report."""
    return Path(shutil.copytree(original, tmp_path / "copied" / "elsewhere"))
