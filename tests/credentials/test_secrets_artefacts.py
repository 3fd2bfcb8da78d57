"""Whatever a target makes of a token, nothing that the command leaves behind holds it."""

from __future__ import annotations

import itertools
import random
import signal
import string
import subprocess
import sys
import time
from pathlib import Path

import pytest
from secret_encodings import ENCODINGS
from secret_runs import FORBIDDEN, GOOD, KNOWN, TOKENS, Outcome, environment, run, start
from secret_scanning import leaks, placeholders
from secret_targets import (
    ANSWERS,
    BROKEN,
    Repeats,
    error,
    in_a_value,
    in_an_executed_answer,
    message,
)
from warm import COLD

from conformance.report.write import REPORTS

TURNS = list(itertools.product(ANSWERS, ENCODINGS))
SLICES = 3
FEW = ("--max-requests", "80", "--max-executions", "100")
drawn = random.Random(1)
SHAPES = {
    "of 8 kB": "".join(drawn.choices(string.ascii_letters + string.digits + "+/=", k=8000)),
    "of 8 characters": "k3y+=Zq9",
    "of signs": "[a-z]+(x|y)*\\d{3}$^.?{2,}|\\w\\W'\"<&>;",
    "like placeholders": "abcdefghi{{token}}jklmnop{{open}}qrst",
    "like JSON": '{"token": "abc\\u0041\\n", "x": 12345}',
}


class Rotates(Repeats):
    """Has another token in the file after some requests; repeats each that it was sent so far."""

    def __init__(self, file: Path) -> None:
        super().__init__(GOOD)
        self.file = file

    def respond(self, request: bytes) -> bytes:
        if len(self.requests) == 20:
            self.file.write_text(FORBIDDEN)
        sent = [each for each in (GOOD, FORBIDDEN) if each.encode() in b"".join(self.requests)]
        if self.file.read_text().encode() in request:
            return in_an_executed_answer(" and ".join(sent))
        return message("401 No", [f"X-Sent: {' '.join(sent)}"], error("no"))


class AnswersLate(Rotates):
    """Holds some requests with the first token until the second was sent."""

    def respond(self, request: bytes) -> bytes:
        if len(self.requests) >= 20 and GOOD.encode() in request and len(self.requests) % 2:
            self.file.write_text(FORBIDDEN)
            until = time.monotonic() + 2
            while time.monotonic() < until and FORBIDDEN.encode() not in b"".join(self.requests):
                time.sleep(0.01)
        return super().respond(request)


def reports(directory: Path) -> Path:
    return directory / "made" / "anew"


def check(done: Outcome, *secrets: str) -> None:
    """Check that all files are there, that the target did repeat tokens, and that none is left."""
    written = {path.name for path in reports(done.directory).iterdir()}
    assert written == {*REPORTS, "journal.ndjson", "plan.ndjson"}
    assert placeholders(reports(done.directory)) > 10
    assert done.leaks(*secrets) == []


@pytest.mark.parametrize("part", range(SLICES))
def test_a_token_that_is_repeated_is_in_no_artefact(part: int, tmp_path: Path) -> None:
    turns = TURNS[part::SLICES]
    with Repeats(GOOD, turns) as target:
        done = run(tmp_path, target.url, "--max-executions", "200")
    assert len(target.requests) >= len(turns)
    check(done, GOOD, FORBIDDEN)


@pytest.mark.parametrize("token", SHAPES.values(), ids=SHAPES.keys())
def test_a_token_of_an_odd_shape_is_in_no_artefact(token: str, tmp_path: Path) -> None:
    turns = TURNS[:: len(token) // 300 + 3 * SLICES]  # a long one takes longer to be looked for
    limit = ("--max-requests", str(len(turns) + 6))
    with Repeats(token, turns) as target:
        done = run(tmp_path, target.url, *FEW, *limit, env={"CSBS_TOKEN": token})
    assert len(target.requests) >= len(turns)
    check(done, token)


@pytest.mark.parametrize("way", [("--token-file", "../token"), ("--token-command", "cat ../token")])
def test_a_token_of_a_file_or_a_command_is_in_no_artefact(
    way: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(GOOD + "\n")
    (tmp_path / "work").mkdir()
    turns = TURNS[:: 3 * SLICES]
    with Repeats(GOOD, turns) as target:
        done = run(tmp_path / "work", target.url, *way, *FEW, env={})
    assert len(target.requests) >= len(turns)
    assert any(GOOD.encode() in request for request in target.requests)
    check(done, GOOD)


def test_neither_token_of_a_file_that_changes_is_in_an_artefact(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(GOOD)
    (tmp_path / "work").mkdir()
    options = ("--token-file", "../token", "--max-executions", "100")
    with Rotates(tmp_path / "token") as target:
        done = run(tmp_path / "work", target.url, *options, env={})
    assert sum(FORBIDDEN.encode() in request for request in target.requests) > 10
    check(done, GOOD, FORBIDDEN)


def test_a_token_in_what_is_no_answer_is_in_no_artefact(tmp_path: Path) -> None:
    broken = [(answer, encoding) for answer in BROKEN for encoding in ENCODINGS[:1]]
    turns = [turn for each in broken for turn in [(in_a_value, str)] * 6 + [each]]
    with Repeats(GOOD, turns) as target:
        done = run(tmp_path, target.url, "--time-limit", "8")
    assert len(target.requests) >= len(turns)
    check(done, GOOD, FORBIDDEN)


def test_a_token_in_an_executed_answer_is_in_no_artefact(tmp_path: Path) -> None:
    turns = [(in_an_executed_answer, encoding) for encoding in ENCODINGS]
    with Repeats(GOOD, turns) as target:
        done = run(tmp_path, target.url, "--quiet", "--max-executions", "40", "--concurrency", "1")
    check(done, GOOD, FORBIDDEN)
    assert b"violates" in done.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_token(number: signal.Signals, tmp_path: Path) -> None:
    with Repeats(GOOD, TURNS[::5]) as target:
        running = start(tmp_path, target.url, "--rate", "20", program=COLD)
        deadline = time.monotonic() + 60
        while len(target.requests) < 25 and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(number)
        out, err = running.communicate(timeout=60)
    assert running.returncode == (-9 if number is signal.SIGKILL else 128 + number)
    assert placeholders(reports(tmp_path)) > 10
    assert Outcome(running.returncode, out, err, tmp_path).leaks(GOOD, FORBIDDEN) == []


CRASHING = """
import os, pathlib, sys
from conformance.cli import entry
from conformance.plan import generated
generated.GENERATOR = pathlib.Path("crashes.py")
entry()
"""


def test_a_generator_that_crashes_has_no_token_to_tell(tmp_path: Path) -> None:
    (tmp_path / "crashes.py").write_text(
        "import os, sys; sys.exit('crashed with ' + ' '.join(os.environ.values()))"
    )
    target = ("--endpoint", "http://127.0.0.1:9", "--project-id", KNOWN["project_id"])
    ids = ("--plan-id", KNOWN["plan_id"], "--report-dir", "made/anew")
    done = subprocess.run(
        [sys.executable, "-c", CRASHING, "run", *target, *ids],
        cwd=tmp_path,
        env=environment({**TOKENS, "XDG_CACHE_HOME": str(tmp_path / "cache")}),
        capture_output=True,
        check=False,
        timeout=60,
    )
    outcome = Outcome(done.returncode, done.stdout, done.stderr, tmp_path)
    assert b"crashed with" in (reports(tmp_path) / "report.json").read_bytes()
    assert outcome.leaks(GOOD, FORBIDDEN) == []


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: encoding.__name__)
def test_the_search_finds_what_leaks(encoding: object) -> None:
    assert callable(encoding)
    for half in (GOOD, GOOD[:24], GOOD[24:]):
        text = f"<p>{encoding(half)}</p>"
        if "within" not in getattr(encoding, "__name__", ""):
            assert leaks(GOOD, {"a file": text.encode()}), half


def test_the_search_finds_what_a_journal_holds_in_base64() -> None:
    import base64
    import gzip

    packed = base64.b64encode(gzip.compress(GOOD.encode())).decode()
    assert leaks(GOOD, {"journal": f'{{"body":{{"base64":"{packed}"}}}}'.encode()})
    assert leaks(GOOD, {"har": f'{{"text": "{packed}", "encoding": "base64"}}'.encode()})
    assert not leaks(GOOD, {"journal": b'{"body":{"base64":"AAAA"}}'})
