"""The files for CI systems are held by the linters of their trade, where those are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from conformance import __version__

ROOT = Path(__file__).parents[2]
CHECKS = {
    "workflow": "check-jsonschema --builtin-schema vendor.github-workflows",
    "action": "check-jsonschema --builtin-schema vendor.github-actions",
    "gitlab": "check-jsonschema --builtin-schema vendor.gitlab-ci",
    "forms": "check-jsonschema --builtin-schema vendor.github-issue-forms",
    "citation": "check-jsonschema --builtin-schema vendor.citation-file-format",
    "dependabot": "check-jsonschema --builtin-schema vendor.dependabot",
    "actionlint": "actionlint",
    "zizmor": "zizmor --offline --no-progress --pedantic",
    "hadolint": "hadolint",
}
WORKFLOWS = [f".github/workflows/{name}.yml" for name in ("test", "release", "pages")]
FILES = {
    "workflow": WORKFLOWS,
    "action": ["action.yml"],
    "gitlab": ["ci/gitlab.yml"],
    "forms": [".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/wrong-verdict.yml"],
    "citation": ["CITATION.cff"],
    "dependabot": [".github/dependabot.yml"],
    "actionlint": WORKFLOWS,
    "zizmor": [*WORKFLOWS, "action.yml", ".github/dependabot.yml"],
    "hadolint": ["Dockerfile"],
}


def linted(check: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """What a linter says of its files in a directory; skips where it is not installed."""
    name, *options = CHECKS[check].split()
    places = [sysconfig.get_path("scripts"), None]
    program = next(filter(None, (shutil.which(name, path=place) for place in places)), None)
    if program is None:
        pytest.skip(f"{name} is not installed")
    command = [program, *options, *FILES[check]]
    return subprocess.run(
        command, cwd=directory, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("check", CHECKS)
def test_the_linter_finds_nothing(check: str) -> None:
    done = linted(check, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


WRONG = {
    "workflow": "on: push\njobs: {a: {runs-on: 7}}\n",
    "action": "name: nothing runs\n",
    "gitlab": "job: {script: 7}\n",
    "forms": "name: 7\n",
    "citation": "title: 7\n",
    "dependabot": "version: 7\n",
    "actionlint": "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: a, uses: b}]}}\n",
    "zizmor": "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{uses: b/c@main}]}}\n",
    "hadolint": "FROM debian\n",
}


@pytest.mark.parametrize("check", WRONG)
def test_the_linter_would_find_something(check: str, tmp_path: Path) -> None:
    for name in FILES[check]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(WRONG[check], encoding="utf-8")
    assert linted(check, tmp_path).returncode != 0


def test_the_citation_names_the_version() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in text


def test_the_changelog_begins_with_the_version_and_a_guide_names_its_wheel() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", text, re.MULTILINE)[0] in ("Unreleased", __version__)
    guide = (ROOT / "docs" / "how-to" / "gate-ci.md").read_text(encoding="utf-8")
    assert re.findall(r"csbs_conformance-(.*?)-py3", guide) == [__version__]
