"""Secrets in recorded headers, cookies and bodies are in no report."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from har_files import COOKIE, HOST, OTHER_TOKEN, TOKEN, URL, asked, checkpoint, entry, judged
from hypothesis import given
from hypothesis import strategies as st
from recorded_runs import CONTRACT, failed

from conformance.credentials.placeholders import placeholder
from conformance.judge.verdicts import Status
from conformance.model import Token
from conformance.recorded.hiding import SHORTEST, hider_of_headers
from conformance.report.model import Report
from conformance.report.write import write_reports

PASSWORD = "hunter2-hunter2-hunter2"
APP_CODE = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
SECRETS = (TOKEN, OTHER_TOKEN, COOKIE, PASSWORD, APP_CODE)
CARRIED = {
    "Authorization": f"Bearer {OTHER_TOKEN}",
    "Cookie": f"theme=dark; session={COOKIE}",
    "X-Api-Key": PASSWORD,
    "X-Apig-AppCode": APP_CODE,
}
STATUS = checkpoint(status="PROTECTING")


def artefacts(report: Report, directory: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in write_reports(report, directory))


def leaks(report: Report, directory: Path) -> list[str]:
    told = artefacts(report, directory)
    assert "PROTECTING" in told  # the exchange is shown
    return [secret for secret in SECRETS if secret in told or quote(secret, safe="") in told]


@pytest.mark.parametrize(
    "place",
    ["a header", "the answer", "an answer's header", "the request", "the URL", "the query"],
)
def test_what_headers_carried_is_in_no_report(place: str, tmp_path: Path) -> None:
    said = " ".join([*SECRETS, quote(TOKEN, safe=""), base64.b64encode(TOKEN.encode()).decode()])
    sent, came, url = asked(), checkpoint(status="PROTECTING"), URL
    answer_headers = {"Set-Cookie": f"session={COOKIE}; HttpOnly"}
    match place:
        case "the answer":
            came = checkpoint(status="PROTECTING", note=said)
        case "an answer's header":
            answer_headers["X-Echo"] = said
        case "the request":
            sent = {**sent, "note": said}
        case "the URL":
            url = URL.replace("https://", f"https://me:{PASSWORD}@")
        case "the query":
            url = f"{URL}?access={PASSWORD}&token={quote(TOKEN)}"
    each = entry(sent, came=came, url=url, headers=CARRIED, answer_headers=answer_headers)
    report = judged(tmp_path, each)
    assert not leaks(report, tmp_path / "reports")
    assert "T6.status.values" in failed(report.judgement)


def test_an_error_that_repeats_the_token_is_seen_to(tmp_path: Path) -> None:
    came = json.dumps({"error_code": "CSBS.0003", "error_msg": f"no such token: {TOKEN}"})
    report = judged(tmp_path, entry(), entry(asked(5), 400, came, after=3))
    assert failed(report.judgement) == {"EC.body.token"}
    assert TOKEN not in artefacts(report, tmp_path / "reports")


def test_a_cookie_that_stands_in_the_list_of_them_alone_is_hidden_too(tmp_path: Path) -> None:
    each = entry(came=checkpoint(status="PROTECTING", note=COOKIE))
    each["request"]["cookies"] = [{"name": "session", "value": COOKIE}]
    assert not leaks(judged(tmp_path, each), tmp_path / "reports")


def test_an_id_in_a_cookie_is_no_secret(tmp_path: Path) -> None:
    project = URL.split("/")[4]
    each = entry(headers={"Cookie": f"project={project}; status=protecting-and-more"})
    assert not failed(judged(tmp_path, each).judgement)


@pytest.mark.parametrize("token", Token)
@pytest.mark.parametrize("name", ["X-Auth-Token", "Authorization"])
def test_a_variable_that_is_called_like_a_placeholder_is_none(
    name: str, token: Token, tmp_path: Path
) -> None:
    """Whoever exports from an API client leaves variables, and nobody knows what they held."""
    for status in (200, 401, 403):
        each = entry(status=status, token=None, headers={name: placeholder(token)}, after=5)
        report = judged(tmp_path, entry(), each, entry([], 400, after=9))
        assert not failed(report.judgement)
        verdicts = {v.clause.id: v.status for v in report.judgement.clauses}
        for clause in ("S401.bad-token", "S401.no-token", "S403.forbidden-token"):
            assert verdicts[clause] is not Status.PASSED


def test_a_placeholder_of_somebody_else_is_none_of_ours(tmp_path: Path) -> None:
    good = placeholder(Token.GOOD)
    report = judged(tmp_path, entry(), entry(asked("{{token}}"), 404, token=good, after=3))
    assert not failed(report.judgement)
    ours = judged(tmp_path, entry(token=good), creator="csbs-conformance")
    assert next(v for v in ours.judgement.clauses if v.clause.id == "S200.executed").exchanges == 1


def test_a_real_token_in_a_file_that_claims_to_be_ours_is_hidden_too(tmp_path: Path) -> None:
    report = judged(tmp_path, entry(came=STATUS, headers=CARRIED), creator="csbs-conformance")
    assert not leaks(report, tmp_path / "reports")


def test_no_word_of_the_page_is_long_enough_to_be_taken_for_a_secret() -> None:
    def words(element: object) -> list[str]:
        if isinstance(element, list):
            return [word for each in element for word in words(each)]
        if not isinstance(element, dict):
            return []
        own = [*element.get("properties", {}), *map(str, element.get("enum", []))]
        return [*own, *words(list(element.values()))]

    assert max(map(len, words(CONTRACT.document["components"]["schemas"]))) < SHORTEST


values = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=20, max_size=60)


@given(values, st.text(max_size=40), st.text(max_size=40))
def test_a_token_is_hidden_wherever_it_stands(secret: str, before: str, behind: str) -> None:
    headers = (("X-Auth-Token", secret),)
    whole = f"{before} {secret} {behind}"
    hide = hider_of_headers(headers, (), (), ours=False).beside([whole])
    assert secret not in hide.text(whole) or secret in f"{before} {behind}" or "{{" in secret
    assert secret not in str(hide.headers(headers))


@given(st.text(max_size=80))
def test_a_text_without_a_secret_keeps_what_it_says(text: str) -> None:
    hide = hider_of_headers((("X-Auth-Token", TOKEN),), (), (HOST,), ours=False).beside([text])
    kept = hide.text(text).replace("{{open}}", "{{")
    assert kept == text.encode("utf-8", "replace").decode() or "\ud800" <= max(text) <= "\udfff"
    kept.encode()
