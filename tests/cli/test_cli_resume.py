"""`run --resume` after SIGKILL and after a full disk, through the real command."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_helpers import (
    EXCHANGE,
    NEVER_HANGS,
    REPORTS,
    TOKENS,
    Counting,
    TakesItsTime,
    command,
    environment,
    records,
    report_of,
    started,
    target_options,
    wait_for,
)
from warm import COLD

from conformance.emulator.app import serving

ENOUGH = ("--max-executions", "30")


@pytest.mark.parametrize("exchanges", [0, 1, 150, 215])
def test_a_killed_run_ends_in_the_verdict_of_a_whole_one(exchanges: int, tmp_path: Path) -> None:
    service = TakesItsTime(at_once=exchanges)
    with serving(service) as endpoint:
        options = [*target_options(endpoint), *ENOUGH]
        process = started("run", *options, "--report-dir", "out", cwd=tmp_path, env=TOKENS)
        wait_for(tmp_path / "out" / "journal.ndjson", EXCHANGE, exchanges)
        wait_for(tmp_path / "out" / "plan.ndjson", b'"kind":"plan"')
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=NEVER_HANGS)
        service.at_once = sys.maxsize
        more = ("--endpoint", endpoint, *ENOUGH, "--quiet")
        done = command("run", "--resume", "out", *more, cwd=tmp_path, env=TOKENS)
    assert done.err == ""
    assert {path.name for path in (tmp_path / "out").iterdir()} >= REPORTS
    report = report_of(tmp_path / "out")
    executions = report["budget"]["executions"]
    assert executions["limit"] == 30
    assert len(service.executed) <= executions["spent"] <= 30
    if done.code == 3:
        assert "--max-executions" in done.out
    else:
        assert (done.code, done.out) == (0, "conforms\n")


def test_a_finished_run_stays_as_it_is(tmp_path: Path) -> None:
    assert command("run", "--profile", "smoke", "--report-dir", "out", cwd=tmp_path).code == 0
    files = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    done = command("run", "--resume", "out", cwd=tmp_path, env=TOKENS)
    assert done.code == 0, done.err
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == files
    strict = command("run", "--resume", "out", "--strict", "--quiet", cwd=tmp_path, env=TOKENS)
    assert (strict.code, strict.out) == (0, "conforms\n")


def test_a_run_can_be_resumed_with_a_higher_limit(tmp_path: Path) -> None:
    service = Counting()
    with serving(service) as endpoint:
        options = (*target_options(endpoint), "--max-requests", "50", "--report-dir", "out")
        first = command("run", *options, cwd=tmp_path, env=TOKENS)
        sent = len(service.seen)
        more = ("run", "--resume", "out", "--endpoint", endpoint, "--max-requests", "250")
        second = command(*more, cwd=tmp_path, env=TOKENS)
    assert (first.code, sent) == (3, 50)
    assert second.code == 0
    assert report_of(tmp_path / "out")["budget"]["requests"]["spent"] == len(service.seen)


@pytest.mark.parametrize("kilobytes", [1, 190])
def test_a_full_disk_costs_a_line_and_no_exchange(kilobytes: int, tmp_path: Path) -> None:
    service = Counting()

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))

    with serving(service) as endpoint:
        # The plan is written whole, so that the journal alone meets the end of the disk.
        options = [*target_options(endpoint), *ENOUGH, "--report-dir", "out", "--profile", "smoke"]
        if kilobytes > 1:
            options = options[:-2]
        done = subprocess.run(
            [COLD, "run", *options],
            cwd=tmp_path,
            env=environment(TOKENS),
            capture_output=True,
            timeout=NEVER_HANGS,
            preexec_fn=fill,
            check=False,
        )
        *_, last = done.stderr.decode().splitlines()
        assert done.returncode == 2
        assert "File too large; make room" in last
        assert b"Traceback" not in done.stderr
        journal = tmp_path / "out" / "journal.ndjson"
        if journal.stat().st_size <= 1024:
            return  # not even the header went in, and nothing was sent
        before = len(service.seen)
        more = ("--endpoint", endpoint, *ENOUGH, "--quiet")
        resumed = command("run", "--resume", "out", *more, cwd=tmp_path, env=TOKENS)
    assert before < len(service.seen)
    assert resumed.code in (0, 3)
    assert len(service.executed) <= report_of(tmp_path / "out")["budget"]["executions"]["spent"]
    assert records(journal)[-1]["kind"] == "footer"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Counting]]:
    """Where a finished run has its directory, and its target."""
    service, directory = Counting(), tmp_path_factory.mktemp("finished")
    with serving(service) as endpoint:
        options = (*target_options(endpoint), "--profile", "smoke", "--report-dir", "out")
        assert command("run", *options, cwd=directory, env=TOKENS).code == 0
        yield directory, service


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--plan-id", "another"), "--plan-id: it was"),
        (("--seed", "9"), "--seed: it was 1"),
        (("--report-dir", "elsewhere"), "--report-dir: --resume"),
        (("--endpoint", "http://127.0.0.1:9"), "--endpoint: it was"),
    ],
)
def test_what_is_asked_for_otherwise_is_refused(
    options: tuple[str, ...], says: str, finished: tuple[Path, Counting]
) -> None:
    directory, service = finished
    sent = len(service.seen)
    done = command("run", "--resume", "out", *options, cwd=directory, env=TOKENS)
    assert done.code == 2
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert len(service.seen) == sent


@pytest.mark.parametrize("content", [None, b"", b"\x00\xff", b'{"kind":"header"}\n', b"{}\n"])
def test_what_is_no_journal_is_told_in_a_line(content: bytes | None, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    if content is not None:
        (tmp_path / "out" / "journal.ndjson").write_bytes(content)
    done = command("run", "--resume", "out", cwd=tmp_path, env=TOKENS)
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "journal.ndjson" in done.err


def test_every_command_refuses_a_spoiled_journal_with_the_same_words(tmp_path: Path) -> None:
    journal = tmp_path / "out" / "journal.ndjson"
    with serving(Counting()) as endpoint:
        smoke = (*target_options(endpoint), "--profile", "smoke", "--report-dir", "out")
        assert command("run", *smoke, cwd=tmp_path, env=TOKENS).code == 0
    lines = journal.read_bytes().splitlines(keepends=True)
    for content, says in {
        b"".join([*lines[:9], lines[8], *lines[9:]]): "line 10 is no journal line",
        b"".join(lines).replace(b'"status":400', b'"status":"400"', 1): "Expected `int`, got `str`",
        b"".join(lines[1:]): "line 1 is no journal line (the journal does not begin",
        b"": "nothing was sent in that run; run it anew",
    }.items():
        journal.write_bytes(content)
        resumed = command("run", "--resume", "out", cwd=tmp_path, env=TOKENS)
        judged = command("judge", "out/journal.ndjson", cwd=tmp_path, env={})
        assert (resumed.code, judged.code) == (2, 2)
        assert resumed.err == judged.err
        assert says in judged.err
        assert len(judged.err.splitlines()) == 1


def test_a_torn_journal_is_judged_once_its_run_went_on(tmp_path: Path) -> None:
    journal = tmp_path / "out" / "journal.ndjson"
    with serving(Counting()) as endpoint:
        smoke = (*target_options(endpoint), "--profile", "smoke", "--report-dir", "out")
        assert command("run", *smoke, cwd=tmp_path, env=TOKENS).code == 0
        journal.write_bytes(journal.read_bytes()[:-5])
        torn = command("judge", "out/journal.ndjson", "--report-dir", "again", cwd=tmp_path, env={})
        assert torn.code == 2
        assert "is torn: the file ends within it; finish the run with" in torn.err
        assert "csbs-conformance run --resume out, or cut that line off" in torn.err
        variable = {**TOKENS, "CSBS_ENDPOINT": endpoint}
        assert command("run", "--resume", "out", cwd=tmp_path, env=variable).code == 0
    judged = command("judge", "out/journal.ndjson", "--report-dir", "again", cwd=tmp_path, env={})
    assert judged.code == 0


def killed(endpoint: str, cwd: Path, **changes: int) -> None:
    """Leave the directory of a run that was killed, with `changes` in the header of its journal."""
    options = [*target_options(endpoint), "--profile", "smoke", "--report-dir", "out"]
    assert command("run", *options, cwd=cwd, env=TOKENS).code == 0
    journal = cwd / "out" / "journal.ndjson"
    header, *lines = records(journal)[:20]
    header.update(changes)
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in (header, *lines)))


def test_nothing_goes_to_the_endpoint_of_a_directory_that_the_user_did_not_confirm(
    tmp_path: Path,
) -> None:
    service = Counting()
    with serving(service) as endpoint:
        killed(endpoint, tmp_path)
        service.seen.clear()
        for quiet in ((), ("--quiet",)):
            done = command("run", "--resume", "out", *quiet, cwd=tmp_path, env=TOKENS)
            assert done.code == 2
            assert f"was against {endpoint}, and your token would go there; give" in done.err
            assert len(done.err.splitlines()) == 1
        assert service.seen == []
        (tmp_path / "csbs.toml").write_text(f'endpoint = "{endpoint}"\n')
        config = ("--config", "csbs.toml")
        done = command("run", *config, "--resume", "out", cwd=tmp_path, env=TOKENS)
    assert done.code == 0, done.err
    assert service.seen


def test_a_higher_limit_on_a_run_that_is_done_needs_the_endpoint_as_well(tmp_path: Path) -> None:
    service = Counting()
    with serving(service) as endpoint:
        options = (*target_options(endpoint), "--max-requests", "50", "--report-dir", "out")
        assert command("run", *options, cwd=tmp_path, env=TOKENS).code == 3
        sent = len(service.seen)
        assert command("run", "--resume", "out", cwd=tmp_path, env=TOKENS).code == 3
        more = ("run", "--resume", "out", "--max-requests", "250")
        done = command(*more, cwd=tmp_path, env=TOKENS)
    assert (done.code, len(service.seen)) == (2, sent)
    assert "your token would go there" in done.err


def test_the_limits_of_a_directory_raise_none_of_the_user(tmp_path: Path) -> None:
    with serving(Counting()) as endpoint:
        killed(endpoint, tmp_path, max_requests=100_000, max_executions=100_000)
        resume = ("run", "--resume", "out", "--endpoint", endpoint)
        command(*resume, cwd=tmp_path, env=TOKENS)
        budget = report_of(tmp_path / "out")["budget"]
        assert (budget["requests"]["limit"], budget["executions"]["limit"]) == (250, 3)
        killed(endpoint, tmp_path, max_requests=100_000, max_executions=100_000)
        command(*resume, "--max-requests", "300", cwd=tmp_path, env=TOKENS)
        assert report_of(tmp_path / "out")["budget"]["requests"]["limit"] == 300


@pytest.mark.parametrize(("said", "code"), [(b"y\n", 0), (b"n\n", 2), (b"\n", 2)])
def test_the_endpoint_is_asked_for_on_a_terminal(said: bytes, code: int, tmp_path: Path) -> None:
    service = Counting()
    with serving(service) as endpoint:
        killed(endpoint, tmp_path)
        service.seen.clear()
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [COLD, "run", "--resume", "out"],
            cwd=tmp_path,
            env=environment(TOKENS),
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        )
        os.close(theirs)
        os.write(ours, said)
        drained = threading.Thread(target=drain, args=(ours,))
        drained.start()
        assert process.wait(NEVER_HANGS) == code
        drained.join(NEVER_HANGS)
        os.close(ours)
    assert bool(service.seen) is (code == 0)


def drain(terminal: int) -> None:
    """Read what is written to a terminal until nobody holds it any more."""
    with contextlib.suppress(OSError):
        while os.read(terminal, 65536):
            pass
