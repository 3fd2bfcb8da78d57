"""Jobs for tests that do them in the process of the test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from cli_helpers import KNOWN

from conformance.campaign.job import TARGETS, Job
from conformance.campaign.mark import MARK, Mark
from conformance.campaign.target import Target
from conformance.campaign.versions import versions_here
from conformance.gate.outcome import Excuses

CAMPAIGN = "c0ffee"


def target(endpoint: str, **changes: Any) -> Target:
    options: dict[str, Any] = {
        "name": "one",
        "endpoint": endpoint,
        "project_id": KNOWN["project_id"],
        "plan_id": KNOWN["plan_id"],
        "resource": tuple(KNOWN["resources"]),
        "profile": "smoke",
    }
    return Target(**{**options, **changes})


def job(subject: Target, root: Path, *commands: str, **changes: Any) -> Job:
    """A job of a campaign whose mark is in `root`; the reports of its target are below."""
    made = replace(Job(subject, str(root), CAMPAIGN, versions_here(), Excuses()), **changes)
    root.mkdir(exist_ok=True)
    mark = Mark(made.campaign, list(commands))
    (root / MARK).write_bytes(msgspec.json.encode(mark))
    return made


def reports(root: Path) -> Path:
    """Where the reports of the target of a job go."""
    return root / TARGETS / "one"
