"""Reports of runs, as files: real ones, and hostile ones."""

from __future__ import annotations

import copy
import json
import os
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from conformance.cli import main
from conformance.contract import load_contract
from conformance.docs.notes import RunNotes, read_notes
from conformance.emulator import Request, Response, Service, World
from conformance.emulator.app import serving
from conformance.page.catalogue import catalogue

CONTRACT = load_contract()
CLAUSES = catalogue(CONTRACT)
WORLD = World.default()
KNOWN = WORLD.fixtures()
HOSTILE = (
    "</pre></table><script>document.title = 'owned'</script><img src=https://canary.invalid/x>"
    "| [link](https://canary.invalid) `code` ``` **bold** <a id=x> \n"
    "# heading\r\n\x1b[31m\u202e&amp;"
)


class Faulty(Service):
    """Breaks a `must`, in the response, and a `should`, in refusals."""

    def render_checkpoint(self, checkpoint: Any) -> object:
        rendered = super().render_checkpoint(checkpoint)
        assert isinstance(rendered, dict)
        return {**rendered, "status": "PROTECTING"}

    def handle(self, request: Request) -> Response:
        answer = super().handle(request)
        return replace(answer, body=b"no") if answer.status == 401 else answer


@cache
def record() -> dict[str, Any]:
    """The `report.json` of a run against a faulty service."""
    with tempfile.TemporaryDirectory() as name, serving(Faulty(WORLD)) as endpoint:
        os.environ["CSBS_DOCS_TEST_TOKEN"] = KNOWN["token"]
        options = ["run", "--quiet", "--endpoint", endpoint, "--report-dir", name]
        options += ["--profile", "smoke", "--token-env", "CSBS_DOCS_TEST_TOKEN"]
        options += ["--project-id", KNOWN["project_id"], "--plan-id", KNOWN["plan_id"]]
        assert main(options, standalone_mode=False) == 1
        found: dict[str, Any] = json.loads((Path(name) / "report.json").read_text())
    return found


def report(directory: Path, **changes: Any) -> Path:
    """A `report.json` in a directory, like that of the run but for changes; its path."""
    path = directory / "report.json"
    path.write_text(json.dumps({**copy.deepcopy(record()), **changes}), encoding="utf-8")
    return path


def hostile(directory: Path) -> Path:
    """A `report.json` in which everything a target, or a forger, can choose is hostile."""
    clauses = copy.deepcopy(record()["clauses"])
    for clause in clauses:
        clause |= {"reason": HOSTILE, "unlock": HOSTILE, "statement": HOSTILE, "source": HOSTILE}
        for finding in clause["evidence"]:
            finding |= dict.fromkeys(("expected", "received", "exchange", "curl"), HOSTILE)
    return report(
        directory,
        clauses=clauses,
        suite={"name": "csbs-conformance", "version": HOSTILE},
        target={**record()["target"], "endpoint": HOSTILE},
        reason=HOSTILE,
    )


def notes(path: Path, beside: Path | None = None) -> RunNotes:
    """The notes in a report."""
    return read_notes(path, CONTRACT, CLAUSES, beside)
