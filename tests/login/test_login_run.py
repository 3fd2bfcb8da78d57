"""Runs of the real command, and of the session, with a token that a cloud gave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import KNOWN, WORLD, Counting, command
from fake_identity import PASSWORD, Identity, clouds
from msgspec import structs

from conformance.contract import load_contract
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Request, Response, Service
from conformance.emulator.app import serving
from conformance.emulator.world import Token as KnownToken
from conformance.judge.verdicts import Status, Verdict
from conformance.login.openstack import Cloud
from conformance.model import Token
from conformance.report.model import Report
from conformance.run.session import run
from conformance.run.settings import Settings, emulator_settings
from conformance.run.watcher import Watcher

PROJECT, PLAN = KNOWN["project_id"], KNOWN["plan_id"]
GOOD = KNOWN["token"]


def texts(directory: Path) -> str:
    return "\0".join(
        path.read_text(encoding="utf-8") for path in directory.rglob("*") if path.is_file()
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the command is run."""
    return tmp_path


def test_a_run_with_a_cloud_needs_nothing_but_a_policy(place: Path) -> None:
    service = Counting()
    with serving(service) as endpoint, Identity(PROJECT, [GOOD, GOOD]) as identity:
        identity.catalogue = {"csbs": f"{endpoint}/v1/{PROJECT}"}
        (place / "clouds.yaml").write_text(clouds(f"{identity.url}/v3"))
        options = ["--os-cloud", "test", "--plan-id", PLAN, "--profile", "smoke"]
        planned = command("plan", *options, cwd=place)
        assert (planned.code, planned.err) == (0, "")
        assert not service.seen
        done = command("run", *options, "--report-dir", "out", cwd=place)
    assert done.code == 0, done
    assert {request.header("X-Auth-Token") for request in service.seen} >= {GOOD}
    (place / "clouds.yaml").unlink()
    for text in (texts(place), planned.out, done.out, done.err):
        assert GOOD not in text
        assert PASSWORD not in text


def test_wrong_use_is_one_line_and_nothing_is_sent(place: Path) -> None:
    service = Counting()
    with serving(service) as endpoint, Identity(PROJECT, broken=401) as identity:
        (place / "clouds.yaml").write_text(clouds(f"{identity.url}/v3"))
        done = command("run", "--os-cloud", "test", "--endpoint", endpoint, cwd=place)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "rejects user or password" in done.err
    assert not service.seen
    assert not (place / "reports").exists()


@pytest.mark.parametrize("name", ["run", "plan"])
def test_the_proxy_leads_to_the_identity_service(place: Path, name: str) -> None:
    with Identity(PROJECT, [GOOD]) as identity:
        (place / "clouds.yaml").write_text(clouds(f"{identity.url}/v3"))
        options = ["--os-cloud", "test", "--endpoint", "http://127.0.0.1:9"]
        done = command(name, *options, "--proxy", "http://127.0.0.1:9", cwd=place)
        assert not identity.seen
    assert (done.code, done.out) == (2, "")
    assert "does not answer" in done.err


class WorksOnce(Service):
    """Takes each token of an identity service once. Every response repeats the first one."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(WORLD)
        self.identity = identity
        self.used: set[str] = set()
        self.first = ""

    def is_good(self, token: str) -> bool:
        return token in self.identity.issued and token not in self.used

    def authenticate(self, request: Request) -> KnownToken:
        value = self.token_value(request) or ""
        if self.is_good(value):
            self.used.add(value)
            return next(token for token in WORLD.tokens if token.value == GOOD)
        return super().authenticate(request)

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return replace(response, headers=(*response.headers, ("X-First", self.first)))


@pytest.fixture
def identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Identity]:
    """Its tokens are due at once, so that each request needs another."""
    with Identity(PROJECT, life=0.0) as served:
        (tmp_path / "clouds.yaml").write_text(clouds(f"{served.url}/v3"))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
        yield served


def settings_for(endpoint: str, cloud: Cloud, directory: Path) -> Settings:
    known = emulator_settings(load_contract(), endpoint, report_dir=directory)
    tokens = {Token.GOOD: cloud.access().token}
    fixtures = structs.replace(known.fixtures, tokens=frozenset(tokens))
    return replace(known, fixtures=fixtures, tokens=tokens, source=cloud, profile="smoke")


def session(service: WorksOnce, directory: Path, **options: Any) -> Report:
    with serving(service) as endpoint:
        settings = replace(settings_for(endpoint, Cloud("test"), directory), **options)
        service.first = settings.tokens[Token.GOOD]
        return asyncio.run(run(load_contract(), settings, Watcher()))


def test_a_token_is_renewed_during_a_run(identity: Identity, tmp_path: Path) -> None:
    service = WorksOnce(identity)
    report = session(service, tmp_path / "out")
    assert report.judgement.verdict is Verdict.CONFORMS, report.judgement.reason
    assert len(identity.issued) >= len(service.used) > 10
    near = {v.clause.id: v.status for v in report.judgement.clauses}["S401.near-miss"]
    assert near is Status.PASSED
    written = texts(tmp_path / "out")
    assert not [token for token in identity.issued if token in written]
    assert "{{token}}" in written


def test_where_no_token_can_be_had_any_more_nobody_is_accused(
    identity: Identity, tmp_path: Path
) -> None:
    class LosesItsIdentityService(WorksOnce):
        def authenticate(self, request: Request) -> KnownToken:
            identity.broken = 503
            return super().authenticate(request)

    report = session(LosesItsIdentityService(identity), tmp_path / "out")
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert report.exit_code == 3


def test_a_token_that_is_revoked_is_taken_anew(tmp_path: Path, identity: Identity) -> None:
    class RevokesTheFirst(WorksOnce):
        def is_good(self, token: str) -> bool:
            if token == self.first and len(self.executed) > 1:
                return False
            return token in self.identity.issued

    identity.life = 3600.0
    report = session(RevokesTheFirst(identity), tmp_path / "out", profile="standard")
    assert report.judgement.verdict is Verdict.CONFORMS, report.judgement.reason
    assert len(identity.issued) == 2
    assert len(report.footer.fresh) == 1


def test_a_renewed_token_takes_the_place_of_the_former() -> None:
    known = Secrets({Token.GOOD: "first-token-of-all"})
    renewed = known.renewed("second-token-of-all").renewed("third-token-of-all")
    assert renewed.reveal("{{token}}") == "third-token-of-all"
    told = "first-token-of-all second-token-of-all third-token-of-all"
    assert renewed.redact(told) == "{{token}} {{token}} {{token}}"
    assert renewed.renewed("third-token-of-all") is renewed
    assert "first" not in repr(renewed)
