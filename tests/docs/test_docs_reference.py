"""The reference documentation: complete, in the document's order, and its examples work."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import click
import pytest
from docs_pages import anchors_and_links
from docs_reports import CLAUSES, CONTRACT, KNOWN, WORLD

from conformance.cli import main
from conformance.contract import Contract
from conformance.docs.examples import answer_examples, request_examples
from conformance.docs.html import html_reference
from conformance.docs.markdown import markdown_reference
from conformance.docs.reference import Reference
from conformance.docs.rst import rst_reference
from conformance.emulator import Service
from conformance.emulator.app import serving

REFERENCE = Reference(CONTRACT)
MARKDOWN, HTML = markdown_reference(REFERENCE), html_reference(REFERENCE)
RST = rst_reference(REFERENCE)
HEADINGS = ["Function", "URI", "Request", "Response", "Status Codes", "Error Codes"]
FENCES = re.compile(r"^```(sh|python|json)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
BLOCKS = FENCES.findall(MARKDOWN)
CURL = [text for language, text in BLOCKS if language == "sh" and text.startswith("curl")]
PYTHON = [text for language, text in BLOCKS if language == "python"]


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Service, dict[str, str]]]:
    found = Service(WORLD)
    with serving(found) as endpoint:
        yield (
            found,
            {
                "CSBS_ENDPOINT": endpoint,
                "CSBS_TOKEN": KNOWN["token"],
                "CSBS_PROJECT_ID": KNOWN["project_id"],
            },
        )


def test_the_headings_are_those_of_the_document_in_its_order() -> None:
    assert re.findall(r"^## (.*)$", MARKDOWN, re.MULTILINE)[:6] == HEADINGS
    assert re.findall(r"<h2>(.*?)</h2>", HTML)[:6] == HEADINGS
    tables = [f"Table {number}" for number in range(1, 9)]
    assert re.findall(r"^### (Table \d)", MARKDOWN, re.MULTILINE) == tables
    assert re.findall(r"<h3>(Table \d)", HTML) == tables


@pytest.mark.parametrize(("suffix", "page"), [(".md", MARKDOWN), (".html", HTML)])
def test_every_clause_and_reading_is_an_anchor_once(suffix: str, page: str, tmp_path: Path) -> None:
    path = tmp_path / f"page{suffix}"
    path.write_text(page, encoding="utf-8")
    anchors, links = anchors_and_links(path)
    assert sorted(anchor for anchor in anchors if anchor in CLAUSES) == sorted(CLAUSES)
    readings = [reading.anchor for reading in REFERENCE.readings]
    assert [anchor for anchor in anchors if anchor in readings] == readings
    assert {link for link in links if not link.startswith("#")} == {REFERENCE.published_at}


def test_every_clause_says_its_statement_and_its_answers() -> None:
    plain = unescape(re.sub(r"<[^>]*>", "", HTML))
    for clause in CLAUSES.values():
        assert clause.statement.replace("`", "") in plain, clause.id
    for view in REFERENCE.clauses:
        row = next(line for line in MARKDOWN.splitlines() if f'id="{view.clause.id}"' in line)
        assert f"| {view.clause.level.value} |" in row
        assert f"| {view.answers} |" in row
        assert all(str(status) in view.answers for status in view.clause.answers - {200})
        assert ("executed" in view.answers) is (200 in view.clause.answers)


def test_what_is_read_into_the_page_stands_apart_from_what_it_says() -> None:
    read = {view.clause.id for view in REFERENCE.clauses if view.readings}
    assert {"T6.id.present", "T6.id.not-empty", "T4.resources.null"} <= read
    assert not {"T6.id.type", "T3.plan_id.mandatory", "T8.type.value"} & read
    tables = re.findall(r"^\| (Clause|Read into the page) \|.*\n((?:\|.*\n)+)", MARKDOWN, re.M)
    for heading, rows in tables:
        ids = re.findall(r'^\| <a id="(.*?)"', rows, re.M)
        assert {name in read for name in ids} == {heading != "Clause"}
    lists = re.findall(r'<div class="read">(.*?)</ul></div>', HTML, re.DOTALL)
    in_html = {name for part in lists for name in re.findall(r'<li id="(.*?)"', part)}
    assert in_html == read
    parameters = re.findall(r"^\| Parameter \|(.*)$", MARKDOWN, re.M)
    assert [" Mandatory " in columns for columns in parameters] == [True] * 4 + [False] * 5
    (row,) = [line for line in MARKDOWN.splitlines() if line.startswith("| `resource_graph` |")]
    assert row.endswith("holds only that of the entire system. | It is always present. |")


def test_status_codes_are_normal_and_abnormal_as_on_the_page() -> None:
    normal, abnormal = MARKDOWN.split("\n### Normal\n")[1].split("\n### Abnormal\n")
    assert re.findall(r"^\| (\d+) \|", normal, re.M) == ["200"]
    found = re.findall(r"^\| (\d+) \|", abnormal.split("\n### ")[0], re.M)
    assert found == ["400", "401", "403", "404", "500", "503"]
    groups = re.findall(r'<th scope="colgroup" colspan="4">(.*?)</th>', HTML)
    assert groups == ["Normal", "Abnormal"]


def test_authentication_has_a_section_behind_those_of_the_page() -> None:
    section = MARKDOWN.split("\n## Authentication\n")[1].split("\n## ")[0]
    for part in ("X-Auth-Token", "X-Subject-Token", "#S401.no-token", "#S403.forbidden-token"):
        assert part in section
    assert '<section class="part" id="authentication">' in HTML


def test_an_example_says_whether_the_page_has_it() -> None:
    origins = {snippet.example.name: snippet.example.origin for snippet in REFERENCE.snippets}
    assert origins.pop("full") == "The example of the page."
    assert set(origins.values()) == {"Not on the page."}
    (answer,) = REFERENCE.answers["200"]
    assert answer.origin.startswith("The example of the page, altered.")
    for page in (MARKDOWN, HTML, RST):
        assert "altered. There, the quotes inside" in page


def test_every_field_and_status_of_the_contract_is_there() -> None:
    for schema in CONTRACT.document["components"]["schemas"].values():
        for name, element in schema["properties"].items():
            assert f"| `{name}` |" in MARKDOWN
            assert f"<code>{name}</code>" in HTML
            if "description" in element:
                assert element["description"] in unescape(HTML)
    for status in CONTRACT.statuses:
        assert f"| {status} |" in MARKDOWN


def test_the_examples_are_those_of_the_contract() -> None:
    shown = [json.loads(text) for language, text in BLOCKS if language == "json"]
    examples = CONTRACT.document["components"]["examples"].values()
    named = {json.dumps(example["value"]) for example in examples}
    assert {json.dumps(value) for value in shown} == named
    assert len(shown) == len(named)
    in_html = [unescape(text) for text in re.findall(r"<pre>(.*?)</pre>", HTML, re.DOTALL)]
    for _, text in BLOCKS:
        assert text in in_html


@pytest.mark.parametrize(
    ("component", "name", "change"),
    [
        ("request_minimal", "minimal", {"checkpoint": {"plan_id": 1, "parameters": {}}}),
        ("response_protecting", "protecting", {"checkpoint": {}}),
        ("error_401", "authentication_failed", {"error_code": None, "error_msg": "no"}),
    ],
)
def test_an_example_that_breaks_the_contract_is_not_published(
    component: str, name: str, change: Any
) -> None:
    document = copy.deepcopy(dict(CONTRACT.document))
    document["components"]["examples"][component]["value"] = change
    with pytest.raises(ValueError, match=f"the example {name} breaks"):
        markdown_reference(Reference(Contract(CONTRACT.text, document)))


def test_there_is_a_command_and_a_program_for_every_example_request() -> None:
    assert len(CURL) == len(PYTHON) == len(request_examples(CONTRACT)) == 4
    assert set(answer_examples(CONTRACT)) == {str(status) for status in CONTRACT.statuses}


@pytest.mark.parametrize("number", range(4))
def test_the_command_does_what_it_shows(
    number: int, service: tuple[Service, dict[str, str]]
) -> None:
    found, variables = service
    before = len(found.executed)
    done = subprocess.run(
        ["sh", "-c", CURL[number]],
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answered(json.loads(done.stdout), number)
    assert len(found.executed) == before + 1


@pytest.mark.parametrize("number", range(4))
def test_the_program_does_what_it_shows(
    number: int, service: tuple[Service, dict[str, str]]
) -> None:
    found, variables = service
    before = len(found.executed)
    done = subprocess.run(
        [sys.executable, "-I", "-c", PYTHON[number]],
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (made,) = found.executed[before:]
    assert done.stdout.split() == [str(made.id), "protecting"]
    wanted = request_examples(CONTRACT)[number].value["checkpoint"]["parameters"]
    assert made.request.resources == (tuple(wanted["resources"]) if "resources" in wanted else None)


def answered(body: Any, number: int) -> None:
    """The response keeps the contract, and is on the servers that the example asks for."""
    assert not CONTRACT.response.breaches(body)
    asked = request_examples(CONTRACT)[number].value["checkpoint"]["parameters"]
    listed = {server["id"] for server in body["checkpoint"]["protection_plan"]["resources"]}
    assert set(asked.get("resources", KNOWN["resources"])) <= listed


def test_the_variables_are_those_that_the_snippets_read() -> None:
    exports = next(text for language, text in BLOCKS if text.startswith("export"))
    named = set(re.findall(r"export (\w+)=", exports))
    for text in CURL + PYTHON:
        assert set(re.findall(r"CSBS_\w+", text)) == named


def test_a_wrong_request_shows_that_the_command_fails(
    service: tuple[Service, dict[str, str]],
) -> None:
    _, variables = service
    done = subprocess.run(
        ["sh", "-c", CURL[0]],
        env={"PATH": "/usr/bin:/bin", **variables, "CSBS_TOKEN": "wrong"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert b"error_code" in done.stdout


def run(*arguments: str | Path) -> int:
    result = main(["docs", *map(str, arguments)], standalone_mode=False)
    return 0 if result is None else int(result)


@pytest.mark.parametrize(
    ("arguments", "page"),
    [
        (["--output", "page.md"], MARKDOWN),
        (["--output", "page.html"], HTML),
        (["-o", "page.HTM"], HTML),
        (["-o", "page.rst"], RST),
        (["--output", "page", "--format", "html"], HTML),
        (["--output", "new/page.html", "--format", "markdown"], MARKDOWN),
    ],
)
def test_the_form_goes_by_the_option_or_the_name(
    arguments: list[str], page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == 0
    assert Path(arguments[1]).read_text(encoding="utf-8") == page


def test_without_a_file_the_page_is_printed(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run("--format", "html") == 0
    assert capfdbinary.readouterr().out == HTML.encode()


def test_a_file_that_cannot_be_written_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(click.UsageError, match="give a file that can be written"):
        run("--output", tmp_path / "file" / "page.md")
