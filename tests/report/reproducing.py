"""Reproducers that are run: by a shell and curl, against fresh servers, with a judge at the end."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from emulated import emulated_fixtures
from msgspec.structs import replace

from conformance.contract import load_contract
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Service, World
from conformance.emulator.implementation import Implementation
from conformance.judge.run import Judge
from conformance.judge.verdicts import Finding, Status
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    JournalFooter,
    JournalHeader,
    Response,
    Spent,
    Token,
    TransportFailure,
)

REFERENCE = Implementation("reference", "", Service)
FIXTURES = World.default().fixtures()
SECRETS = Secrets(
    {
        Token.GOOD: FIXTURES["token"] or "",
        Token.FORBIDDEN: FIXTURES["forbidden_token"] or "",
    }
)
CURL = """#!/bin/bash
name=$SEEN/$(date +%s%N).$$
printf '%s\\0' "$@" >"$name.arguments"
case "$*" in *"--data-binary @-"*) cat >"$name.input" ;; *) : >"$name.input" ;; esac
{curl} --max-time 3 "$@" <"$name.input" >"$name.output"
code=$?
cat "$name.output"
echo $code >"$name.code"
"""
"""A curl that keeps what it was given, and what came."""
TIMED_OUT = 28
UNDECODABLE = frozenset({23, 61})
"""What curl exits with where a content coding does not fit the body."""


@dataclass(frozen=True)
class Call:
    """One call of curl: what it was given, its exit code, and what it printed."""

    headers: frozenset[tuple[str, str]]
    body: bytes
    code: int
    output: bytes

    @property
    def response(self) -> Response | None:
        """What curl printed with `-i`."""
        head, _, body = self.output.partition(b"\r\n\r\n")
        while head.split(b" ", 2)[1:2] == [b"100"]:
            head, _, body = body.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        status, _, reason = first.partition(" ")[2].partition(" ")
        if self.code not in (0, *UNDECODABLE) or not status.isdigit():
            return None
        pairs = (line.partition(":") for line in lines)
        headers = tuple((name, value.strip()) for name, _, value in pairs)
        why = "not what its content coding says" if self.code in UNDECODABLE else ""
        told = Response(int(status), reason, headers, body, undecodable=why)
        return SECRETS.redact_response(told)


def run_script(script: str, clause: str, directory: Path) -> list[Call]:
    """Run the case for a clause in a directory of its own; every call of curl, in order."""
    directory.mkdir()
    curl = directory / "curl"
    curl.write_text(CURL.format(curl=shutil.which("curl")))
    curl.chmod(0o755)
    (directory / "reproduce.sh").write_text(script, encoding="utf-8")
    subprocess.run(
        ["bash", "reproduce.sh", clause],
        check=False,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        env={
            "PATH": f"{directory}:{os.environ['PATH']}",
            "SEEN": str(directory),
            "LC_ALL": "C.UTF-8",
            "CSBS_TOKEN": SECRETS.tokens[Token.GOOD],
            "CSBS_FORBIDDEN_TOKEN": SECRETS.tokens[Token.FORBIDDEN],
        },
    )
    return [_call(path.with_suffix("")) for path in sorted(directory.glob("*.code"))]


def _call(name: Path) -> Call:
    def read(suffix: str) -> bytes:
        return name.with_name(f"{name.name}.{suffix}").read_bytes()

    headers, body = set(), read("input")
    given = [each.decode("utf-8", "surrogateescape") for each in read("arguments").split(b"\0")]
    for option, value in pairwise(given):
        if option == "-H":
            key, _, said = value.partition(":")
            is_text = said.isprintable()  # else it has bytes that are none
            raw = said.strip().encode("utf-8", "surrogateescape")
            headers.add((key.lower(), raw.decode("utf-8" if is_text else "latin-1")))
        elif option == "--data-raw":
            body = value.encode("utf-8", "surrogateescape")
    return Call(frozenset(headers), body, int(read("code")), read("output"))


def shows(
    finding: Finding, implementation: Implementation, script: str, endpoint: str, directory: Path
) -> bool:
    """Whether a script for `endpoint`, run on a fresh server, shows what the finding says."""
    with implementation.serve(World.default()) as url:
        calls = run_script(script.replace(endpoint, url), finding.clause, directory)
    made = [_made(each, calls, endpoint, url) for each in finding.sequence]
    assert not calls, "curl was called for something else"
    last = made.pop([each is finding.exchange for each in finding.sequence].index(True))
    return _is_broken(finding, [*made, last], url)


def _made(planned: Exchange, calls: list[Call], endpoint: str, url: str) -> Exchange:
    """The exchange that a call came to, which is taken out of `calls`."""
    headers, body = SECRETS.reveal_request(planned.request)
    sent = {name.lower(): value.strip().replace(endpoint, url) for name, value in headers}
    wanted = {(name, value) for name, value in sent.items() if value}
    call = next(each for each in calls if each.body == body and wanted <= each.headers)
    calls.remove(call)
    response = call.response
    kind = Failure.TIMEOUT if call.code == TIMED_OUT else Failure.CLOSED
    return replace(
        planned,
        request=replace(planned.request, url=planned.request.url.replace(endpoint, url)),
        response=response,
        failure=None if response else TransportFailure(kind),
    )


def _is_broken(finding: Finding, made: list[Exchange], url: str) -> bool:
    """Whether a judge who knows that the fixtures are right fails the clause by the exchanges.

    What only repetitions accuse counts where the same came that was not allowed.
    """
    contract, last = load_contract(), made[-1]
    fixtures = emulated_fixtures(url)
    header = JournalHeader("0", contract.sha256, fixtures, "standard", 1, last.started)
    judge = Judge(contract, header)
    judge.seen.fixtures_work = True
    judge.seen.shown = {each for each in (fixtures.plan_id, *fixtures.resources) if each}
    judge.seen.token_worked = [math.inf]
    for exchange in made:
        judge.observe(exchange)
    spent = Spent(1, 1)
    judgement = judge.conclude(JournalFooter(Ending.COMPLETE, last.ended, spent, spent))
    if any(v.clause.id == finding.clause for v in judgement.clauses if v.status is Status.FAILED):
        return True
    came, before = last.response, finding.exchange.response
    if came is None or before is None:
        return came is before
    allowed = judge.oracle.expect(last.request).allowed
    return came.status not in allowed and came.status == before.status
