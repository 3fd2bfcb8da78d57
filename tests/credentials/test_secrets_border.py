"""Whatever ids, names and tokens hold, they arrive as they are and are stored as the same."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest
from exchange_helpers import CONTRACT, WORLD, Recording, clause, failed, fixtures_of, run_against
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from msgspec import structs
from trying import examples

from conformance.credentials.braces import escape, escape_body, plain, plain_body
from conformance.credentials.placeholders import Derivation, Secrets, placeholder
from conformance.emulator import World
from conformance.errors import UsageError
from conformance.journal.format import request_of, request_part
from conformance.journal.lines import RequestPart, decoded, to_line, to_record
from conformance.journal.reader import read_journal
from conformance.judge.verdicts import Status, Verdict
from conformance.model import Fixtures, Request, Token
from conformance.page.oracle import Oracle
from conformance.page.permitted import leads_away
from conformance.plan.drafting import Drafts
from conformance.plan.planner import Planner, Profile
from conformance.urls import checked_endpoint

PIECES = (
    *("{{token}}", "{{token:extended}}", "{{forbidden-token}}", "{{signature}}", "{{open}}", "{{"),
    *(
        "{",
        "}",
        "}}",
        "{{{",
        "open}}",
        "{{part-of-token}}",
        '"',
        "\\",
        "/",
        "%7B%7B",
        "\\u007b",
        "é",
    ),
)
signs = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=3)
texts = st.lists(st.sampled_from(PIECES) | signs, max_size=5)
ids = texts.map("".join).map(lambda text: f"i{text}").filter(lambda text: not leads_away(text))
tokens = st.lists(
    st.sampled_from(["{{token}}", "{{open}}", "{{", "{", "}}", '"', "\\", "/"]), max_size=4
).map("".join)

REQUEST: msgspec.json.Decoder[RequestPart] = msgspec.json.Decoder(RequestPart)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """The default world under other names."""
    project, policy, *servers = (f"{draw(ids)}{number}" for number in range(4))
    good, weak = f"{draw(tokens)}q7Xz0LmPw3", f"k9VbR2sTyU{draw(tokens)}"
    first = WORLD.policies[0]
    named = [
        replace(server, id=name, name=draw(ids))
        for server, name in zip(WORLD.servers, servers, strict=False)
    ]
    own = replace(first, id=policy, name=draw(ids), project=project, servers=tuple(servers))
    return replace(
        WORLD,
        projects=(replace(WORLD.projects[0], id=project),),
        tokens=(
            replace(WORLD.tokens[0], value=good, project=project, permitted=True),
            replace(WORLD.tokens[0], value=weak, project=project, permitted=False),
        ),
        servers=tuple(named),
        policies=(own,),
    )


def known(world: World) -> tuple[Fixtures, Secrets]:
    found = world.fixtures()
    secrets = Secrets({Token.GOOD: found["token"], Token.FORBIDDEN: str(found["forbidden_token"])})
    return fixtures_of("http://127.0.0.1", world), secrets


@given(texts.map("".join))
def test_what_passes_in_and_out_is_the_same(text: str) -> None:
    assert plain(escape(text)) == text
    assert plain_body(escape_body(text.encode())) == text.encode()
    assert "{{" not in escape(text).replace("{{open}}", "")


@settings(max_examples=examples(40))
@given(worlds(), ids)
def test_a_request_carries_the_values_and_means_them(world: World, provider: str) -> None:
    fixtures, secrets = known(world)
    fixtures = structs.replace(fixtures, provider_id=provider)
    drafts = Drafts(fixtures, 1)
    request = drafts.request(drafts.body(**drafts.full_parameters))
    headers, body = secrets.reveal_request(request)
    segments = [unquote(segment) for segment in request.url.split("/")]
    sent = json.loads(body)["checkpoint"]
    assert (segments[4], segments[6]) == (fixtures.project_id, provider)
    assert sent["plan_id"] == fixtures.plan_id
    assert tuple(sent["parameters"]["resources"]) == fixtures.resources
    assert dict(headers)["X-Auth-Token"] == secrets.tokens[Token.GOOD]
    assert not Oracle(CONTRACT, fixtures).expect(request).breaches


@settings(max_examples=examples(10))
@given(worlds())
def test_all_that_is_planned_is_stored_and_read_as_the_same(world: World) -> None:
    fixtures, secrets = known(world)
    planner = Planner(
        *(CONTRACT, fixtures), profile=Profile.STANDARD, seed=1, only=(), max_executions=10
    )
    for probe in planner.directed.probes:
        line = to_line(to_record(request_part(probe.request)))
        read = request_of(decoded(line, REQUEST))
        assert read == probe.request
        assert secrets.reveal_request(read) == secrets.reveal_request(probe.request)
        assert not leaked(secrets.tokens.values(), line.decode())


@given(ids)
def test_a_token_that_is_no_placeholder_is_sent_as_it_is(token: str) -> None:
    fixtures, secrets = known(WORLD)
    sent, _ = secrets.reveal_request(Drafts(fixtures, 1).request({}, token=token))
    assert dict(sent)["X-Auth-Token"] == token


@pytest.mark.parametrize("mark", [placeholder(Token.GOOD), Derivation.QUOTED.placeholder])
def test_a_placeholder_is_stored_as_it_is(mark: str) -> None:
    stored: Request = Drafts(known(WORLD)[0], 1).request({}, token=mark)
    assert ("X-Auth-Token", str(mark)) in stored.headers


@settings(max_examples=examples(6), deadline=None, phases=(Phase.explicit, Phase.generate))
@given(worlds())
@example(replace(WORLD))
def test_a_conforming_target_conforms_whatever_its_ids_hold(world: World) -> None:
    service = Recording(world)
    with tempfile.TemporaryDirectory() as directory:
        report = run_against(service, Path(directory))
        journal = read_journal(Path(directory) / "journal.ndjson")
        stored = (Path(directory) / "journal.ndjson").read_text()
    assert report.judgement.verdict is Verdict.CONFORMS, failed(report)
    assert not failed(report)
    assert clause(report, "T7.id.echo").status is Status.PASSED
    _, secrets = known(world)
    assert not leaked(secrets.tokens.values(), stored)
    sent = {seen.request.body for seen in service.seen}
    assert {secrets.reveal_request(each.request)[1] for each in journal.exchanges} <= sent


def leaked(secrets: Iterable[str], text: str) -> list[str]:
    return [each for each in secrets if each in text or json.dumps(each)[1:-1] in text]


@pytest.mark.parametrize("url", ["https://csbs.{region}.cloud", "https://h/{{token}}"])
def test_an_endpoint_holds_no_braces(url: str) -> None:
    with pytest.raises(UsageError, match="percent-encoded"):
        checked_endpoint(url)
