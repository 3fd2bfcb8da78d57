from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from report_runs import blind, conforming, violating
from report_strategies import HOSTILE, reports
from rich.console import Console

from conformance.judge.verdicts import Status
from conformance.model import Deletion, Exchange, Request, Response, Spent
from conformance.page.record import ListedRecord
from conformance.report.badge import badge_json
from conformance.report.console import print_report
from conformance.report.labels import Label, in_a_line, labelled
from conformance.report.model import Report


def printed(
    report: Report, width: int = 80, directory: Path | None = None, *, can_delete: bool = False
) -> str:
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, color_system=None)
    print_report(report, console, directory, can_delete=can_delete)
    return buffer.getvalue()


@settings(deadline=None)
@given(reports())
def test_no_control_character_reaches_the_terminal(report: Report) -> None:
    assert printed(report).replace("\n", "").replace("\t", "").isprintable()


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_not_interpreted(text: str) -> None:
    report = conforming()
    told = printed(replace(report, warnings=(text,)), width=400)
    if text.isprintable():
        assert text in told


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("make", [conforming, violating, blind])
def test_it_is_legible_in_any_width(make: object, width: int) -> None:
    text = printed(make(), width)  # type: ignore[operator]
    command = [line for line in text.splitlines() if line.startswith(("curl", "  -", "# "))]
    assert all(len(line) <= width for line in text.splitlines() if line not in command)


def test_the_worst_comes_first_and_the_verdict_last(tmp_path: Path) -> None:
    report = violating()
    text = printed(report, directory=tmp_path)
    order = [
        f"Failed ({len(labelled(report, Label.FAILED))})",
        "T6.status.values",
        "expected  checkpoint.status",
        'received  "PROTECTING"',
        "To reproduce the first one:",
        "curl -i",
        f"Inconclusive ({len(labelled(report, Label.INCONCLUSIVE))})",
        f"Warnings ({len(labelled(report, Label.WARNING)) + len(report.warnings)})",
        "must ",
        "requests ",
        "Checkpoints created (",
        "reports ",
        "Violates the contract",
    ]
    places = [text.index(told) for told in order]
    assert places == sorted(places)
    assert text.splitlines()[-1] == "✗ Violates the contract  (exit code 1)"


def test_what_would_unlock_more_is_named() -> None:
    assert "--forbidden-token-env would unlock 1 clause" in printed(blind())


def test_long_lists_are_cut() -> None:
    report = conforming()
    clauses = tuple(replace(v, status=Status.FAILED) for v in report.judgement.clauses)
    judgement = replace(report.judgement, clauses=clauses, executions=("id",) * 30)
    text = printed(replace(report, judgement=judgement, warnings=("w",) * 15))
    musts = sum(verdict.clause.level.value == "must" for verdict in clauses)
    assert f"… and {musts - 10} more, see report.html" in text
    assert "… and 20 more" in text
    assert len(text.splitlines()) < 120


def test_a_broken_should_counts_where_it_is_strict() -> None:
    text = printed(replace(violating(), strict=True))
    assert "✗ failed  EC.body.json" in text


@pytest.mark.parametrize("code", [129, 130, 143])
def test_what_was_interrupted_has_no_green_sign(code: int) -> None:
    report = replace(conforming(), exit_code=code)
    assert "? Conforms; interrupted" in printed(report)
    assert in_a_line(report) == "conforms; interrupted"
    badge = json.loads(badge_json(report))
    assert (badge["message"], badge["color"]) == ("conforms; interrupted", "lightgrey")


def test_a_terminal_without_unicode_is_served() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    report = replace(violating(), warnings=("Büro ✓",))
    print_report(report, Console(file=file, width=80, color_system=None))
    file.flush()
    text = raw.getvalue().decode("ascii")
    assert "x failed  T6.status.values" in text
    assert "B\\xfcro" in text


def test_colour_is_an_extra() -> None:
    buffer = io.StringIO()
    console = Console(file=buffer, width=80, force_terminal=True, color_system="standard")
    print_report(violating(), console)
    assert "\x1b[1;31m" in buffer.getvalue()


def test_executions_without_an_id_are_not_forgotten() -> None:
    report = conforming()
    footer = replace(report.footer, executions=Spent(len(report.judgement.executions) + 2, 40))
    told = "up to 2 checkpoints may exist whose id no response told"
    assert told in printed(replace(report, footer=footer))
    footer = replace(footer, executions=Spent(len(report.judgement.executions), 40))
    assert told not in printed(replace(report, footer=footer))


def test_the_command_that_deletes_what_a_run_created_is_told(tmp_path: Path) -> None:
    report, directory = conforming(), tmp_path / "of today"
    told = f"To delete them: csbs-conformance delete '{directory}'"
    assert told in printed(report, directory=directory, can_delete=True).splitlines()
    assert told not in printed(report, directory=directory)
    assert told not in printed(report, can_delete=True)
    deleted = [deletion(report, name, status=200) for name in report.judgement.executions]
    done = replace(report, deletions=deleted)
    assert told not in printed(done, directory=directory, can_delete=True)
    some_left = replace(report, deletions=deleted[1:])
    assert told in printed(some_left, directory=directory, can_delete=True).splitlines()


def deletion(report: Report, name: str, status: int) -> Deletion:
    request = Request("DELETE", f"{report.header.fixtures.endpoint}/v1/x", ())
    done = Exchange("d0001", request, Response(status, "", (), b"{}"), None, 0.0, 0.1)
    return Deletion("d0001", name, "x0001", done)


def test_what_came_up_besides_has_commands_that_delete_it() -> None:
    report = conforming()
    others = (ListedRecord("14626f11-b54a-44ea-8e69-7463e527506a", "2026-03-01T12:00:00"),)
    odd = (ListedRecord("../policies", ""),)
    besides = replace(report, judgement=replace(report.judgement, surplus=others + odd))
    lines = printed(besides).splitlines()
    assert "Came up besides (2), perhaps somebody else's: for you to decide" in lines
    (command,) = [each for each in lines if others[0].id in each and each.startswith("curl")]
    assert command.startswith(f"curl -i -sS -X DELETE --url '{report.header.fixtures.endpoint}/v1/")
    assert f"  {odd[0].id}  no request can carry its id; delete it by hand" in lines
    assert "Came up besides" not in printed(report)


def test_what_has_one_cause_is_told_once() -> None:
    report = blind()
    *rest, last = report.judgement.clauses
    unseen = [
        replace(each, status=Status.INCONCLUSIVE, reason="one cause", unlock="") for each in rest
    ]
    alone = replace(last, status=Status.INCONCLUSIVE, reason="another", unlock="--timeout")
    judgement = replace(report.judgement, clauses=(*unseen, alone))
    told = " ".join(printed(replace(report, judgement=judgement)).split())
    assert told.count("one cause") == 1
    assert f"{len(rest)} clauses one cause ({rest[0].clause.id}, " in told
    assert f"{last.clause.id} another unlock with --timeout" in told
