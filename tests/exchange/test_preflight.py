"""The first questions tell apart what stands in the way, and stop nobody whom they should not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from exchange_fakes import Fake, RedirectsElsewhere
from exchange_helpers import Recording, failed, free_port, run, run_against, settings_of, tokens_of
from msgspec import structs

from conformance.emulator import Refusal, Request, Response
from conformance.emulator.app import serving
from conformance.judge.verdicts import Verdict
from conformance.model import Ending, Token
from conformance.report.model import Report
from conformance.run.settings import Settings

UNKNOWN = "4b0a7a5c-0d5e-4a0e-9d5e-1f2a3b4c5d6e"


class AnswersHtml(Recording):
    """A page for browsers, whatever is asked."""

    def handle(self, request: Request) -> Response:
        super().handle(request)
        return Response(200, (("Content-Type", "text/html"),), b"<!doctype html><p>Welcome")


class ThrottlesForADay(Recording):
    def handle(self, request: Request) -> Response:
        super().handle(request)
        return Response(429, (("Retry-After", "86400"),), b"{}")


class UnauthorizedForBadBodies(Recording):
    """Answers 401 where 400 belongs, and executes what is valid."""

    def render_refusal(self, refusal: Refusal) -> Response:
        return super().render_refusal(refusal.with_status(401))


class HasOneCodeAndReadsOneLine(Recording):
    """Refuses line breaks too, and with the code of an unknown provider whatever gets a 400."""

    def decode_text(self, body: bytes) -> str:
        if b"\n" in body:
            raise Refusal(400, "any", "not an object")
        return super().decode_text(body)

    def render_refusal(self, refusal: Refusal) -> Response:
        if refusal.status == 400:
            refusal = Refusal(400, "CSBS.9001", refusal.message)
        return super().render_refusal(refusal)


class WithoutCodes(Recording):
    """Refuses with a sentence, and no code."""

    def render_refusal(self, refusal: Refusal) -> Response:
        body = json.dumps({"message": "refused"}).encode()
        return Response(refusal.status, (("Content-Type", "application/json"),), body)


def remedy(report: Report) -> str:
    """What the run tells its user."""
    return " ".join([report.judgement.reason, *report.warnings])


def changed(settings: Settings, **fixtures: object) -> Settings:
    return replace(settings, fixtures=structs.replace(settings.fixtures, **fixtures))


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("http://no-such-host.invalid", "the host name was not resolved"),
        ("http://127.0.0.1:{free}", "the connection was refused"),
        ("https://127.0.0.1:{plain}", "no TLS session"),
    ],
)
def test_what_cannot_be_reached_is_told_before_anything_is_sent(
    endpoint: str, says: str, tmp_path: Path
) -> None:
    service = Recording()
    with serving(service) as plain:
        port = plain.rpartition(":")[2]
        url = endpoint.format(free=free_port(), plain=port)
        report = run(settings_of(url, tmp_path))
    assert says in remedy(report)
    assert "--endpoint" in remedy(report)
    assert service.seen == []
    assert report.footer.requests.spent <= 3
    assert report.footer.executions.spent == 0
    assert report.judgement.verdict is Verdict.INCONCLUSIVE


def test_a_rejected_token_is_told_in_two_requests(tmp_path: Path) -> None:
    service = Recording()
    tokens = {**tokens_of(), Token.GOOD: "a-token-that-nobody-issued"}
    report = run_against(service, tmp_path, tokens=tokens)
    assert "--os-cloud); give a new one" in remedy(report)
    assert len(service.seen) == 2
    assert report.footer.ending is Ending.HOPELESS
    assert report.judgement.verdict is Verdict.INCONCLUSIVE


def test_a_token_without_permission_is_told_in_two_requests(tmp_path: Path) -> None:
    service = Recording()
    tokens = {Token.GOOD: tokens_of()[Token.FORBIDDEN]}
    with serving(service) as endpoint:
        settings = replace(settings_of(endpoint, tmp_path), tokens=tokens)
        report = run(changed(settings, tokens=frozenset(tokens)))
    assert "lacks the permission" in remedy(report)
    assert len(service.seen) == 2


def test_a_wrong_base_path_is_told_in_two_requests(tmp_path: Path) -> None:
    service = Recording()
    with serving(service) as endpoint:
        report = run(settings_of(f"{endpoint}/csbs", tmp_path))
    assert "--endpoint has the wrong base path" in remedy(report)
    assert len(service.seen) == 2


@pytest.mark.parametrize("service", [Recording, WithoutCodes])
def test_a_policy_that_is_not_there_is_told_before_the_plan_is_sent(
    service: type[Recording], tmp_path: Path
) -> None:
    target = service()
    with serving(target) as endpoint:
        report = run(changed(settings_of(endpoint, tmp_path), plan_id=UNKNOWN))
    assert "--plan-id is not in the project's list of policies" in remedy(report)
    assert len(target.seen) == 3  # the third is the valid request that shows that the list is right
    assert report.judgement.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("service", [Recording, WithoutCodes])
def test_a_server_of_no_policy_is_told_before_the_plan_is_sent(
    service: type[Recording], tmp_path: Path
) -> None:
    target = service()
    with serving(target) as endpoint:
        report = run(changed(settings_of(endpoint, tmp_path), resources=(UNKNOWN,)))
    assert "--resource" in remedy(report)
    assert len(target.seen) == 3
    assert target.executed == []
    assert report.judgement.verdict is Verdict.INCONCLUSIVE


def test_who_is_throttled_for_a_day_sends_one_request(tmp_path: Path) -> None:
    service = ThrottlesForADay()
    report = run_against(service, tmp_path)
    assert len(service.seen) == 1
    assert report.footer.ending is Ending.TOLD_TO_WAIT
    assert "try again later" in remedy(report)


def test_what_is_not_this_api_at_all_is_told_in_two_requests(tmp_path: Path) -> None:
    service = AnswersHtml()
    report = run_against(service, tmp_path)
    assert "not this API" in remedy(report)
    assert len(service.seen) == 2


def test_who_redirects_is_told_where_to_look(tmp_path: Path) -> None:
    with RedirectsElsewhere() as fake:
        report = run(settings_of(fake.url, tmp_path))
    assert "the final address" in remedy(report)
    assert len(fake.requests) == 2


def test_a_fault_that_looks_like_a_wrong_token_does_not_end_the_run(tmp_path: Path) -> None:
    service = UnauthorizedForBadBodies()
    report = run_against(service, tmp_path)
    assert report.footer.ending is not Ending.HOPELESS
    assert len(service.seen) > 100
    assert report.judgement.verdict is Verdict.VIOLATES
    assert "S401.bad-token" not in failed(report)


def test_a_code_that_stands_for_much_does_not_end_the_run(tmp_path: Path) -> None:
    report = run_against(HasOneCodeAndReadsOneLine(), tmp_path)
    assert report.footer.ending is not Ending.HOPELESS
    assert failed(report) == ["T2.body.json-forms"]


def test_a_provider_that_is_not_known_is_told_in_three_requests(tmp_path: Path) -> None:
    service = HasOneCodeAndReadsOneLine()
    with serving(service) as endpoint:
        settings = changed(settings_of(endpoint, tmp_path), provider_id=UNKNOWN)
        report = run(settings)
    assert "the target does not know --provider-id" in remedy(report)
    assert len(service.seen) == 3


class Lists(Recording):
    """The reference, with another response to whoever asks for the list of policies."""

    answered = Response(404, (), b"")

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return self.answered if request.path.endswith("/policies") else response


LISTS = [
    Response(404, (), b""),
    Response(405, (), b""),
    Response(500, (), b"Traceback"),
    Response(503, (), b""),
    Response(200, hang_up=True),
    Response(200, (), b"<html>"),
    Response(200, (), b'{"policies": []}'),
    Response(200, (), b'{"policies": [{"id": "another", "resources": []}]}'),
    Response(200, (), b'{"policies": {"id": 1}}'),
    Response(200, (), b'{"policies": [1, null, {"id": []}, {"id": "x", "resources": 3}]}'),
    Response(200, (), b"[" * 100_000),
]


@pytest.mark.parametrize("answered", LISTS, ids=lambda answered: repr(answered.body[:40]))
def test_no_list_of_policies_accuses_or_stops_a_conforming_target(
    answered: Response, tmp_path: Path
) -> None:
    service = Lists()
    service.answered = answered
    report = run_against(service, tmp_path, profile="smoke")
    assert report.footer.ending is Ending.COMPLETE
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.footer.executions.spent == len(service.executed)


def test_a_silent_target_is_asked_twice(tmp_path: Path) -> None:
    class AnswersNothing(Fake):
        def answer(self, connection: object) -> None:
            self.stopping.wait()

    with AnswersNothing() as fake:
        report = run(settings_of(fake.url, tmp_path, timeout=0.3))
    assert report.footer.ending is Ending.UNREACHED
    assert len(fake.requests) == 2
    assert "--timeout" in remedy(report)
