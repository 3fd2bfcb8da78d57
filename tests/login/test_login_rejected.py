"""Runs whose token is rejected in the middle: by its end, or by a target that is wrong."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cli_helpers import KNOWN, WORLD
from msgspec import structs

from conformance.contract import load_contract
from conformance.contract.clauses import MUST
from conformance.emulator import Request, Response, Service
from conformance.emulator.app import serving
from conformance.emulator.world import Token as KnownToken
from conformance.journal.reader import read_journal
from conformance.judge.run import judge
from conformance.judge.verdicts import Verdict
from conformance.login.source import Access
from conformance.model import Token
from conformance.report.model import Report
from conformance.run.session import run
from conformance.run.settings import emulator_settings
from conformance.run.watcher import Watcher

GOOD = KNOWN["token"]


@dataclass
class Issuer:
    """Gives tokens, each another one; after the first `most` it repeats the last."""

    most: int = 10**9
    issued: list[str] = field(default_factory=list)
    due: float = math.inf
    asked: int = 0

    def take(self) -> Access:
        self.asked += 1
        if len(self.issued) < self.most:
            self.issued.append(f"token-number-{len(self.issued):04d}-5f0d3c1b9a7e4826")
        return Access(self.issued[-1])


class ExpiresInTheMiddle(Service):
    """Takes each token for a number of requests, and knows them all by their issuer."""

    def __init__(self, issuer: Issuer, uses: int) -> None:
        super().__init__(WORLD)
        self.issuer = issuer
        self.left = uses
        self.uses = uses
        self.current = ""

    def is_good(self, token: str) -> bool:
        if not self.issuer.issued or token != self.issuer.issued[-1]:
            return False
        if token != self.current:
            self.current, self.left = token, self.uses
        self.left -= 1
        return self.left >= 0

    def authenticate(self, request: Request) -> KnownToken:
        if self.is_good(self.token_value(request) or ""):
            return next(token for token in WORLD.tokens if token.value == GOOD)
        return super().authenticate(request)


class ClosesForGood(ExpiresInTheMiddle):
    """Takes no token at all any more, however fresh, once it has executed a few times."""

    def is_good(self, token: str) -> bool:
        return super().is_good(token) and len(self.executed) < 3


class CallsAListUnauthorized(ExpiresInTheMiddle):
    """Answers 401 to a good token where the list of servers is asked for."""

    def handle(self, request: Request) -> Response:
        if b"resources" in request.body and request.method == "POST":
            return replace(super().handle(request), status=401, body=b"")
        return super().handle(request)


def session(service: Service, issuer: Issuer, directory: Path, **options: object) -> Report:
    with serving(service) as endpoint:
        known = emulator_settings(load_contract(), endpoint, report_dir=directory)
        tokens = {Token.GOOD: issuer.take().token}
        fixtures = structs.replace(known.fixtures, tokens=frozenset(tokens))
        settings = replace(known, fixtures=fixtures, tokens=tokens, source=issuer, **options)  # type: ignore[arg-type]
        report = asyncio.run(run(load_contract(), settings, Watcher()))
    again = judge(load_contract(), read_journal(directory / "journal.ndjson"))
    assert again == report.judgement
    return report


@pytest.mark.parametrize(("uses", "concurrency"), [(115, 1), (160, 8), (185, 8)])
def test_a_fresh_token_goes_on_where_the_first_one_expired(
    tmp_path: Path, uses: int, concurrency: int
) -> None:
    issuer = Issuer()
    service = ExpiresInTheMiddle(issuer, uses)
    report = session(service, issuer, tmp_path / "out", concurrency=concurrency)
    assert report.judgement.verdict is Verdict.CONFORMS, report.judgement.reason
    assert issuer.asked == 2
    written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert not [token for token in issuer.issued if token in written]


def test_where_no_other_token_can_be_had_nobody_is_accused(tmp_path: Path) -> None:
    issuer = Issuer(most=1)
    report = session(ExpiresInTheMiddle(issuer, 185), issuer, tmp_path / "out")
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert "may have expired" in report.judgement.reason
    assert issuer.asked <= 2


def test_a_target_that_rejects_even_a_fresh_token_is_accused(tmp_path: Path) -> None:
    issuer = Issuer()
    report = session(ClosesForGood(issuer, 10**6), issuer, tmp_path / "out")
    assert report.judgement.verdict is Verdict.VIOLATES
    assert {v.clause.id for v in report.judgement.failed(MUST)} >= {"S200.executed"}
    assert issuer.asked <= 2


def test_a_rejection_that_no_token_can_help_is_accused_without_many_logins(
    tmp_path: Path,
) -> None:
    issuer = Issuer()
    report = session(CallsAListUnauthorized(issuer, 10**6), issuer, tmp_path / "out")
    assert report.judgement.verdict is Verdict.VIOLATES
    assert issuer.asked <= 2
