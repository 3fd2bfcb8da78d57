"""The published pages are those of this state, and the pages written by hand keep to the facts."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from docs_pages import DOCS, ROOT

from conformance.contract import load_contract
from conformance.page.catalogue import catalogue
from conformance.report.json_report import load_schema
from conformance.run.crash import EX_SOFTWARE
from tools.generate import write_pages
from tools.manual import PROGRAM, commands, pages

MADE = pages()
HOW = "run `make generate ARGS=--pages` to write the pages again, in a second"


@pytest.mark.parametrize("name", MADE)
def test_a_published_page_is_current(name: str) -> None:
    is_current = (DOCS / name).read_text(encoding="utf-8") == MADE[name]()
    assert is_current, HOW


def test_writing_the_pages_writes_what_is_published(tmp_path: Path) -> None:
    write_pages(tmp_path)
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == set(MADE)


def test_the_command_line_page_has_every_command_with_every_option() -> None:
    text = MADE["reference/command-line.md"]()
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert list(sections) == [command.name for command in commands()]
    for command in commands():
        rows = re.findall(r"^\| `(.*?)`", sections[command.name], re.MULTILINE)
        assert rows == [option.names for option in command.options]
        assert f"{PROGRAM} {command.name}" in sections[command.name]


def test_the_command_line_page_says_what_help_says() -> None:
    from click.testing import CliRunner

    from conformance.cli import main

    for command in commands():
        told = CliRunner().invoke(main, [command.name, "--help"], terminal_width=500).output
        names = set(re.findall(r"(?<=[ ,])--[a-z-]+(?=[ ,\n])", told))
        known = {name for option in command.options for name in option.names.split(", ")}
        assert {name for name in known if name.startswith("--")} <= names
        assert all(option.help in told for option in command.options)


def test_a_default_is_what_the_command_line_says() -> None:
    (run,) = (command for command in commands() if command.name == "run")
    defaults = {option.key: option.default for option in run.options}
    assert (defaults["max-requests"], defaults["max-executions"]) == ("250; deep: 2000", "10")
    assert (defaults["profile"], defaults["rate"]) == ("standard", "")


def test_every_key_of_the_configuration_page_is_read_from_a_file(tmp_path: Path) -> None:
    from conformance.cli.run import command
    from conformance.run.reading import read_config

    values = {"string": '"x"', "integer": "3", "boolean": "true", "list": '["x"]'}
    values["integer or float"] = "2.5"
    rows = re.findall(
        r"^\| `([a-z-]+)` \| ([a-z ]+) \| `(CSBS_[A-Z_]+)`",
        MADE["reference/configuration.md"](),
        re.MULTILINE,
    )
    path = tmp_path / "every.toml"
    path.write_text("\n".join(f"{key} = {values[kind]}" for key, kind, _ in rows))
    names = {str(option.name) for option in command.params}
    assert set(read_config(path)) == names - {"config", "failed", "watch", "delete", "yes", "open"}
    assert all(f"CSBS_{key.upper().replace('-', '_')}" == name for key, _, name in rows)
    assert len(tomllib.loads(path.read_text())) == len(rows) > 20


def test_the_clauses_page_has_every_clause() -> None:
    found = re.findall(r"^\| \[`(.*?)`\]", MADE["reference/clauses.md"](), re.MULTILINE)
    assert found == list(catalogue(load_contract()))


def first_column(name: str) -> list[str]:
    text = (DOCS / name).read_text(encoding="utf-8")
    table = re.search(r"^\|[^|]*\|.*\n\|-.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None
    return [row.split("|")[1].strip(" `") for row in table[1].splitlines()]


def test_the_exit_codes_are_those_of_the_report() -> None:
    known = load_schema()["properties"]["exit_code"]["enum"]
    told = sorted(map(int, first_column("reference/exit-codes.md")))
    assert told == sorted([*known, EX_SOFTWARE])  # after a fault of the suite there is no report


def test_the_fields_of_the_report_are_in_its_schema() -> None:
    text = (DOCS / "reference" / "files.md").read_text(encoding="utf-8")
    fields = re.findall(r"^\| `(\w+)` \|", text.split("## `report.json`")[1], re.MULTILINE)
    assert len(fields) > 5
    assert set(fields) <= set(load_schema()["properties"])


@pytest.mark.process
@pytest.mark.socket
def test_the_files_page_has_every_file_that_a_run_writes(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from conformance.cli import main

    options = ["run", "--quiet", "--debug", "--profile", "smoke", "--report-dir", str(tmp_path)]
    assert CliRunner().invoke(main, options).exit_code == 0
    assert sorted(first_column("reference/files.md")) == sorted(p.name for p in tmp_path.iterdir())


def test_the_pictures_of_the_contract_are_small() -> None:
    for picture in DOCS.glob("contract-*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 300_000


def test_the_published_reference_is_of_this_contract() -> None:
    assert load_contract().sha256 in (DOCS / "api" / "reference.html").read_text(encoding="utf-8")
    assert (ROOT / "openapi.yaml").read_bytes() == load_contract().text
    assert json.dumps("OS::Nova::Server") in (DOCS / "api" / "reference.md").read_text()
