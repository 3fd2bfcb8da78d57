"""Options on the command line beat the environment, which beats the configuration file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import KNOWN, TOKENS, Counting, command, records, target_options

from conformance.emulator.app import serving


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with serving(Counting()) as url:
        yield url


def header_of(tmp_path: Path, *options: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    """The header of the journal of a run, which says what it was asked for."""
    few = ("--only", "S401.no-token", "--report-dir", "out")
    done = command("run", *few, *options, cwd=tmp_path, env={**TOKENS, **(env or {})})
    assert done.code in (0, 3), done.err
    return records(tmp_path / "out" / "journal.ndjson")[0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("file", "environment", "option"), "option"),
        (("file", "environment"), "environment"),
        (("file", "option"), "option"),
        (("environment", "option"), "option"),
        (("file",), "file"),
    ],
)
def test_the_nearest_source_of_an_option_counts(
    given: tuple[str, ...], expected: str, endpoint: str, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(
        f'endpoint = "{endpoint}"\nproject-id = "p"\n'
        + ('plan-id = "file"\nseed = 1\n' if "file" in given else "")
    )
    options = ["--config", "config.toml"]
    options += ["--plan-id", "option", "--seed", "3"] if "option" in given else []
    env = {"CSBS_PLAN_ID": "environment", "CSBS_SEED": "2"} if "environment" in given else {}
    header = header_of(tmp_path, *options, env=env)
    assert header["fixtures"]["plan_id"] == expected
    assert header["seed"] == {"file": 1, "environment": 2, "option": 3}[expected]


def test_every_fixture_can_come_from_the_environment(endpoint: str, tmp_path: Path) -> None:
    env = {
        "CSBS_ENDPOINT": endpoint,
        "CSBS_PROJECT_ID": KNOWN["project_id"],
        "CSBS_PLAN_ID": KNOWN["plan_id"],
        "CSBS_RESOURCE": " ".join(KNOWN["resources"]),
    }
    fixtures = header_of(tmp_path, env=env)["fixtures"]
    assert fixtures["endpoint"] == endpoint
    assert fixtures["project_id"] == KNOWN["project_id"]
    assert fixtures["resources"] == KNOWN["resources"]
    assert fixtures["tokens"] == ["forbidden-token", "token"]


def test_a_file_can_hold_every_kind_of_option(endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        f'endpoint = "{endpoint}"\nproject_id = "p"\nplan-id = "q"\nresource = ["r", "s"]\n'
        'seed = 7\nrate = 500\ntimeout = 2.5\nprofile = "smoke"\nstrict = true\n'
    )
    header = header_of(tmp_path, "--config", "config.toml")
    assert header["fixtures"]["resources"] == ["r", "s"]
    assert (header["seed"], header["profile"]) == (7, "smoke")


def test_the_file_can_be_named_in_the_environment(endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('plan-id = "file"\nproject-id = "p"\n')
    header = header_of(
        tmp_path, "--endpoint", endpoint, env={"CSBS_CONFIG": str(tmp_path / "config.toml")}
    )
    assert header["fixtures"]["plan_id"] == "file"


def test_a_byte_order_mark_is_read_over(endpoint: str, tmp_path: Path) -> None:
    text = f'endpoint = "{endpoint}"\nproject_id = "p"\n'
    (tmp_path / "config.toml").write_text(text, encoding="utf-8-sig")
    assert header_of(tmp_path, "--config", "config.toml")["fixtures"]["project_id"] == "p"


def test_tokens_can_come_from_variables_of_any_name(endpoint: str, tmp_path: Path) -> None:
    env = {"GOOD": TOKENS["CSBS_TOKEN"], "WEAK": TOKENS["CSBS_FORBIDDEN_TOKEN"]}
    options = ("--token-env", "GOOD", "--forbidden-token-env", "WEAK", "--profile", "smoke")
    done = command("run", *options, *target_options(endpoint), cwd=tmp_path, env=env)
    assert done.code == 0, done.err


def test_one_file_serves_both_run_and_plan(endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'endpoint = "{endpoint}"\nrate = 5\nstrict = true\n')
    done = command("plan", "--config", "config.toml", cwd=tmp_path, env=TOKENS)
    assert done.code == 0, done.err


@pytest.mark.parametrize("value", ["max_executions = 2.7", "seed = true", 'plan-id = ["a"]'])
def test_a_value_of_another_type_is_refused(value: str, endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'endpoint = "{endpoint}"\n{value}\n')
    done = command("plan", "--config", "config.toml", cwd=tmp_path, env=TOKENS)
    assert done.code == 2
