"""A cluster that others use as well, or that is not as it should be: told before anything is sent.

The scheduler is in the process of the test; each test brings the workers that it needs.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from campaign_nodes import BARE, OTHER, node, tls_files, worker
from campaign_targets import KEPT, Busy, Town, campaign_file
from cli_helpers import NEVER_HANGS, TOKENS, command, started
from test_campaign_command import targets_of

from conformance import __version__
from conformance.campaign import cluster as campaign_cluster
from conformance.campaign.mark import Mark, marked
from conformance.campaign.preflight import NotReady, Wanted, check_ready
from conformance.campaign.reaching import check_reachable
from conformance.emulator.app import serving
from conformance.errors import UsageError

if TYPE_CHECKING:
    from distributed import Client

pytestmark = pytest.mark.process
ID = "c0ffee"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    from distributed import Client, LocalCluster

    options = {"processes": False, "protocol": "tcp://", "dashboard_address": "127.0.0.1:0"}
    with (
        LocalCluster(n_workers=0, silence_logs=logging.CRITICAL, **options) as cluster,
        Client(cluster.scheduler_address) as found,
    ):
        yield found


def refused(client: Client, directory: Path, *, allow_mixed: bool = False) -> list[str]:
    """What is told of a cluster before a campaign whose mark is in a directory."""
    with pytest.raises(NotReady) as caught:
        check_ready(client, Wanted(directory, ID, 0.2, allow_mixed), lambda _: None)
    return caught.value.lines


def await_workers(client: Client, number: int) -> str:
    """The address of the scheduler, once it has so many workers."""
    while len(client.nthreads()) != number:
        client.wait_for_workers(number, timeout=NEVER_HANGS)
    return str(client.scheduler.address)


def test_without_workers_it_says_that_it_waits_and_for_how_long(
    client: Client, tmp_path: Path
) -> None:
    address = await_workers(client, 0)
    file = campaign_file(tmp_path, "http://127.0.0.1:9", {"one": KEPT})
    where = ("--report-dir", tmp_path / "out", "--scheduler", address, "--wait", "0.2")
    done = command("campaign", file, *where, cwd=tmp_path, env=TOKENS)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[1:] == [
        f"no workers at {address}, waiting (limit 0.2 s)",
        f"csbs-conformance: no workers at {address} after 0.2 s; start some, or give a higher "
        "--wait",
    ]
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".campaign.lock"]


def test_two_campaigns_at_once_do_not_mix(client: Client, tmp_path: Path) -> None:
    """The same names on other endpoints: each campaign gets the verdicts on its own."""
    names = [f"target-{number}" for number in range(3)]
    kept, faulty = Town(dict.fromkeys(names, KEPT)), Town(dict.fromkeys(names, "plan-id-optional"))
    with (
        serving(kept) as one,
        serving(faulty) as two,
        worker(client.scheduler.address, env=TOKENS),
    ):
        address = await_workers(client, 1)
        processes = []
        for number, endpoint in enumerate((one, two)):
            (directory := tmp_path / str(number)).mkdir()
            file = campaign_file(directory, endpoint, dict.fromkeys(names, ""))
            where = ("--report-dir", directory / "out", "--scheduler", address)
            processes.append(started("campaign", file, *where, cwd=directory, env={}))
        told = [process.communicate(timeout=NEVER_HANGS)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 1], told
    for number, (town, endpoint, verdict) in enumerate(
        ((kept, one, "conforms"), (faulty, two, "violates"))
    ):
        found = targets_of(tmp_path / str(number) / "out")
        assert {each["verdict"] for each in found.values()} == {verdict}
        assert {each["endpoint"] for each in found.values()} == {
            f"{endpoint}/{name}" for name in names
        }
        spent = {name: each["executions"] for name, each in found.items()}
        assert town.executions == spent


def test_a_campaign_without_workers_says_so_and_goes_on_with_another(
    client: Client, tmp_path: Path
) -> None:
    """What the first worker left is done by the second."""
    town = Town({"one": KEPT})
    address = await_workers(client, 0)
    where = ("--report-dir", tmp_path / "out", "--scheduler", address)
    with serving(town) as endpoint, ExitStack() as first:
        lost = first.enter_context(worker(address, env=TOKENS))
        town.on_answer = lambda *_: lost.kill()
        await_workers(client, 1)
        file = campaign_file(tmp_path, endpoint, {"one": KEPT})
        campaign = started("campaign", file, *where, cwd=tmp_path, env={})
        assert campaign.stderr is not None
        told = [campaign.stderr.readline().decode() for _ in range(3)]
        assert told[-1] == (
            f"no workers left at {address}, 1 target waiting; start some, or go on with --resume\n"
        )
        town.on_answer = lambda *_: None
        with worker(address, env=TOKENS):
            campaign.communicate(timeout=NEVER_HANGS)
    assert targets_of(tmp_path / "out")["one"]["verdict"] == "conforms"


class StubClientWithoutWorkers:
    """A client that is connected, of a scheduler at which no worker is."""

    status = "running"

    def __init__(self, cluster: object | None) -> None:
        self.cluster = cluster
        self.scheduler = SimpleNamespace(address="tcp://127.0.0.1:8786")

    def nthreads(self) -> dict[str, int]:
        return {}


class StubOfLateTasks:
    """Tasks of which one has ended when it was asked for some times."""

    looks = 5

    def has_ready(self) -> bool:
        self.looks -= 1
        return not self.looks


@pytest.mark.parametrize(("cluster", "times"), [(None, 1), (object(), 0)])
def test_only_a_cluster_that_starts_no_workers_by_itself_is_told_to_lack_them(
    cluster: object | None, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_cluster, "BETWEEN_COUNTS", 0.0)
    told: list[str] = []
    client: Any = StubClientWithoutWorkers(cluster)
    tasks: Any = StubOfLateTasks()
    campaign_cluster._await_end(client, tasks, 3, told.append)
    assert len(told) == times
    assert all("3 targets waiting" in line for line in told)


def test_targets_of_a_group_share_its_limits_wherever_they_are_tested(
    client: Client, tmp_path: Path
) -> None:
    few, slow = Busy(dict.fromkeys(("one", "two"), KEPT)), Busy(dict.fromkeys(("a", "b"), KEPT))
    with (
        serving(few) as endpoint,
        serving(slow) as other,
        worker(client.scheduler.address, env=TOKENS),
        worker(client.scheduler.address, env=TOKENS),
    ):
        address = await_workers(client, 2)
        file = campaign_file(tmp_path, endpoint, {"one": KEPT, "two": KEPT}, group='"few"')
        with file.open("a", encoding="utf-8") as text:
            for name in slow.services:
                text.write(f'\n[[target]]\nname = "{name}"\nendpoint = "{other}/{name}"\n')
                text.write('group = "slow"\n')
            text.write("[group.few]\nconcurrency = 2\n[group.slow]\nrate = 30\n")
        where = ("--report-dir", tmp_path / "out", "--scheduler", address)
        done = command("campaign", file, *where, cwd=tmp_path, env={})
    assert done.code == 0, done.err
    assert few.most <= 2
    least = (len(slow.came) - 3) / 30  # three may come at once, within a tenth of a second
    assert slow.came[-1] - slow.came[0] > 0.8 * least
    sent = sum(each["requests"] for each in targets_of(tmp_path / "out").values())
    assert len(few.came) + len(slow.came) == sent


def test_what_is_not_as_it_is_here_is_told_in_a_line_each(client: Client, tmp_path: Path) -> None:
    address = client.scheduler.address
    with marked(tmp_path, Mark(ID)), worker(address, OTHER):
        await_workers(client, 1)
        (told,) = refused(client, tmp_path)
        assert told.startswith("1 of 1 worker (tcp://127.0.0.1:")
        assert told.endswith(
            "): csbs-conformance 0.0.9; install there what is here, or give --allow-mixed"
        )
        check_ready(client, Wanted(tmp_path, ID, 0.2, allow_mixed=True), lambda _: None)

        elsewhere = tmp_path / "elsewhere"
        both = refused(client, elsewhere)
        assert len(both) == 2
        assert both[0] == told
        assert "give storage that all workers share with it" in both[1]

        with worker(address, BARE):
            await_workers(client, 2)
            (told,) = refused(client, tmp_path, allow_mixed=True)
        assert told.startswith("1 of 2 workers (tcp://127.0.0.1:")
        assert f"; install {__version__} there" in told


def test_a_scheduler_with_tls_and_without_the_package_is_told_as_such(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tls = tls_files(tmp_path)
    options = ("--protocol", "tls", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    file = campaign_file(tmp_path, "http://127.0.0.1:9", {"one": KEPT})
    with node("scheduler", *options, first=BARE, env=tls):
        plain = told_of(f"tcp://127.0.0.1:{port}")
        assert plain == (
            f"--scheduler: 127.0.0.1:{port} speaks TLS; give tls://127.0.0.1:{port}, with "
            "certificates in the configuration of Dask (distributed.comm.tls)"
        )
        where = ("--report-dir", tmp_path / "out", "--scheduler", f"tls://127.0.0.1:{port}")
        done = command("campaign", file, *where, "--quiet", cwd=tmp_path, env={**TOKENS, **tls})
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("csbs-conformance: the scheduler cannot load csbs-conformance (")
    assert done.err.endswith(
        f"; install {__version__} there: Dask reads tasks on the scheduler too\n"
    )


def told_of(address: str) -> str:
    """What is told of a scheduler that starts, once it is there."""
    while True:
        with pytest.raises(UsageError) as caught:
            check_reachable(address)
        if "no scheduler answers" not in (told := str(caught.value)):
            return told


def test_a_scheduler_without_tls_is_told_as_such(client: Client) -> None:
    address = client.scheduler.address.removeprefix("tcp://")
    check_reachable(f"tcp://{address}")
    check_reachable(address)
    with pytest.raises(UsageError, match=f"{address} speaks no TLS; give tcp://{address}"):
        check_reachable(f"tls://{address}")


@pytest.mark.parametrize("host", [f"{'a' * 64}.example", "a..example", "\udc80"])
def test_what_can_be_no_host_is_told_as_such(host: str) -> None:
    with pytest.raises(UsageError, match="no name of a host; give HOST:PORT"):
        check_reachable(f"tcp://{host}:8786")
