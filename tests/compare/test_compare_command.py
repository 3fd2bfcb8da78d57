"""The command itself: exit codes, what it prints, and the reports it writes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from compare_documents import VERSIONS, Document, field, post, schemas
from jsonschema import Draft202012Validator
from warm import WARM

from conformance.compare.report.json_report import load_schema

HOSTILE = "\x1b[31m<script>alert(1)</script>[bold]`x`|**b**\u202e\n::error::"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


def run(*arguments: str | Path, cwd: Path, columns: int = 80) -> Outcome:
    environment = {**os.environ, "COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [WARM, "compare", *map(str, arguments)],
        cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def incompatible() -> Document:
    document = VERSIONS["3.1"]()
    field(document, "checkpoint_resp", "status")["enum"] += ["running", HOSTILE]
    field(document, "checkpoint_req", "plan_id")["pattern"] = f"^[0-9]+$|{'<script>'}"
    schemas(document)["checkpoint_param"]["required"] = ["auto_trigger"]
    post(document)["responses"]["409"] = {"$ref": f"#/components/{HOSTILE}"}
    return document


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome, str]:
    folder = tmp_path_factory.mktemp("compare")
    text = yaml.safe_dump(incompatible(), sort_keys=False)
    (folder / "vendor.yaml").write_text(text, encoding="utf-8")
    outputs = [
        argument
        for kind in ("json", "junit", "markdown", "sarif")
        for argument in ("-o", f"{kind}:out/report.{kind}")
    ]
    return folder, run("vendor.yaml", *outputs, cwd=folder), text


def test_differences_are_told_in_80_columns_with_line_numbers(
    reports: tuple[Path, Outcome, str],
) -> None:
    _, outcome, text = reports
    assert (outcome.code, outcome.err) == (1, "")
    lines = outcome.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("✗ T6.status.values  error") for line in lines)
    assert any(line.startswith("! T3.plan_id.type  warning") for line in lines)
    assert "not compared" in outcome.out
    assert lines[-1].startswith("✗ Incompatible: 3 errors, 1 warning, 1 not compared")
    (where,) = [line.strip() for line in lines if line.strip().startswith("vendor.yaml:")][1:2]
    number = int(where.split(":")[1])
    assert text.splitlines()[number - 1].strip() == "status:"
    assert "\x1b" not in outcome.out
    assert "\u202e" not in outcome.out


def test_the_json_report_keeps_its_schema(reports: tuple[Path, Outcome, str]) -> None:
    folder, _, _ = reports
    report = json.loads((folder / "out/report.json").read_text())
    schema = load_schema()
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(report)) == []
    assert (report["verdict"], report["exit_code"]) == ("incompatible", 1)
    every = [found for cause in report["causes"] for found in cause["differences"]]
    by_clause = {found["clause"]: found for found in every}
    assert by_clause["T6.status.values"]["witness"]["value"]["checkpoint"]["status"] == "running"
    assert by_clause["T4.auto_trigger.optional"]["direction"] == "request"
    assert by_clause["T3.plan_id.type"]["severity"] == "warning"
    assert report["not_compared"][0]["place"]["line"]


def test_sarif_points_at_the_lines(reports: tuple[Path, Outcome, str]) -> None:
    folder, _, text = reports
    log = json.loads((folder / "out/report.sarif").read_text())
    (run_,) = log["runs"]
    assert log["version"] == "2.1.0"
    rules = [rule["id"] for rule in run_["tool"]["driver"]["rules"]]
    for rule in run_["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"] in rule["fullDescription"]["text"]
    assert {result["level"] for result in run_["results"]} == {"error", "warning"}
    for result in run_["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uri"] == "vendor.yaml"
        line = text.splitlines()[physical["region"]["startLine"] - 1]
        name = location["logicalLocations"][0]["fullyQualifiedName"].rpartition("/")[2]
        assert name in line
        assert result["message"]["text"].isprintable()
    (invocation,) = run_["invocations"]
    assert invocation["exitCode"] == 1
    levels = [each["level"] for each in invocation["toolExecutionNotifications"]]
    assert levels == ["warning", "note"]


def test_junit_has_a_case_for_each(reports: tuple[Path, Outcome, str]) -> None:
    folder, _, _ = reports
    root = ET.parse(folder / "out/report.junit").getroot()
    cases = list(root.iter("testcase"))
    assert root.attrib["tests"] == str(len(cases)) == "6"
    assert (root.attrib["failures"], root.attrib["errors"]) == ("3", "1")
    assert set(root.attrib) == {"name", "tests", "failures", "errors", "time"}
    assert root[0].attrib["skipped"] == "0"
    assert len({case.attrib["name"] for case in cases}) == len(cases)
    assert all(failure.text for failure in root.iter("failure"))


def test_markdown_holds_nothing_foreign_that_is_interpreted(
    reports: tuple[Path, Outcome, str],
) -> None:
    folder, _, _ = reports
    text = (folder / "out/report.markdown").read_text()
    assert text.startswith("## Incompatible")
    outside = re.sub(r"`[^`\n]+`", "", text)
    for piece in ("<script", "[bold]", "`x`", "**b**", "\x1b", "\u202e", "\n::error"):
        assert not re.search(rf"(?<!\\){re.escape(piece)}", outside)


@pytest.mark.parametrize(
    ("change", "arguments", "code", "said"),
    [
        (None, (), 0, "✓ Compatible: no difference"),
        ("warning", (), 0, "✓ Compatible: 1 warning"),
        ("warning", ("--strict",), 1, "✗ Incompatible: 1 warning"),
        ("obstacle", ("--quiet",), 3, "inconclusive"),
    ],
)
def test_the_exit_code_says_what_was_found(
    tmp_path: Path, change: str | None, arguments: tuple[str, ...], code: int, said: str
) -> None:
    document = VERSIONS["3.0"]()
    if change == "warning":
        schemas(document)["error"]["required"].remove("error_code")
    elif change == "obstacle":
        schemas(document)["request"] = {"$ref": "#/requests"}
    (tmp_path / "v.json").write_text(json.dumps(document))
    outcome = run("v.json", *arguments, cwd=tmp_path)
    assert outcome.code == code, outcome
    assert outcome.out.splitlines()[-1].startswith(said)


@pytest.mark.parametrize(
    ("text", "arguments", "told"),
    [
        (None, (), "cannot read"),
        ("{", (), "neither JSON nor YAML"),
        ("openapi: 3.1.0\npaths: {\"/\\e[31m\\n\": {get: {}}}", (), "no operation POST"),
        ("openapi: 3.1.0", ("--operation", "GET", "/x"), "no operation GET /x"),
        ("openapi: 3.1.0", ("-o", "pdf:x"), "FORMAT:FILE"),
        ("VALID", ("-o", "json:v"), "cannot write"),
        ("VALID", ("--operation", "GET"), "requires 2 arguments"),
    ],
)  # fmt: skip
def test_wrong_use_is_told_in_one_line(
    tmp_path: Path, text: str | None, arguments: tuple[str, ...], told: str
) -> None:
    (tmp_path / "v").mkdir()
    if text is not None:
        whole = json.dumps(VERSIONS["3.1"]()) if text == "VALID" else text
        (tmp_path / "v.yaml").write_text(whole)
    outcome = run("v.yaml", *arguments, cwd=tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    (line,) = outcome.err.splitlines()
    assert told in line
    assert line.isprintable()


def test_the_same_document_gives_the_same_reports(tmp_path: Path) -> None:
    document = incompatible()
    own: dict[str, Any] = schemas(document)["checkpoint_resp"]
    own["properties"]["job"] = {"type": "string", "pattern": "^j[a-z]{2,4}$"}
    own["required"].append("job")
    (tmp_path / "v.json").write_text(json.dumps(document, indent=1))
    for name in ("one", "two"):
        assert run("v.json", "-o", f"json:{name}", cwd=tmp_path).code == 1
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two", "v.json"]
