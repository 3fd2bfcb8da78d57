"""What a run created is deleted, and nothing else, whatever a target responds."""

from __future__ import annotations

import asyncio
import base64
import io
import math
import socket
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, unquote

import pytest
from deletion_targets import WORLD, Ran, Shared, Watched, ran
from emulated import emulated_fixtures
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.backups.client import BackupsClient
from conformance.backups.fates import Fate
from conformance.clock import Clock, simulate
from conformance.contract import load_contract
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Project, Refusal, Request, Response, Service, Token
from conformance.emulator.backups import Backup
from conformance.emulator.messages import BackupStatus, Checkpoint
from conformance.exchange.client import Client, Connection
from conformance.exchange.sender import Pace
from conformance.journal.reader import read_journal
from conformance.judge.run import judge
from conformance.login.source import Access
from conformance.model import Exchange
from conformance.model import Response as Came
from conformance.model import Token as Kind
from conformance.report.deletions import leftovers, title
from conformance.report.har import write_har
from conformance.report.json_report import as_record


def fates(found: Ran) -> Counter[Fate]:
    return Counter(each.fate for each in found.after.outcomes)


def test_what_a_run_created_is_deleted(tmp_path: Path) -> None:
    service = Watched()
    found = ran(service, tmp_path)
    assert sorted(service.deleted) == sorted(each.id for each in service.executed)
    assert sorted(service.deleted) == sorted(found.after.judgement.executions)
    assert title(found.after) == "Checkpoints: 3 created, 3 deleted"
    assert leftovers(found.after) == []


def test_nothing_of_the_verdict_and_of_the_budget_changes(tmp_path: Path) -> None:
    found = ran(Watched(), tmp_path)
    assert found.after.judgement == found.before.judgement
    assert found.after.footer == found.before.footer
    assert found.after.exit_code == found.before.exit_code == 0
    journal = read_journal(tmp_path / "journal.ndjson")
    assert judge(load_contract(), journal) == found.before.judgement


def test_each_deletion_is_noted_before_it_is_sent(tmp_path: Path) -> None:
    found = ran(Watched(), tmp_path)
    noted, done = found.of("deleting"), found.of("deletion")
    assert {each["id"] for each in noted} == {each["id"] for each in done}
    kinds = [line["kind"] for line in found.lines]
    assert kinds.index("footer") < kinds.index("deleting") < kinds.index("deletion")
    brought = {line["id"] for line in found.of("exchange")}
    assert {each["created_by"] for each in noted} <= brought


def test_a_backup_that_is_busy_is_waited_for(tmp_path: Path) -> None:
    service = Watched()
    ran(service, tmp_path)
    busy = len(service.asked) - len(service.deleted)
    assert 3 <= busy <= 3 * 12


def test_the_time_limit_ends_the_waiting(tmp_path: Path) -> None:
    found = ran(Watched(), tmp_path, time_limit=10.0)
    assert fates(found) == {Fate.LEFT: 3}
    assert found.after.exit_code == 3
    first, *_ = leftovers(found.after)
    assert "still being backed up" in first.why
    assert f"-X DELETE --url '{found.after.header.fixtures.endpoint}/v1/" in first.command
    assert first.record in first.command
    assert '"X-Auth-Token: $CSBS_TOKEN"' in first.command
    assert "3 of 3 checkpoints not deleted" in as_text(found)


def as_text(found: Ran) -> str:
    from conformance.report.markdown import markdown_report

    return markdown_report(found.after)


def test_what_was_deleted_is_not_deleted_again(tmp_path: Path) -> None:
    service = Watched()
    found = ran(service, tmp_path, times=3)
    assert len(service.deleted) == len(set(service.deleted)) == 3
    assert fates(found) == {Fate.DELETED: 3}
    assert len(found.of("deletion")) == len(service.asked)


def test_what_is_gone_already_is_no_error(tmp_path: Path) -> None:
    class DeletesByItself(Watched):
        def delete_backups(self, *parts: Any) -> Response:
            raise self.unknown_backup(parts[-1])

    found = ran(DeletesByItself(), tmp_path)
    assert fates(found) == {Fate.GONE: 3}
    assert found.after.exit_code == 0


class NotFound(Watched):
    """Responds to a deletion with 404, and no published code."""

    def delete_backups(self, *parts: Any) -> Response:
        raise Refusal(404, "", "not found")


def test_404_without_a_code_is_looked_up_in_the_list(tmp_path: Path) -> None:
    class Emptied(NotFound):
        def list_backups(self, request: Request, project_id: str) -> Response:
            return self.render(200, {"checkpoint_items": []})

    assert fates(ran(Emptied(), tmp_path / "a")) == {Fate.GONE: 3}


def test_404_where_the_list_still_has_it_is_told(tmp_path: Path) -> None:
    assert fates(ran(NotFound(), tmp_path)) == {Fate.LEFT: 3}


def test_404_of_a_target_that_deletes_others_means_gone(tmp_path: Path) -> None:
    class WithoutCodes(Watched):
        def backup_status(self, backup: Backup) -> BackupStatus:
            return BackupStatus.AVAILABLE

        def unknown_backup(self, backup_id: str) -> Refusal:
            return Refusal(404, "", "not found")

        def list_backups(self, request: Request, project_id: str) -> Response:
            raise self.unknown_path()

        def delete_backups(self, *parts: Any) -> Response:
            if parts[-1] == self.executed[-1].id and not self.deleted:
                raise Refusal(503, "", "not now")
            if parts[-1] == self.executed[-1].id:
                raise self.unknown_backup(parts[-1])
            return super().delete_backups(*parts)

    assert fates(ran(WithoutCodes(), tmp_path)) == {Fate.DELETED: 2, Fate.GONE: 1}


def test_a_list_that_heeds_no_filter_does_not_say_that_something_is_gone(tmp_path: Path) -> None:
    class AnyBackup(NotFound):
        def list_backups(self, request: Request, project_id: str) -> Response:
            return self.render(200, {"checkpoint_items": [{"id": "x", "checkpoint_id": "other"}]})

    assert fates(ran(AnyBackup(), tmp_path)) == {Fate.LEFT: 3}


@pytest.mark.parametrize("status", [400, 403, 405, 409, 501])
def test_a_target_that_does_not_delete_is_told_once(status: int, tmp_path: Path) -> None:
    class Refusing(Watched):
        def delete_backups(self, *parts: Any) -> Response:
            raise Refusal(status, "", "no")

    service = Refusing()
    found = ran(service, tmp_path)
    assert fates(found) == {Fate.LEFT: 3}
    tries = Counter(each.path for each in service.asked)
    assert set(tries.values()) <= {1, 4}  # 501 may be the trouble of a moment
    assert str(status) in leftovers(found.after)[0].why


@pytest.mark.parametrize("status", [400, 409, 500])
def test_a_refusal_without_a_code_may_mean_busy(status: int, tmp_path: Path) -> None:
    class Busy(Watched):
        def backup_busy(self) -> Refusal:
            return Refusal(status, "", "malformed")

        def error_body(self, refusal: Refusal) -> object:
            return {"badRequest": {"code": refusal.status, "message": refusal.message}}

    settings = replace(WORLD.settings, advance_seconds=2)
    found = ran(Busy(replace(WORLD, settings=settings)), tmp_path / "soon")
    assert fates(found) == {Fate.DELETED: 3}
    settings = replace(settings, advance_seconds=60)
    late = ran(Busy(replace(WORLD, settings=settings)), tmp_path / "late")
    assert fates(late) == {Fate.LEFT: 3}
    assert {
        each.why.endswith("it may still be being backed up") for each in leftovers(late.after)
    } == {True}


def test_an_image_keeps_a_backup(tmp_path: Path) -> None:
    class Imaged(Watched):
        def delete_backups(self, *parts: Any) -> Response:
            raise Refusal(400, "CSBS.8007", "has register to image")

    assert "an image was made from it" in leftovers(ran(Imaged(), tmp_path).after)[0].why


def test_trouble_of_the_moment_is_overcome(tmp_path: Path) -> None:
    class Shaky(Watched):
        def delete_backups(self, *parts: Any) -> Response:
            if len(self.asked) % 2 == 0:
                raise Refusal(503, "", "not now", (("Retry-After", "1"),))
            return super().delete_backups(*parts)

    world = replace(WORLD, settings=replace(WORLD.settings, advance_seconds=0))
    assert fates(ran(Shaky(world), tmp_path)) == {Fate.DELETED: 3}


def test_a_response_that_is_lost_and_a_404_mean_that_it_is_gone(tmp_path: Path) -> None:
    class CutOff(Watched):
        def handle(self, request: Request) -> Response:
            response = super().handle(request)
            is_done = request.method == "DELETE" and response.status == 200
            return replace(response, hang_up=is_done)

        def unknown_backup(self, backup_id: str) -> Refusal:
            return Refusal(404, "", "gone")

    settings = replace(WORLD.settings, advance_seconds=0, delete_seconds=0)
    found = ran(CutOff(replace(WORLD, settings=settings)), tmp_path)
    assert fates(found) == {Fate.GONE: 3}


def test_five_are_deleted_at_once(tmp_path: Path) -> None:
    class Slow(Watched):
        def handle(self, request: Request) -> Response:
            response = super().handle(request)
            return replace(response, delay=2.0) if request.method == "DELETE" else response

    settings = replace(WORLD.settings, advance_seconds=0)
    found = ran(Slow(replace(WORLD, settings=settings)), tmp_path, profile="standard")
    assert fates(found) == {Fate.DELETED: 10}
    under_way, most = 0, 0
    for line in found.lines:
        under_way += (line["kind"] == "deleting") - (line["kind"] == "deletion")
        most = max(most, under_way)
    assert most == 5


def test_an_id_that_no_request_can_carry_is_told(tmp_path: Path) -> None:
    class Slashes(Watched):
        def new_checkpoint_id(self) -> str:
            return f"../../../policies/{len(self.executed)}"

    service = Slashes()
    found = ran(service, tmp_path)
    assert service.asked == []
    assert found.after.exit_code == 3
    assert {each.command for each in leftovers(found.after)} == {""}


def test_what_a_request_for_another_project_brought_is_for_the_user(tmp_path: Path) -> None:
    class AnyProject(Watched):
        def find_project(self, project_id: str, token: Token) -> Project:
            return super().find_project(token.project, token)

    service = AnyProject()
    found = ran(service, tmp_path)
    (left,) = leftovers(found.after)
    assert left.record not in {unquote(each.segments[-1]) for each in service.asked}
    assert "for you to decide" in left.why
    assert left.record in left.command


def test_what_only_the_list_shows_is_for_the_user(tmp_path: Path) -> None:
    service = Shared()
    found = ran(service, tmp_path)
    assert sorted(service.deleted) == sorted(found.after.judgement.executions)
    assert title(found.after) == "Checkpoints: 3 created, 3 deleted"
    record = as_record(found.after)
    assert [each["checkpoint"][:-1] for each in record["surplus"]] == [Shared.others[:-1]] * 2
    for each in record["surplus"]:
        assert each["created_at"]
        assert f"-X DELETE --url '{found.after.header.fixtures.endpoint}/v1/" in each["curl"]
        assert each["checkpoint"] in each["curl"]
        assert '"X-Auth-Token: $CSBS_TOKEN"' in each["curl"]
        assert each["checkpoint"] in as_text(found)
    assert found.after.exit_code == 0


def test_odd_ids_are_deleted(tmp_path: Path) -> None:
    class Odd(Watched):
        def new_checkpoint_id(self) -> str:
            return f"a b/=+?&#%41-{len(self.executed)}"

    service = Odd()
    assert fates(ran(service, tmp_path)) == {Fate.DELETED: 3}
    for each in service.asked:
        assert each.path.endswith(quote(each.segments[-1], safe=""))


def test_reports_and_har_have_the_deletions(tmp_path: Path) -> None:
    found = ran(Watched(), tmp_path)
    record = as_record(found.after)
    assert [each["outcome"] for each in record["deletions"]] == ["deleted"] * 3
    file = io.StringIO()
    write_har(found.after, file)
    text = file.getvalue()
    assert text.count('"method":"DELETE"') == len(found.of("deletion"))
    assert "deletion d0001 of what x" in text
    assert as_record(found.before)["deletions"] is None


def test_a_token_that_is_repeated_is_taken_out(tmp_path: Path) -> None:
    token = WORLD.fixtures()["token"]
    coded = base64.b64encode(token.encode()).decode()

    class Repeats(Watched):
        def delete_backups(self, *parts: Any) -> Response:
            raise Refusal(403, coded, f"not with {token}", (("X-Token", token),))

    found = ran(Repeats(), tmp_path)
    file = io.StringIO()
    write_har(found.after, file)
    everything = (tmp_path / "journal.ndjson").read_text() + file.getvalue() + as_text(found)
    assert "not with {{token}}" in everything
    for secret in (token, coded):
        assert secret not in everything


class Liar(Service):
    """Announces what somebody else says it should: ids, statuses, projects, bodies."""

    def __init__(
        self, said: list[tuple[int, Any, str]], deletions: list[int], shown: list[Any], port: int
    ) -> None:
        settings = replace(WORLD.settings, advance_seconds=0, delete_seconds=0)
        super().__init__(replace(WORLD, settings=settings))
        self.said, self.answers, self.shown = said, deletions, shown
        self.elsewhere = f"http://127.0.0.1:{port}"
        self.brought: set[str] = set()
        self.accepted: Counter[str] = Counter()
        self.targets: list[str] = []
        self.is_ours = False

    def handle(self, request: Request) -> Response:
        if request.method == "DELETE":
            return self.delete(request)
        self.is_ours = request.path.startswith(f"/v1/{WORLD.fixtures()['project_id']}/")
        return super().handle(request)

    def delete(self, request: Request) -> Response:
        self.targets.append(request.path)
        status = self.answers[len(self.targets) % len(self.answers)]
        name = unquote(request.path.rpartition("/")[2])
        self.accepted[name] += status in (200, 202, 204)
        body = b'{"error_code": "CSBS.2003"}' if status == 400 else b"{}"
        headers = (("Location", f"{self.elsewhere}{request.path}"),) if status == 302 else ()
        return Response(status, headers, body)

    def find_project(self, project_id: str, token: Token) -> Project:
        return super().find_project(token.project, token)

    def list_backups(self, request: Request, project_id: str) -> Response:
        items = [{"id": f"b{n}", "checkpoint_id": each} for n, each in enumerate(self.shown)]
        return self.render(200, {"checkpoint_items": items})

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        status, name, project = self.said[len(self.executed) % len(self.said)]
        if not self.is_ours:
            name = f"elsewhere-{name}"
        elif status == 200 and isinstance(name, str):
            self.brought.add(name)
        body = {"checkpoint": {"id": name, "project_id": project}, "also": {"id": "other"}}
        return self.render(status, body)


IDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", ".", "..", "../..", "a/../b", "*", "?x", "{{token}}", "a\nb", "%2e%2e"]),
    st.integers() | st.none() | st.lists(st.text(max_size=3), max_size=2),
)
SAID = st.tuples(st.sampled_from([200, 200, 200, 201, 202, 400, 503]), IDS, st.text(max_size=4))
STATUSES = st.sampled_from([200, 202, 204, 302, 400, 401, 404, 429, 500, 503])


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.too_slow])
@given(
    said=st.lists(SAID, min_size=1, max_size=4),
    deletions=st.lists(STATUSES, min_size=1, max_size=5),
    shown=st.lists(IDS, max_size=4),
)
def test_no_deletion_goes_astray(
    said: list[tuple[int, Any, str]], deletions: list[int], shown: list[Any]
) -> None:
    """None for an id that no 200 of this run brought, none to another host or project, none twice
    after it succeeded.
    """
    known = WORLD.fixtures()
    with TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as elsewhere:
        service = Liar(said, deletions, shown, elsewhere.getsockname()[1])
        ran(service, Path(name), times=2, time_limit=20.0)
        elsewhere.setblocking(False)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    beginning = f"/v1/{known['project_id']}/providers/{known['provider_id']}/checkpoints/"
    for path in service.targets:
        assert path.startswith(beginning)
        assert "/" not in path.removeprefix(beginning)
        assert unquote(path.removeprefix(beginning)) in service.brought
    assert all(number <= 1 for number in service.accepted.values())


def test_wherever_a_deletion_is_killed_the_next_one_ends_it(tmp_path: Path) -> None:
    """The journal is cut off at each of its lines: what stands behind the cut was never written."""
    settings = replace(WORLD.settings, advance_seconds=0, delete_seconds=0)
    whole = ran(Watched(replace(WORLD, settings=settings)), tmp_path / "whole")
    begun = next(n for n, line in enumerate(whole.lines) if line["kind"] == "deleting")
    for cut in range(begun, len(whole.lines)):
        service = Watched(replace(WORLD, settings=settings))
        found = ran(service, tmp_path / f"{cut}", cut=cut, times=2)
        noted = {each["record"] for each in found.of("deleting")}
        assert (
            sorted(noted) == sorted(service.deleted) == sorted(each.id for each in service.executed)
        )
        assert fates(found).total() == 3
        assert fates(found)[Fate.LEFT] == 0


def test_a_token_that_expired_since_is_taken_anew(tmp_path: Path) -> None:
    class Expiring(Watched):
        def same_token(self, known: str, sent: str) -> bool:
            return super().same_token(known, sent) and (not self.asked or sent == "fresh-token-1")

        def handle(self, request: Request) -> Response:
            if request.method == "DELETE" and not self.asked:
                self.asked.append(request)
            return super().handle(request)

    class Source:
        due = math.inf

        def take(self) -> Access:
            return Access("fresh-token-1")

    project = WORLD.projects[0].id
    settings = replace(WORLD.settings, advance_seconds=0)
    tokens = (*WORLD.tokens, Token("fresh-token-1", project))
    service = Expiring(replace(WORLD, tokens=tokens, settings=settings))
    found = ran(service, tmp_path, source=Source())
    assert fates(found) == {Fate.DELETED: 3}
    assert "fresh-token-1" not in (tmp_path / "journal.ndjson").read_text()


def test_a_backup_that_is_busy_for_days_is_waited_for() -> None:
    async def waited(clock: Clock) -> float:
        pace = Pace(5, None, 1e6)
        fixtures = emulated_fixtures()
        carrier = Client(Connection(1.0), tls=False, permitted=None)
        client = BackupsClient(carrier, fixtures, Secrets({}), pace, clock=clock)
        busy = Exchange("d0001", client.deletion("a"), None, None, 0.0, 0.0)
        began = clock.now()
        assert await client.pause(busy, 100_000)
        return clock.now() - began

    assert 10 <= simulate(waited) < 11


def test_a_token_that_was_taken_anew_meanwhile_is_hidden_too() -> None:
    """A few requests are under way at once, and each may have the token renewed."""
    old, fresh = "gAAAAABkZ3mQ-of-before", "9f8e7d6c5b4a3f2e1d0c-anew"

    class Repeating(Client):
        async def send(self, *_: Any, **__: Any) -> Came:
            client.secrets = client.secrets.renewed(fresh)
            return Came(404, "", (), f"{old} {fresh}".encode())

    carrier = Repeating(Connection(1.0), tls=False, permitted=None)
    secrets = Secrets({Kind.GOOD: old})
    client = BackupsClient(carrier, emulated_fixtures(), secrets, Pace(5, None, 10.0))
    exchange = asyncio.run(client.once(client.deletion("a")))
    assert exchange.response is not None
    assert old.encode() not in exchange.response.body
    assert fresh.encode() not in exchange.response.body
