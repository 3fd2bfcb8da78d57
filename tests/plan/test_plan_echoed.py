"""Refusals that are made of what a target gave with an execution."""

from __future__ import annotations

from judge_helpers import FIXTURES, answer, exchange, expect, record_of, request
from msgspec.structs import replace

from conformance.model import Exchange, Response, Tolerances, header
from conformance.page.answer import Execution
from conformance.page.oracle import Duty
from conformance.plan.drafting import Probe
from conformance.plan.echoed import LONGEST_NAME, echoed


def executed(name: object = "nightly", *cookies: str, server: object = None) -> Exchange:
    record = record_of(request())
    record["checkpoint"]["protection_plan"] |= {"name": name, "resources": [{"name": server}]}
    found = exchange(request(), answer(200, record))
    assert isinstance(found.response, Response)
    sent = (("Set-Cookie", each) for each in cookies)
    return replace(
        found, response=replace(found.response, headers=(*found.response.headers, *sent))
    )


def made_of(execution: Exchange) -> dict[str, Probe]:
    call = expect(execution.request, FIXTURES).call
    return {probe.id: probe for probe in echoed(Execution(execution, call, Tolerances()))}


def test_the_name_of_the_policy_stands_in_the_place_of_its_id() -> None:
    (probe,) = made_of(executed("nightly {{token}}")).values()
    expectation = expect(probe.request)
    assert expectation.call.plan_id == "nightly {{token}}"
    assert expectation.duty is Duty.REFUSE
    assert expectation.allowed == {400, 404}


def test_the_name_of_a_server_stands_in_the_place_of_its_id() -> None:
    (probe,) = made_of(executed(None, server="web-1")).values()
    expectation = expect(probe.request)
    assert expectation.call.named_servers == ["web-1"]
    assert expectation.call.plan_id == expect(request()).call.plan_id
    assert expectation.duty is Duty.REFUSE
    assert expectation.allowed == {400, 404}


def test_what_is_no_name_stands_in_no_place() -> None:
    for name in ("", None, 5, "x" * (LONGEST_NAME + 1)):
        assert not made_of(executed(name))


def test_cookies_stand_in_the_place_of_a_token_and_beside_other_tokens() -> None:
    probes = made_of(executed(None, "sid=1; Path=/", "lb=b; Secure"))
    refused = {"S401.no-token": 401, "S401.near-miss": 401, "S403.forbidden-token": 403}
    assert list(probes) == [f"{clause}/its-cookie" for clause in refused]
    for name, probe in probes.items():
        assert header(probe.request.headers, "Cookie") == "sid=1; lb=b"
        assert (header(probe.request.headers, "X-Auth-Token") is None) is ("no-token" in name)
        assert probe.request.body == executed().request.body
        assert expect(probe.request).allowed == {refused[name.partition("/")[0]]}
