"""Applications on loopback, WSGI and ASGI."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from fronts_helpers import FIXTURES, Counting

from conformance.contract import load_contract
from conformance.emulator import Request
from conformance.emulator.asgi import App
from conformance.errors import UsageError
from conformance.judge.verdicts import Verdict
from conformance.model import Fixtures, Token
from conformance.pytest_plugin.phase import Asked, report_on
from conformance.pytest_plugin.serving import is_asgi, served
from conformance.run.settings import Settings


class Wsgi:
    """A service as a WSGI application."""

    def __init__(self, service: Counting) -> None:
        self.service = service

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        headers = {
            name[5:].replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        request = Request(
            environ["REQUEST_METHOD"],
            environ["REQUEST_URI"],
            tuple(headers.items()),
            environ["wsgi.input"].read(size),
        )
        answer = self.service.handle(request)
        start_response(f"{answer.status} Status", list(answer.headers))
        return [answer.body]


async def asgi_3(scope: Any, receive: Any, send: Any) -> None: ...


def asgi_2(scope: Any) -> Any: ...


def wsgi(environ: Any, start_response: Any) -> Iterable[bytes]:
    return []


class Asgi2:
    def __init__(self, scope: Any) -> None: ...


@pytest.mark.parametrize("application", [asgi_3, asgi_2, Asgi2, App(Counting())])
def test_asgi_is_told_from_its_signature(application: Any) -> None:
    assert is_asgi(application)


@pytest.mark.parametrize("application", [wsgi, Wsgi(Counting()), lambda *both: []])
def test_wsgi_is_told_from_its_signature(application: Any) -> None:
    assert not is_asgi(application)


def options() -> dict[str, Any]:
    return {
        "project_id": FIXTURES["project_id"],
        "plan_id": FIXTURES["plan_id"],
        "resource": list(FIXTURES["resources"]),
    }


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_TOKEN", FIXTURES["token"])
    monkeypatch.setenv("CSBS_FORBIDDEN_TOKEN", str(FIXTURES["forbidden_token"]))


def test_a_wsgi_application_is_tested_once_and_then_judged_from_its_journal(tmp_path: Path) -> None:
    service = Counting()
    first = report_on(Wsgi(service), Asked(options(), {}), tmp_path)
    assert first.judgement.verdict is Verdict.CONFORMS
    sent = service.requests
    second = report_on(Wsgi(service), Asked(options(), {}), tmp_path)
    assert service.requests == sent
    assert [(v.clause.id, v.status, v.reason) for v in first.judgement.clauses] == [
        (v.clause.id, v.status, v.reason) for v in second.judgement.clauses
    ]
    assert second.exit_code == first.exit_code == 0


def test_settings_as_a_target(tmp_path: Path) -> None:
    with served(App(Counting())) as endpoint:
        fixtures = Fixtures(
            endpoint=endpoint,
            provider_id=load_contract().provider_id,
            project_id=FIXTURES["project_id"],
            plan_id=FIXTURES["plan_id"],
            tokens=frozenset({Token.GOOD}),
        )
        reports = tmp_path / "reports"
        settings = Settings(fixtures, {Token.GOOD: FIXTURES["token"]}, report_dir=reports)
        report = report_on(settings, Asked({}, {}), tmp_path)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert (reports / "report.html").exists()


def test_a_wrong_target_is_the_same_error_in_every_process(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(UsageError, match="csbs_target yields a int"):
            report_on(7, Asked(options(), {}), tmp_path)


@pytest.mark.socket
def test_an_application_is_started_and_stopped_as_it_asks() -> None:
    seen = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                seen.append((await receive())["type"])
                await send({"type": f"{seen[-1]}.complete"})
            return
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    with served(application) as url, urllib.request.urlopen(url) as answer:
        assert answer.status == 204
    assert seen == ["lifespan.startup", "lifespan.shutdown"]


@pytest.mark.socket
def test_an_application_that_does_not_start() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(RuntimeError, match="did not start"), served(application):
        pass
