"""`-v`, `--debug` and `--open`: what a run shows of itself beside its reports."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import (
    TOKENS,
    Counting,
    LeavesTheIdOut,
    Outcome,
    command,
    records,
    report_of,
    target_options,
)

from conformance.emulator import Request, Response
from conformance.emulator.app import serving

DEBUG = "debug.ndjson"


class Echoes(LeavesTheIdOut):
    """Repeats the token where it may, and leaves the id out."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        token = request.header("X-Auth-Token") or ""
        echo = b', "echo": "%b"}' % json.dumps(token)[1:-1].encode()
        return replace(response, body=response.body.rstrip().removesuffix(b"}") + echo)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a run, `told`, of which everything was told; `told.err` is what it said."""
    home = tmp_path_factory.mktemp("debug")
    done = run(home, Echoes(), "told", "-v", "--debug")
    assert done.code == 1
    (home / "told.err").write_text(done.err)
    return home


def run(home: Path, service: Counting, name: str, *words: str, **more: str) -> Outcome:
    with serving(service) as endpoint:
        options = [*target_options(endpoint), "--profile", "smoke", "--report-dir", name, *words]
        return command("run", *options, cwd=home, env={**TOKENS, **more})


def events(path: Path, *stages: str) -> list[dict[str, Any]]:
    """The events of some stages, without the time."""
    told = [{k: v for k, v in each.items() if k != "at"} for each in records(path)]
    return [each for each in told if each["event"].partition(".")[0] in stages]


def test_every_exchange_is_told_as_it_happens_with_what_it_breaks(home: Path) -> None:
    lines = (home / "told.err").read_text().splitlines()
    assert lines[0].startswith("testing http://")
    exchanges = [e for e in records(home / "told" / "journal.ndjson") if e["kind"] == "exchange"]
    assert [line.partition(", probe ")[0] for line in lines[1:]] == [e["id"] for e in exchanges]
    breaking = [line for line in lines if "✗" in line and "T6.id.present" in line]
    assert breaking
    assert all(": 200 OK (" in line for line in breaking)
    refused = next(e for e in exchanges if e["response"]["status"] == 400)
    (line,) = [line for line in lines if line.startswith(refused["id"])]
    assert f"probe {refused['probe']}: 400 Bad Request (" in line


def test_the_plan_the_sending_and_the_judge_say_why_in_lines_of_json(home: Path) -> None:
    debug = home / "told" / DEBUG
    assert stat.S_IMODE(debug.stat().st_mode) == 0o600
    assert all(each["at"].endswith("Z") for each in records(debug))
    planned = events(debug, "plan")
    refused = next(each for each in planned if each.get("probe") == "T3.plan_id.mandatory/minimal")
    assert refused["page"]["statuses"] == [400]
    assert refused["page"]["breaks"] == ["T3.plan_id.mandatory"]
    assert any("--profile smoke" in each.get("why", "") for each in planned)
    exchanges = [e for e in records(home / "told" / "journal.ndjson") if e["kind"] == "exchange"]
    judged = events(debug, "judge")
    taken = [each["exchange"] for each in judged if each["event"] == "judge.takes"]
    assert taken == [each["id"] for each in exchanges]
    verdicts = {e["clause"]: e["verdict"] for e in judged if e["event"] == "judge.verdict"}
    assert verdicts == {c["id"]: c["status"] for c in report_of(home / "told")["clauses"]}
    assert judged[-1]["verdict"] == "violates"


def test_no_secret_is_in_what_is_told(home: Path) -> None:
    told = (home / "told.err").read_text() + (home / "told" / DEBUG).read_text()
    assert not [token for token in TOKENS.values() if token in told]


def test_a_journal_judged_again_has_the_judge_say_the_same(home: Path) -> None:
    journal = home / "told" / "journal.ndjson"
    done = command("judge", journal, "--debug", "--report-dir", "again", "--quiet", cwd=home)
    assert done.code == 1
    again = events(home / "again" / DEBUG, "judge", "plan", "throttle", "pursuit", "courier")
    assert again == events(home / "told" / DEBUG, "judge")


def test_a_run_that_is_not_to_tell_leaves_nothing_of_another_behind(home: Path) -> None:
    assert run(home, Counting(), "plain", "--debug").code == 0
    assert (home / "plain" / DEBUG).exists()
    assert run(home, Counting(), "plain", "--quiet").err == ""
    assert not (home / "plain" / DEBUG).exists()


def test_the_report_is_opened_in_the_browser(home: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    script = tmp_path / "browser.py"
    script.write_text(f"import sys; open({str(seen)!r}, 'w').write(sys.argv[1])")
    done = run(home, Counting(), "open", "--open", BROWSER=f"{sys.executable} {script} %s")
    assert (done.code, seen.read_text()) == (0, (home / "open" / "report.html").as_uri())


def test_without_a_browser_the_result_stands_and_a_line_says_where_the_report_is(
    home: Path,
) -> None:
    nowhere = {"PATH": str(home), "BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    journal = home / "told" / "journal.ndjson"
    words = ("judge", journal, "--report-dir", "unseen", "--quiet", "--open")
    done = command(*words, cwd=home, env=nowhere)
    told = "csbs-conformance: --open: no browser could be started; open unseen/report.html\n"
    assert (done.code, done.err) == (1, told)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("run", "--open", "--watch", "."), "--open: --watch tests again and again"),
        (("run", "--debug", "--report-dir", "taken"), "taken/debug.ndjson: Is a directory"),
        (("judge", "x.har", "--each", "--debug"), "--debug is for one recording"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    words: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    (tmp_path / "taken" / DEBUG).mkdir(parents=True)
    done = command(*words, cwd=tmp_path)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert why in done.err
