"""Signed requests: the algorithm, runs through a gateway that verifies, and what stays secret."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from cli_helpers import KNOWN, command, records, target_options
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from signing_gateway import (
    ACCESS,
    SECRET,
    AcceptsAnySignature,
    Gateway,
    RepeatsWhatWasSent,
    WritesOddPathsInAnotherWay,
    expected,
)

from conformance.contract import load_contract
from conformance.credentials.placeholders import WRONG_SIGNATURE, Secrets
from conformance.credentials.signing import Keys, canonical_request, signature_headers, signed_text
from conformance.emulator import Request as Received
from conformance.emulator.app import serving
from conformance.errors import UsageError
from conformance.journal.lines import BadRecord
from conformance.journal.trust import check_trusted
from conformance.judge.verdicts import Status, Verdict
from conformance.login.login import log_in
from conformance.model import Fixtures, Request, Token
from conformance.page.call import Call, TokenState
from conformance.report.curl import curl_command
from conformance.report.model import Report
from conformance.run.planning import make_planner
from conformance.run.session import run
from conformance.run.settings import Settings, emulator_settings
from conformance.run.watcher import Watcher
from conformance.urls import address_of

KEYS = Keys(ACCESS, SECRET)
NAMES = {"HW_AK": ACCESS, "HW_SK": SECRET}
OPTIONS = ["--ak-env", "HW_AK", "--sk-env", "HW_SK"]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_example_that_the_cloud_publishes() -> None:
    """From the page on the algorithm: its canonical request, digest and signature."""
    signed = {
        "content-type": "application/json",
        "host": "service.region.example.com",
        "x-sdk-date": "20191115T033655Z",
    }
    target = (
        "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker="
        "13551d6b-755d-4757-b956-536f674975c0"
    )
    canonical = canonical_request("GET", target, signed, b"")
    secret = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
    assert signed_text(secret, canonical, signed["x-sdk-date"]) == (
        "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
    )


PATHS = st.lists(st.text("aZ09-._~%$&+ ü/", max_size=6), max_size=4)
QUERIES = st.lists(st.tuples(st.text("ab=&%ü", max_size=3), st.text("ab +", max_size=3)))


@given(PATHS, QUERIES, st.binary(max_size=40), st.sampled_from(["GET", "POST"]))
def test_another_implementation_comes_to_the_same(
    path: list[str], query: list[tuple[str, str]], body: bytes, method: str
) -> None:
    target = "/" + "/".join(quote(part, safe="") for part in path)
    if query:
        target += "?" + urlencode(query, quote_via=quote)
    headers = signature_headers(KEYS, method, f"http://127.0.0.1:81{target}", body, NOON)
    sent = address_of(f"http://127.0.0.1:81{target}").target
    received = Received(method, sent, (("Host", "127.0.0.1:81"), *headers), body)
    found = dict(headers)["Authorization"].rpartition("=")[2]
    assert found == expected(received, ["host", "x-sdk-date"], "20260301T120000Z")


def test_keys_are_in_no_representation() -> None:
    secrets = Secrets({}, keys=KEYS)
    for each in (KEYS, secrets, log_keys()):
        assert SECRET not in repr(each)
        assert ACCESS not in repr(each)
    assert KEYS.wrong.secret != SECRET
    assert len(KEYS.wrong.secret) == len(SECRET)


def log_keys() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NAMES.items():
            patch.setenv(name, value)
        return log_in({"ak_env": "HW_AK", "sk_env": "HW_SK"})


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"ak_env": "HW_AK"}, "go together"),
        ({"sk_env": "HW_SK"}, "go together"),
        ({"ak_env": "HW_AK", "sk_env": "HW_SK", "token_env": "CSBS_TOKEN"}, "give one of them"),
        ({"ak_env": "HW_AK", "sk_env": "HW_SK", "os_cloud": "x"}, "give one of them"),
        ({"ak_env": "HW_AK", "sk_env": "NOT_THERE"}, "--sk-env"),
        ({"ak_env": "WITH_COMMA", "sk_env": "HW_SK"}, "no commas"),
    ],
)
def test_wrong_use(options: Mapping[str, str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**NAMES, "WITH_COMMA": "a, b"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=told):
        log_in(options)


def test_a_run_with_keys(tmp_path: Path) -> None:
    service = RepeatsWhatWasSent()
    with serving(service) as endpoint:
        options = [*target_options(endpoint), *OPTIONS, "--profile", "smoke"]
        done = command("run", *options, "--report-dir", "out", cwd=tmp_path, env=NAMES)
        looked = command("init", "--endpoint", endpoint, "--project-id", KNOWN["project_id"],
                         *OPTIONS, cwd=tmp_path, env=NAMES)  # fmt: skip
    assert done.code == 0, done
    assert looked.code == 0, looked
    assert 'ak-env = "HW_AK"' in (tmp_path / "csbs.toml").read_text()
    told = [done.out, done.err, looked.out, looked.err]
    files = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(service.signatures) > 10
    for text in (*files, *told):
        for secret in (SECRET, ACCESS, *service.signatures, *(s[:32] for s in service.signatures)):
            assert secret not in text
    journal = (tmp_path / "out" / "journal.ndjson").read_text()
    assert '["Authorization","{{signature}}"]' in journal
    assert "{{sent-signature}}" in journal
    assert "X-Sdk-Date" not in journal
    first = records(tmp_path / "out" / "journal.ndjson")[0]
    assert first["fixtures"]["tokens"] == ["signature"]
    again = command("judge", "out/journal.ndjson", cwd=tmp_path)
    assert again.code == 0, again


def test_wrong_keys_accuse_nobody(tmp_path: Path) -> None:
    with serving(Gateway()) as endpoint:
        options = [*target_options(endpoint), *OPTIONS, "--quiet"]
        env = {**NAMES, "HW_SK": "another-secret-key"}
        done = command("run", *options, cwd=tmp_path, env=env)
    assert done.code == 3
    assert "AK/SK of --ak-env and --sk-env" in " ".join(done.out.split())
    assert "--token-env" not in done.out


def settings_for(endpoint: str, directory: Path) -> Settings:
    known = emulator_settings(load_contract(), endpoint, report_dir=directory)
    tokens = {Token.FORBIDDEN: known.tokens[Token.FORBIDDEN]}
    fixtures = structs.replace(known.fixtures, tokens=frozenset({Token.FORBIDDEN, Token.SIGNATURE}))
    return replace(known, fixtures=fixtures, tokens=tokens, keys=KEYS)


def session(service: Gateway, directory: Path, **options: Any) -> tuple[Report, dict[str, Status]]:
    with serving(service) as endpoint:
        settings = replace(settings_for(endpoint, directory), **options)
        report = asyncio.run(run(load_contract(), settings, Watcher()))
    return report, {v.clause.id: v.status for v in report.judgement.clauses}


def test_the_whole_plan_with_keys(tmp_path: Path) -> None:
    service = WritesOddPathsInAnotherWay()
    report, statuses = session(service, tmp_path)
    assert report.judgement.verdict is Verdict.CONFORMS, report.judgement.reason
    open_ones = {name for name, status in statuses.items() if status is Status.NOT_EXERCISED}
    assert "S401.near-miss" in open_ones
    near = next(v for v in report.judgement.clauses if v.clause.id == "S401.near-miss")
    assert near.unlock == "--token-env"
    for name in ("S401.no-token", "S401.bad-token", "S403.forbidden-token", "S200.executed"):
        assert statuses[name] is Status.PASSED
    assert service.rejected >= 2


def test_a_gateway_that_takes_any_signature_is_found(tmp_path: Path) -> None:
    report, statuses = session(AcceptsAnySignature(), tmp_path, only=("S401.*",))
    assert report.judgement.verdict is Verdict.VIOLATES
    broken = {name for name, status in statuses.items() if status is Status.FAILED}
    assert broken == {"S401.bad-token"}


FIXTURES = Fixtures("http://here/base", "prov", "proj", "plan", tokens=frozenset({Token.SIGNATURE}))


@pytest.mark.parametrize(
    ("headers", "path", "state"),
    [
        ([("Authorization", "{{signature}}")], "/v1/a/providers/b/checkpoints", TokenState.GOOD),
        ([("authorization", "{{signature}}")], "/v1/a-._~/policies", TokenState.GOOD),
        ([("Authorization", WRONG_SIGNATURE)], "/v1/a", TokenState.BAD),
        ([("Authorization", "{{signature}}")], "/v1/%2F/x", TokenState.UNKNOWN),
        ([("Authorization", "{{signature}}")], "/v1//x", TokenState.UNKNOWN),
        ([("Authorization", "{{signature}}")], "/v1/../x", TokenState.UNKNOWN),
        ([("Authorization", "{{signature}}")], "/v1/a?b=c", TokenState.UNKNOWN),
        ([("Authorization", "Basic x")], "/v1/a", TokenState.ABSENT),
        ([], "/v1/a", TokenState.ABSENT),
    ],
)
def test_what_is_known_of_a_signature(
    headers: list[tuple[str, str]], path: str, state: TokenState
) -> None:
    request = Request("POST", f"http://here/base{path}", tuple(headers))
    assert Call(request, FIXTURES).token is state
    if headers:
        elsewhere = Call(request, structs.replace(FIXTURES, complete=False))
        assert elsewhere.token is TokenState.UNKNOWN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Other", "{{signature}}"),
        ("X-Auth-Token", "{{signature}}"),
        ("Authorization", "Bearer {{signature}}"),
        ("Authorization", "{{signature:extended}}"),
        ("Authorization", "{{token}}"),
    ],
)
def test_a_plan_sends_a_signature_in_its_place_only(name: str, value: str) -> None:
    url = f"{FIXTURES.endpoint}/v1/p/providers/q/checkpoints"
    request = Request("POST", url, ((name, value),))
    with pytest.raises(BadRecord, match=r"a placeholder without a meaning|a header X-Other"):
        check_trusted(request, FIXTURES)
    secrets = Secrets({Token.FORBIDDEN: "weak-token"}, keys=KEYS)
    if "signature}" in value:
        assert secrets.reveal_request(request)[0] == [(name, value)]


def test_no_request_of_a_plan_needs_a_token_that_is_not_there() -> None:
    settings = settings_for("http://here", Path("out"))
    plan = make_planner(load_contract(), settings).directed
    for probe in plan.probes:
        check_trusted(probe.request, settings.fixtures)
    assert len(plan.probes) > 200
    for probe in plan.probes:
        headers, _ = settings.secrets.reveal_request(probe.request)
        assert not [value for _, value in headers if "{{" in value]


def test_curl_says_that_a_request_was_signed() -> None:
    request = Request("POST", "http://here/x", (("Authorization", "{{signature}}"),), b"{}")
    assert "# the request was signed" in curl_command(request)
