"""Windows of time: what is tested outside them waits, and nothing is sent meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from campaign_jobs import job, reports, target
from campaign_targets import KEPT, Town
from cli_helpers import TOKENS
from hypothesis import given
from hypothesis import strategies as st

from conformance.campaign import cluster, task
from conformance.campaign.cluster import rows
from conformance.campaign.groups import Group
from conformance.campaign.task import do
from conformance.campaign.windows import room_in, window
from conformance.emulator.app import serving
from conformance.judge.verdicts import Verdict

if TYPE_CHECKING:
    from distributed import Client

NIGHT = Group("eu", windows=(window("22:00-06:00"),))


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, 1, hour, minute, second, tzinfo=UTC)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_TOKEN", TOKENS["CSBS_TOKEN"])


@pytest.mark.parametrize(
    ("text", "now", "room"),
    [
        ("08:00-12:00", at(8), 4 * 3600),
        ("08:00-12:00", at(7, 59, 59), 0),
        ("08:00-12:00", at(11, 59, 59), 1),
        ("08:00-12:00", at(12), 0),
        ("22:00-06:00", at(23), 7 * 3600),
        ("22:00-06:00", at(5, 59), 60),
        ("22:00-06:00", at(6), 0),
        ("22:00-24:00", at(23), 3600),
        ("00:00-24:00", at(0), 24 * 3600),
        ("00:00-00:00", at(1), 23 * 3600),
    ],
)
def test_a_window_has_room_until_it_closes(text: str, now: datetime, room: float) -> None:
    assert window(text).room(now) == room
    assert str(window(text)) == f"{text} UTC"


@given(st.integers(0, 1439), st.integers(0, 1439), st.datetimes())
def test_a_window_is_open_for_its_length_each_day(opens: int, closes: int, now: datetime) -> None:
    text = f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
    made = window(text)
    assert 0 <= made.room(now) <= made.length <= 24 * 3600


def test_of_several_windows_the_one_that_stays_open_longest_counts() -> None:
    both = (window("08:00-12:00"), window("11:00-13:00"))
    assert room_in(both, at(11, 30)) == 1.5 * 3600
    assert room_in((), at(11)) == float("inf")


@pytest.mark.parametrize(
    ("now", "is_tested"), [(at(23), True), (at(5, 54), True), (at(5, 55), False), (at(12), False)]
)
def test_a_run_begins_only_where_it_ends_within_the_window(
    now: datetime, is_tested: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes at most five minutes, and one more to plan, to judge and to write."""
    monkeypatch.setattr(task, "utc_now", lambda: now)
    town = Town({"one": KEPT})
    with serving(town) as endpoint:
        subject = job(target(f"{endpoint}/one", limits=NIGHT), tmp_path)
        row = do(subject)
        assert (row.is_postponed, row.verdict is None) == (not is_tested, not is_tested)
        assert bool(town.executions["one"]) == is_tested
        assert (reports(tmp_path) / "journal.ndjson").exists() == is_tested


def test_a_report_that_stands_needs_no_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Town({"one": KEPT})) as endpoint:
        first = do(job(target(f"{endpoint}/one"), tmp_path))
        monkeypatch.setattr(task, "utc_now", lambda: at(12))
        assert do(job(target(f"{endpoint}/one", limits=NIGHT), tmp_path)) == first.settled


@pytest.fixture
def client() -> Iterator[Client]:
    from distributed import Client, LocalCluster

    options: dict[str, Any] = {"processes": False, "dashboard_address": "127.0.0.1:0"}
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, protocol="tcp://", **options) as there,
        Client(there) as found,
    ):
        yield found


@pytest.mark.process
def test_what_came_outside_its_window_is_handed_out_again_once_it_is_open(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([at(21, 59, 58), at(21, 59, 58), at(21, 59, 59)])

    def now() -> datetime:
        return next(moments, at(22))

    monkeypatch.setattr(task, "utc_now", now)
    monkeypatch.setattr(cluster, "utc_now", now)
    monkeypatch.setattr(cluster, "BETWEEN_LOOKS", 0.01)
    said: list[str] = []
    with serving(Town({"one": KEPT})) as endpoint:
        waiting = target(f"{endpoint}/one", limits=NIGHT)
        found = list(rows(client, [job(waiting, tmp_path)], said.append))
    assert [row.verdict for row in found] == [Verdict.CONFORMS]
    assert said == ["group eu: its targets wait for 22:00-06:00 UTC"]


@pytest.mark.process
def test_what_waits_for_its_window_is_lost_with_the_scheduler(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "utc_now", lambda: at(12))
    monkeypatch.setattr(cluster, "utc_now", lambda: at(12))
    waiting = job(target("http://127.0.0.1:9", limits=NIGHT), tmp_path)
    (row,) = rows(client, [waiting], lambda _: client.close())
    assert (row.verdict, row.reason) == (None, cluster.SCHEDULER_LOST)
