"""`run --delete` and `delete`, through the real command."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import (
    EXCHANGE,
    KNOWN,
    NEVER_HANGS,
    TOKENS,
    WORLD,
    Outcome,
    TakesItsTime,
    command,
    environment,
    records,
    started,
    target_options,
    wait_for,
)
from warm import COLD

from conformance.emulator import Refusal, Request, Response, Service
from conformance.emulator.app import serving
from conformance.emulator.variants.backup_lists import ListOfOthers

QUICK = replace(WORLD, settings=replace(WORLD.settings, advance_seconds=0, delete_seconds=0))


class Kept(Service):
    """The reference over a world in which backups are made and deleted at once."""

    def __init__(self) -> None:
        super().__init__(QUICK)
        self.deleted: list[str] = []

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if request.method == "DELETE" and response.status == 200:
            self.deleted.append(request.segments[-1])
        return response

    @property
    def created(self) -> list[str]:
        return sorted(each.id for each in self.executed)


@pytest.fixture
def service() -> Kept:
    return Kept()


@pytest.fixture
def endpoint(service: Kept) -> Iterator[str]:
    with serving(service) as url:
        yield url


def ran(endpoint: str, directory: Path, *more: str) -> Outcome:
    options = (*target_options(endpoint), "--profile", "smoke", "--report-dir", "out", *more)
    return command("run", *options, cwd=directory, env=TOKENS)


def deleted(endpoint: str, directory: Path, *more: str) -> Outcome:
    options = ("delete", "out", "--endpoint", endpoint, "--yes", *more)
    return command(*options, cwd=directory, env=TOKENS)


def lines(directory: Path, kind: str) -> list[dict[str, Any]]:
    return [each for each in records(directory / "out" / "journal.ndjson") if each["kind"] == kind]


def test_a_run_deletes_what_it_created(service: Kept, endpoint: str, tmp_path: Path) -> None:
    done = ran(endpoint, tmp_path, "--delete", "--yes")
    assert done.code == 0, done.err
    assert sorted(service.deleted) == service.created
    assert "Checkpoints: 3 created, 3 deleted" in done.out
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert {each["outcome"] for each in report["deletions"]} == {"deleted"}
    assert "3 created, 3 deleted" in (tmp_path / "out" / "report.html").read_text()
    assert "3 created, 3 deleted" in (tmp_path / "out" / "summary.md").read_text()
    assert '"DELETE"' in (tmp_path / "out" / "exchanges.har").read_text()


def test_nothing_is_sent_where_nobody_confirms(
    service: Kept, endpoint: str, tmp_path: Path
) -> None:
    done = ran(endpoint, tmp_path, "--delete")
    assert (done.code, done.out) == (2, "")
    assert "--yes" in done.err
    assert service.executed == []


def test_the_embedded_emulator_needs_no_confirmation(tmp_path: Path) -> None:
    options = ("--profile", "smoke", "--delete", "--report-dir", "out")
    done = command("run", *options, cwd=tmp_path)
    assert "Checkpoints: 3 created, 3 deleted" in done.out, done.err


def test_a_run_is_deleted_later(service: Kept, endpoint: str, tmp_path: Path) -> None:
    assert ran(endpoint, tmp_path).code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    dry = command("delete", "out", "--dry-run", cwd=tmp_path)
    assert (dry.code, dry.out) == (0, "3 created, 3 not deleted\n")
    assert all(record in dry.err for record in service.created)
    assert service.deleted == []
    done = deleted(endpoint, tmp_path)
    assert (done.code, done.out) == (0, "3 created, 3 deleted\n"), done.err
    assert sorted(service.deleted) == service.created
    again = deleted(endpoint, tmp_path, "--quiet")
    assert (again.code, again.out, again.err) == (0, "3 created, 3 deleted\n", "")
    assert len(service.deleted) == 3
    after = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert after.pop("journal.ndjson").startswith(before.pop("journal.ndjson"))
    assert after == before
    judged = command("judge", "out/journal.ndjson", "--report-dir", "judged", cwd=tmp_path)
    assert judged.code == 0
    assert "Checkpoints: 3 created, 3 deleted" in judged.out


def test_the_command_that_deletes_a_run_is_told(
    endpoint: str, service: Kept, tmp_path: Path
) -> None:
    told = "To delete them: csbs-conformance delete out"
    assert told in ran(endpoint, tmp_path).out.splitlines()
    assert told not in ran(endpoint, tmp_path, "--delete", "--yes").out
    judged = command("judge", "out/journal.ndjson", "--report-dir", "judged", cwd=tmp_path)
    assert "To delete them" not in judged.out
    gone_with_the_run = command("run", "--profile", "smoke", cwd=tmp_path)
    assert "To delete them" not in gone_with_the_run.out


class Shared(Kept, ListOfOthers):
    """A schedule executes the same policy meanwhile."""


def test_what_only_the_list_shows_is_printed_as_commands(tmp_path: Path) -> None:
    service = Shared()
    with serving(service) as endpoint:
        run = ran(endpoint, tmp_path)
        report = json.loads((tmp_path / "out" / "report.json").read_text())
        dry = command("delete", "out", "--dry-run", cwd=tmp_path)
        done = deleted(endpoint, tmp_path)
    assert sorted(service.deleted) == service.created
    other = report["surplus"][0]["checkpoint"]
    url = f"{endpoint}/v1/{KNOWN['project_id']}/providers/{KNOWN['provider_id']}"
    for told in (run.out, done.out, (tmp_path / "out" / "report.html").read_text()):
        assert other in told
        assert "for you to decide" in told
    assert f"-X DELETE --url '{url}/checkpoints/{other}'" in run.out
    assert f"-X DELETE --url '{url}/checkpoints/{other}'" in done.out
    assert other in dry.err
    assert "curl" not in dry.out + dry.err
    assert done.code == 0


def test_the_endpoint_is_given_again(service: Kept, endpoint: str, tmp_path: Path) -> None:
    assert ran(endpoint, tmp_path).code == 0
    for more, said in (
        ((), "--endpoint"),
        (("--yes",), "--endpoint"),
        (("--endpoint", endpoint), "--yes"),
        (("--endpoint", f"{endpoint}0", "--yes"), f"the run was against {endpoint}"),
        (("--endpoint", "", "--yes"), "--endpoint"),
    ):
        done = command("delete", "out", *more, cwd=tmp_path, env=TOKENS)
        assert (done.code, done.out) == (2, ""), more
        assert said in done.err
    assert service.deleted == []


def test_a_killed_run_leaves_nothing_behind_either(tmp_path: Path) -> None:
    service = TakesItsTime(at_once=215)
    service.world = QUICK
    with serving(service) as endpoint:
        options = (*target_options(endpoint), "--report-dir", "out")
        process = started("run", *options, cwd=tmp_path, env=TOKENS)
        wait_for(tmp_path / "out" / "journal.ndjson", EXCHANGE, 215)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=NEVER_HANGS)
        service.at_once = sys.maxsize
        brought = {
            json.loads(each["response"]["body"])["checkpoint"]["id"]
            for each in lines(tmp_path, "exchange")
            if each["response"] and each["response"]["status"] == 200
            and each["request"]["method"] == "POST"
        }  # fmt: skip
        done = deleted(endpoint, tmp_path)
        assert done.code == 0, done.err
        assert brought
        assert set(service.deletions.values())
        assert {each["record"] for each in lines(tmp_path, "deleting")} == brought
        whole = command(
            "run", "--resume", "out", "--endpoint", endpoint, "--quiet", cwd=tmp_path, env=TOKENS
        )
    assert whole.code in (0, 3), whole.err


def test_what_is_left_is_told_with_the_command(tmp_path: Path) -> None:
    class Stubborn(Kept):
        def delete_backups(self, *parts: Any) -> Response:
            raise Refusal(403, "CSBS.0403", "no\x1b[2J")

    service = Stubborn()
    with serving(service) as endpoint:
        run = ran(endpoint, tmp_path, "--delete", "--yes")
        done = deleted(endpoint, tmp_path)
    assert run.code == done.code == 3
    assert "3 created, 3 not deleted" in run.out
    for record in service.created:
        url = f"{endpoint}/v1/{KNOWN['project_id']}/providers/{KNOWN['provider_id']}"
        assert f"-X DELETE --url '{url}/checkpoints/{record}'" in run.out
        assert f"-X DELETE --url '{url}/checkpoints/{record}'" in done.out
    assert done.out.endswith("3 created, 3 not deleted\n")
    everything = "".join(path.read_text("latin-1") for path in (tmp_path / "out").iterdir())
    for said in (run.out, run.err, done.out, done.err, everything):
        assert TOKENS["CSBS_TOKEN"] not in said
    assert "\x1b" not in run.out + done.out


def test_an_interruption_is_taken_up_again(tmp_path: Path) -> None:
    class Hanging(Kept):
        is_hanging = True

        def handle(self, request: Request) -> Response:
            response = super().handle(request)
            slow = request.method == "DELETE" and self.is_hanging
            return replace(response, delay=60.0) if slow else response

    service = Hanging()
    with serving(service) as endpoint:
        assert ran(endpoint, tmp_path).code == 0
        options = ("delete", "out", "--endpoint", endpoint, "--yes", "--timeout", "60")
        process = started(*options, cwd=tmp_path, env=TOKENS)
        wait_for(tmp_path / "out" / "journal.ndjson", b'"kind":"deleting"', 3)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=NEVER_HANGS)
        assert process.returncode == 130
        assert b"3 created, 3 not deleted" in out
        service.is_hanging = False
        done = deleted(endpoint, tmp_path)
    assert done.code == 0, done.out
    assert sorted(service.deleted) == service.created


@pytest.mark.parametrize("what", ["missing", "recorded", "another request", "no journal"])
def test_a_journal_of_another_hand_deletes_nothing(
    what: str, service: Kept, endpoint: str, tmp_path: Path
) -> None:
    assert ran(endpoint, tmp_path).code == 0
    path = tmp_path / "out" / "journal.ndjson"
    text = path.read_text()
    if what == "missing":
        path.unlink()
    elif what == "recorded":
        path.write_text(text.replace('"complete":true', '"complete":false'))
    elif what == "another request":
        path.write_text(text.replace("/checkpoints", "/checkpoints/all"))
    else:
        path.write_text("{}\n")
    done = deleted(endpoint, tmp_path)
    assert (done.code, done.out) == (2, "")
    assert service.deleted == []


@pytest.mark.parametrize(
    ("said", "code", "number"), [(b"y\n", 0, 3), (b"n\n", 2, 0), (b"\n", 2, 0)]
)
def test_a_user_at_a_terminal_is_asked(
    said: bytes, code: int, number: int, service: Kept, endpoint: str, tmp_path: Path
) -> None:
    assert ran(endpoint, tmp_path).code == 0
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [COLD, "delete", "out"],
        cwd=tmp_path,
        env=environment(TOKENS),
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, said)
    shown = bytearray()
    with contextlib.suppress(OSError):
        while data := os.read(ours, 65536):
            shown += data
    assert process.wait(NEVER_HANGS) == code
    os.close(ours)
    assert f"Send your token to {endpoint}, project".encode() in shown.replace(b"\r\n", b"")
    assert len(service.deleted) == number
