"""The real command on a local cluster: its exit codes, its reports, its resumption, its end."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from campaign_targets import KEPT, Door, Town, campaign_file
from cli_helpers import NEVER_HANGS, TOKENS, command, started

from conformance.campaign import cluster
from conformance.emulator.app import serving
from conformance.errors import UsageError

NAMES = {"good": KEPT, "bad": "plan-id-optional", "poor": KEPT}


def targets_of(directory: Path) -> dict[str, dict[str, Any]]:
    record = json.loads((directory / "campaign.json").read_text(encoding="utf-8"))
    return {target["name"]: target for target in record["targets"]}


def test_trouble_with_one_target_touches_no_other_and_is_mended_by_resuming(tmp_path: Path) -> None:
    town, out = Town(NAMES), tmp_path / "out"
    with serving(town) as endpoint:
        file = campaign_file(tmp_path, endpoint, NAMES)
        with file.open("a", encoding="utf-8") as text:
            text.write('\ntoken-env = "CSBS_TOKEN_OF_THE_POOR"\n')
        store = tmp_path / "store"
        one = ("--workers", "1", "--threads", "3", "--publish", store.as_uri())
        first = command("campaign", file, "--report-dir", out, *one, cwd=tmp_path, env=TOKENS)
        assert first.code == 1, first.err
        verdicts = {name: each["verdict"] for name, each in targets_of(out).items()}
        assert verdicts == {"good": "conforms", "bad": "violates", "poor": None}
        assert "[3/3]" in first.err
        assert "CSBS_TOKEN_OF_THE_POOR: it is not set" in first.err
        assert first.out.endswith("3 targets: 1 violates, 1 conforms, 1 no verdict\n")
        assert sorted(path.name for path in out.iterdir() if path.is_file()) == [
            *(".campaign.lock", "campaign.csv", "campaign.html", "campaign.json", "junit.xml"),
            *("results.sarif", "summary.md"),
        ]
        assert all((out / "targets" / name / "report.html").is_file() for name in ("good", "bad"))

        assert {path.name for path in store.iterdir()} == {
            *(path.name for path in out.iterdir() if not path.name.startswith(".")),
        }
        assert (store / "targets/good/report.html").is_file()

        again = command("campaign", file, "--report-dir", out, cwd=tmp_path, env=TOKENS)
        assert (again.code, again.out) == (2, "")
        assert "--resume" in again.err

        before = town.executions
        rich = {**TOKENS, "CSBS_TOKEN_OF_THE_POOR": TOKENS["CSBS_TOKEN"]}
        options = ("--report-dir", out, "--resume", "--compare", out, "--quiet")
        second = command("campaign", file, *options, cwd=tmp_path, env=rich)
    assert (second.code, second.err) == (1, "")
    assert second.out == "3 targets: 1 violates, 2 conform\n"
    assert {name: town.executions[name] for name in ("good", "bad")} == {
        name: before[name] for name in ("good", "bad")
    }
    record = json.loads((out / "campaign.json").read_text(encoding="utf-8"))
    changes = record["comparison"]["changes"]
    assert [(change["kind"], change["target"]) for change in changes] == [("newly seen", "poor")]
    secret = TOKENS["CSBS_TOKEN"].encode()
    assert not [path for path in out.rglob("*") if path.is_file() and secret in path.read_bytes()]


def test_a_cluster_that_is_there_reads_secrets_where_its_workers_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from distributed import LocalCluster

    secret = TOKENS["CSBS_TOKEN"]
    monkeypatch.setenv("CSBS_TOKEN", secret)
    names, out = {"one": KEPT, "two": "plan-id-optional", "late": KEPT}, tmp_path / "out"
    caplog.set_level(logging.DEBUG, "distributed")
    options = {"processes": False, "protocol": "tcp://", "dashboard_address": "127.0.0.1:0"}
    with (
        serving(Door(names, refusals={"late": 2})) as endpoint,
        LocalCluster(n_workers=1, threads_per_worker=2, **options) as there,
    ):
        file = campaign_file(tmp_path, endpoint, names)
        where = ("--report-dir", out, "--scheduler", there.scheduler_address)
        done = command("campaign", file, *where, "--retry-inconclusive", cwd=tmp_path, env={})
    assert done.code == 1, done.err
    assert {name: each["verdict"] for name, each in targets_of(out).items()} == {
        "one": "conforms",
        "two": "violates",
        "late": "conforms",
    }
    assert "] ? late: inconclusive: " in done.err
    assert "[again 1/1] ✓ late: conforms" in done.err
    assert secret not in caplog.text


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("nonsense://x", "give tcp://HOST:PORT"),
        ("tls://127.0.0.1:9", "no scheduler answers at 127.0.0.1:9 (Connection refused)"),
    ],
)
def test_an_address_of_no_use_is_wrong_use_and_leaves_nothing(
    address: str, told: str, tmp_path: Path
) -> None:
    file = campaign_file(tmp_path, "http://127.0.0.1:9", {"one": KEPT})
    there = ("--report-dir", tmp_path / "out", "--scheduler", address)
    done = command("campaign", file, *there, "--quiet", cwd=tmp_path, env=TOKENS)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1
    assert not (tmp_path / "out" / "targets").exists()


@pytest.mark.socket
def test_a_scheduler_that_does_not_answer_is_wrong_use() -> None:
    with (
        pytest.raises(UsageError, match="no scheduler answers"),
        cluster.connected("tcp://127.0.0.1:9", 1),
    ):
        pass


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_what_is_there_is_written(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    names = {"fast": KEPT, **{f"slow-{place}": KEPT for place in range(3)}}
    town, out = Town(names), tmp_path / "out"
    with serving(town) as endpoint:
        file = campaign_file(tmp_path, endpoint, names)
        text = file.read_text().replace('name = "slow', 'rate = 2.0\nname = "slow')
        file.write_text(text)
        process = started("campaign", file, "--report-dir", out, cwd=tmp_path, env=TOKENS)
        assert process.stderr is not None
        while b"[1/4]" not in (line := process.stderr.readline()):
            assert line
        os.killpg(process.pid, number)  # as a terminal does: the workers get it as well
        process.communicate(timeout=NEVER_HANGS)
    assert process.returncode == code
    found = targets_of(out)
    assert found["fast"]["verdict"] == "conforms"
    assert {each["verdict"] for name, each in found.items() if name != "fast"} == {None}
    assert json.loads((out / "campaign.json").read_text())["exit_code"] == code


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.toml"], "No such file"),
        (["campaign.toml", "--resume"], "holds no campaign"),
        (["campaign.toml", "--compare", "none"], "--compare"),
        (["campaign.toml", "--report-dir", "campaign.toml"], "--report-dir"),
    ],
)
def test_wrong_use_is_a_line_and_exit_code_2(
    arguments: list[str], told: str, tmp_path: Path
) -> None:
    campaign_file(tmp_path, "http://127.0.0.1:9", {"one": KEPT})
    done = command("campaign", *arguments, cwd=tmp_path, env=TOKENS)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1


def test_a_filter_that_matches_nothing_is_wrong_use(tmp_path: Path) -> None:
    file = campaign_file(tmp_path, "http://127.0.0.1:9", {"one": KEPT}, only='["T99.*"]')
    done = command("campaign", file, cwd=tmp_path, env=TOKENS)
    assert done.code == 2
    assert "matches no clause" in done.err


def test_without_the_extra_a_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install '\.\[campaign\]'"):
        cluster.check_installed()


def test_help_imports_no_dask() -> None:
    script = (
        "import sys\nfrom conformance.cli.campaign import command\n"
        "command.main(['--help'], standalone_mode=False)\n"
        "assert not {'dask', 'distributed'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
