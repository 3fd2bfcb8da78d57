"""`show`: what a name in a run stands for, and how to repeat it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_helpers import (
    KNOWN,
    TOKENS,
    Counting,
    LeavesTheIdOut,
    Outcome,
    command,
    records,
    target_options,
)

import conformance.report
from conformance.emulator.app import serving
from conformance.report.json_text import schema_in

SCHEMA = schema_in(Path(conformance.report.__path__[0]) / "show.schema.json")


class RepeatsIds(Counting):
    """Gives every checkpoint the same id."""

    def render_checkpoint(self, checkpoint: Any) -> object:
        rendered = super().render_checkpoint(checkpoint)
        assert isinstance(rendered, dict)
        return {**rendered, "id": "dcb20d4b-8b4f-4e3e-8a0e-5a0f1f3f0d11"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with two runs: `bad` leaves an id out, `same` repeats it."""
    home = tmp_path_factory.mktemp("show")
    for name, service in {"bad": LeavesTheIdOut(), "same": RepeatsIds()}.items():
        with serving(service) as endpoint:
            options = [*target_options(endpoint), "--profile", "smoke", "--report-dir", name]
            assert command("run", *options, cwd=home, env=TOKENS).code == 1
    return home


def show(home: Path, *words: str) -> Outcome:
    return command("show", *words, cwd=home)


def test_without_a_name_it_lists_what_there_is(home: Path) -> None:
    done = show(home, "bad")
    assert (done.code, done.err) == (0, "")
    (line,) = [line for line in done.out.splitlines() if line.startswith("T6.id.present ")]
    assert line.split()[1] == "failed"
    assert "x0" in line
    last = records(home / "bad" / "journal.ndjson")
    ids = [each["id"] for each in last if each["kind"] == "exchange"]
    assert done.out.splitlines()[-1] == f"exchanges {ids[0]} to {ids[-1]}"


def test_a_clause_is_shown_with_its_statement_and_exchanges(home: Path) -> None:
    done = show(home, "bad", "T6.id.present")
    assert done.code == 0
    for part in ("(must)", "expected: ", "received: ", "curl -i", "→ 200 OK", '"checkpoint"'):
        assert part in done.out


def test_a_clause_that_passed_says_how_often(home: Path) -> None:
    told = show(home, "bad", "T5.checkpoint.present").out.splitlines()
    assert told[-1].startswith("passed; ")
    assert told[-1].endswith(" decided it")


def test_an_exchange_and_a_probe_are_the_same_thing_by_two_names(home: Path) -> None:
    exchanges = [e for e in records(home / "bad" / "journal.ndjson") if e["kind"] == "exchange"]
    answered = [e for e in exchanges if e["response"] and e["request"]["method"] == "POST"]
    failing = next(each for each in answered if each["response"]["status"] == 200)
    by_id, by_probe = show(home, "bad", failing["id"]), show(home, "bad", failing["probe"])
    assert by_id.out == by_probe.out
    assert f"── {failing['id']}, probe {failing['probe']} (" in by_id.out
    assert "✗ T6.id.present\n  expected: " in by_id.out


def test_the_beginning_of_a_name_is_enough_where_it_is_the_only_one(home: Path) -> None:
    assert show(home, "bad", "T6.id.pres").out == show(home, "bad", "T6.id.present").out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("bad", "T6.id"), "T6.id begins 4 names: T6.id.present"),
        (("bad", "T6.id.presnt"), "did you mean T6.id.present?"),
        (("bad", "?"), "give a clause, a probe, or an exchange such as x0001"),
        (("bad", "T6.id.present", "--curl", "--json"), "--curl and --json: give one of them"),
        (("bad", "--json"), "--json: name an exchange"),
        (("none", "T6"), "none: there is no such directory; give the --report-dir of a run"),
        ((".", "T6"), "no run is there, it has no journal.ndjson"),
        (("bad", "S503.busy", "--curl"), ""),
    ],
)
def test_what_cannot_be_shown_is_one_line(words: tuple[str, ...], why: str, home: Path) -> None:
    done = show(home, *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert why in done.err


def test_as_json_it_keeps_its_schema(home: Path) -> None:
    exchange = json.loads(show(home, "bad", "T6.id.present", "--json").out)["findings"][0][
        "exchange"
    ]
    for name in ("T6.id.present", "T6.id.type", exchange):
        record = json.loads(show(home, "bad", name, "--json").out)
        jsonschema.validate(record, SCHEMA)
        assert record["name"] == name
    assert [each["id"] for each in record["exchanges"]] == [exchange]
    assert "T6.id.present" in {finding["clause"] for finding in record["findings"]}


@pytest.mark.parametrize(
    ("form", "run", "clause", "requests"),
    [
        ("curl", "same", "T6.id.unique", 2),
        ("python", "same", "T6.id.unique", 2),
        ("http", "bad", "T6.id.present", 1),
    ],
)
def test_what_repeats_it_sends_all_that_it_takes_and_no_secret(
    form: str, run: str, clause: str, requests: int, home: Path
) -> None:
    done = show(home, run, clause, f"--{form}")
    assert (done.code, done.err) == (0, "")
    assert done.out.count(f"/providers/{KNOWN['provider_id']}/checkpoints") == requests
    assert not [token for token in TOKENS.values() if token in done.out]
    assert "CSBS_TOKEN" in done.out


def test_names_are_completed(home: Path) -> None:
    env = {
        "_CSBS_CONFORMANCE_COMPLETE": "bash_complete",
        "COMP_WORDS": "csbs-conformance show bad T6.id.p",
        "COMP_CWORD": "3",
    }
    assert command(cwd=home, env=env).out == "plain,T6.id.present\n"


def test_a_run_that_was_held_against_another_contract_is_shown_with_a_note(home: Path) -> None:
    journal = (home / "bad" / "journal.ndjson").read_text()
    sha = json.loads(journal.splitlines()[0])["contract"]
    (home / "other").mkdir()
    (home / "other" / "journal.ndjson").write_text(journal.replace(sha, "0" * 64))
    done = show(home, "other", "T6.id.present")
    assert done.code == 0
    assert done.err == (
        "csbs-conformance: the run was held against another version of the contract\n"
    )
