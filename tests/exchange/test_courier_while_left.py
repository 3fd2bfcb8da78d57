"""Refusals that go while requests are left: they take nothing from what a run needs."""

from __future__ import annotations

from pathlib import Path

from exchange_helpers import Recording, clause, records, run_against

from conformance.emulator.messages import Refusal, Request, Response
from conformance.judge.verdicts import Status, Verdict
from conformance.model import Ending
from conformance.plan.domains.while_left import WHILE_LEFT


def sent(directory: Path) -> list[int]:
    """Which of them a run sent, by their places in its plan, in the order in which it did."""
    lines = records(directory / "plan.ndjson")[1:]
    planned = [each["id"] for each in lines if each["part"] == "while_left"]
    came = records(directory / "journal.ndjson")
    probes = [each["probe"] for each in came if each["kind"] == "exchange" and "probe" in each]
    return [planned.index(probe) for probe in probes if probe in planned]


class HasNoList(Recording):
    """Has no list of backups, so that nothing has to be kept for looks."""

    def answer(self, request: Request) -> Response:
        if "checkpoint_items" in request.path:
            raise self.unknown_path()
        return super().answer(request)


class IsBusyOnce(HasNoList):
    """Puts off one request, once."""

    is_put_off = False

    def answer(self, request: Request) -> Response:
        if request.method == "POST" and not self.is_put_off:
            self.is_put_off = True
            raise Refusal(503, "any", "later")
        return super().answer(request)


def test_the_likeliest_of_them_go_first_and_most_go_where_nothing_has_to_be_repeated(
    tmp_path: Path,
) -> None:
    report = run_against(HasNoList(), tmp_path)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.footer.ending is Ending.COMPLETE
    assert sorted(sent(tmp_path)) == list(range(len(sent(tmp_path))))
    assert len(sent(tmp_path)) > 8
    assert report.footer.requests.spent <= 250


def test_none_of_them_go_where_something_had_to_be_repeated(tmp_path: Path) -> None:
    report = run_against(IsBusyOnce(), tmp_path)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.footer.ending is Ending.COMPLETE
    assert sent(tmp_path) == []


def test_without_them_every_clause_is_decided_all_the_same(tmp_path: Path) -> None:
    clauses = {name for name, _, _ in WHILE_LEFT}
    report = run_against(IsBusyOnce(), tmp_path)
    assert {clause(report, name).status for name in clauses} == {Status.PASSED}


def test_they_take_no_request_from_a_run_with_fewer(tmp_path: Path) -> None:
    run_against(HasNoList(), tmp_path, max_requests=200)
    assert sent(tmp_path) == []
