"""Each part of `make bench` on tiny sizes: it still runs, and tells what it says it tells."""

from __future__ import annotations

import re
import shutil
import socket
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from warm import WARM

from benchmarks import beside, campaigns, exchange, judging, losses, rendering, starting
from benchmarks.measure import SCRIPTS, run
from benchmarks.town import TOKENS, town
from conformance.journal.reader import read_journal
from conformance.report.write import REPORTS

pytestmark = [pytest.mark.socket, pytest.mark.process]


@pytest.fixture(autouse=True)
def _warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the commands warm where no process is looked at: here nobody reads what they took."""
    for module in (beside, exchange, judging, starting):
        monkeypatch.setattr(module, "COMMAND", WARM)


def rows(section: str) -> list[dict[str, str]]:
    """The rows of all tables of a section, by the heads of their columns."""
    found: list[dict[str, str]] = []
    heads: list[str] = []
    for line in section.splitlines():
        cells = [cell.strip(" *`") for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            heads = []
        elif not heads:
            heads = cells
        elif not line.startswith("|---"):
            found.append(dict(zip(heads, cells, strict=True)))
    return found


def number(cell: str) -> float:
    return float(cell.replace(",", ""))


def test_commands_that_are_run_once_are_measured() -> None:
    found = rows(starting.section(starting.Sizes(rounds=1)))
    assert [row["command"] for row in found][:2] == ["python -c pass", "--version"]
    assert {row["exit code"] for row in found} == {"[0]"}
    assert all(number(row["processor ms"]) >= 0 for row in found)


def test_a_campaign_whose_scheduler_is_killed_is_held_against_runs_alone() -> None:
    sizes = losses.Sizes(targets=3, workers=1, workers_killed=0, schedulers_killed=1)
    (found,) = rows(losses.section(sizes))
    assert (found["schedulers killed"], found["commands"]) == ("1", "2")
    assert found["verdict as alone"] == "3"
    assert (found["a clause decided otherwise"], found["more executions"]) == ("0", "0")


def test_a_scheduler_that_starts_late_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = tmp_path / "dask"
    late.write_text(f'#!/bin/sh\nsleep 0.5\nexec {SCRIPTS / "dask"} "$@"\n')
    late.chmod(0o700)
    monkeypatch.setattr(losses, "SCRIPTS", tmp_path)
    with losses.nodes(workers=0, directory=tmp_path) as nodes:
        place = urlsplit(nodes.start())
        socket.create_connection((place.hostname, place.port)).close()


def test_schemathesis_is_asked_beside_the_suite() -> None:
    section = beside.section(beside.Sizes(rounds=1, options=("--max-examples", "1")))
    suite, peer = rows(section)
    assert suite["command"] == "csbs-conformance run"
    assert 200 <= number(suite["requests"]) <= 300
    assert 1 <= number(suite["executions"]) <= 10
    assert number(peer["requests"]) > 10
    assert suite["exit codes"] == peer["exit codes"] == "[0]"
    assert "verdict: conforms" in section


def test_the_raw_client_sends_what_the_stage_sent() -> None:
    section = exchange.section(exchange.Sizes(rounds=1, latencies=(0.0,), limits=(240, 260)))
    compared, *grown = rows(section)
    assert all(number(cell) > 0 for cell in compared.values() if cell != "0")
    assert [row["exit code"] for row in grown] == ["[0]", "[0]"]
    assert number(grown[0]["requests"]) <= 240 < 260
    assert number(grown[0]["requests"]) < number(grown[1]["requests"]) <= 260
    assert "each further request took" in section


def test_what_may_be_executed_goes_one_at_a_time_and_every_answer_is_compared(
    tmp_path: Path,
) -> None:
    with town() as address:
        before = address.endpoint("one")
        run(exchange.command(before, tmp_path, "--profile", "smoke"), TOKENS)
        journal = read_journal(tmp_path / "journal.ndjson")
        sent, executed = address.counts("one")
        groups = list(exchange.grouped(journal))
        expected = Counter(e.response.status for e in journal.exchanges if e.response)
        assert exchange.sent_raw(groups, expected) > 0
        assert address.counts("one") == (2 * sent, 2 * executed)
        alone = sum(len(requests) for at_once, requests in groups if not at_once)
        assert executed <= alone <= 10 < sum(len(requests) for at_once, requests in groups)
        with pytest.raises(RuntimeError, match="the suite"):
            exchange.sent_raw(groups, Counter({200: len(journal.exchanges)}))


def test_recordings_are_judged() -> None:
    section = judging.section(judging.Sizes(journals=(230, 460), hars=(230,)))
    found = rows(section)
    assert [(row["recording"], row["mix"], row["exchanges"]) for row in found] == [
        ("journal", "a run's", "230"),
        ("journal", "a run's", "460"),
        ("journal", "executions", "230"),
        ("journal", "executions", "460"),
        ("HAR", "a run's", "230"),
        ("HAR", "executions", "230"),
    ]
    assert [row["exit code"] for row in found] == ["[0]", "[0]", "[3]", "[3]", "[0]", "[3]"]
    assert section.count("bytes of memory for each exchange more") == 2


def test_campaigns_are_measured_and_worked_out_on_paper() -> None:
    sizes = campaigns.Sizes(targets=(1, 2), waiting=1, workers=(1,), profile="smoke")
    section = campaigns.section(sizes)
    found = rows(section)
    assert [(row["targets"], row["ms an answer takes"]) for row in found] == [
        ("1", "0"),
        ("2", "0"),
        ("1", "20"),
    ]
    assert {row["exit code"] for row in found} == {"[0]"}
    assert all(number(row["scheduler MB"]) > 10 for row in found)
    assert all(number(row["largest worker MB"]) > 10 for row in found)
    assert all(number(row["kB of results a target"]) > 100 for row in found)
    assert re.search(r"100,000 targets on a cluster", section)
    assert "`campaign.csv`" in section


def test_journals_of_targets_that_do_what_they_are_called_for(tmp_path: Path) -> None:
    made = rendering.journals(rendering.Sizes().targets, tmp_path)
    answers = {
        target: [e.response for e in read_journal(path).exchanges if e.response]
        for target, path in made
    }
    assert {200, 400, 401, 403, 404} <= {each.status for each in answers[rendering.KEEPS]}
    assert {each.status for each in answers[rendering.EXECUTES]} == {200}
    assert all(b'"checkpoint"' in each.body for each in answers[rendering.EXECUTES])
    assert {each.status for each in answers[rendering.BREAKS]} == {200}
    assert not any(b'"checkpoint"' in each.body for each in answers[rendering.BREAKS])


def test_reports_are_rendered_and_opened() -> None:
    sizes = rendering.Sizes(targets=(rendering.BREAKS,), exchanges=(300,), openings=1)
    page, *artefacts = rows(rendering.section(sizes))
    assert page["exit code"] == "[1]"
    assert number(page["report.html kB"]) > 100
    if any(map(shutil.which, rendering.BROWSERS)):
        assert number(page["elements"]) > 1000
    else:
        assert page["load s"] == "skipped"
    assert {row["artefact"] for row in artefacts} == set(REPORTS)
