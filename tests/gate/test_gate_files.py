"""What other projects take from here: an action, a GitLab job, a hook and an image.

GitHub, GitLab and Docker are not here: the files are held against what those ask of them, and
their scripts are run as they would be.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sysconfig
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.cli.run import command as run_command
from conformance.emulator import Service, World
from conformance.emulator.app import serving
from conformance.run.options import Front, taken_by

ROOT = Path(__file__).parents[2]
SCRIPTS = sysconfig.get_path("scripts")
KNOWN = World.default().fixtures()
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
VARIABLES = {f"CSBS_{option.name}".upper() for option in run_command.params}
SECRETS = {"CSBS_TOKEN", "CSBS_FORBIDDEN_TOKEN"}


def loaded(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    found: dict[str, Any] = loaded("action.yml")
    return found


def step(action: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in action["runs"]["steps"] if each["name"].startswith(name)]
    return dict(found)


def shell(script: str, env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """A script as GitHub runs those of `shell: bash`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CSBS_", "GITHUB_"))}
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        words, cwd=cwd, env={**kept, **env}, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_action_has_what_an_action_has(action: dict[str, Any]) -> None:
    assert {"name", "description", "inputs", "outputs", "runs"} <= action.keys()
    assert action["runs"]["using"] == "composite"
    for each in action["runs"]["steps"]:
        assert ("uses" in each) != ("run" in each)
        assert "run" not in each or each["shell"] == "bash"
        assert "uses" not in each or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each["uses"])
    for each in [*action["inputs"].values(), *action["outputs"].values()]:
        assert each["description"]
        assert isinstance(each.get("default", ""), str)


def test_no_expression_is_part_of_a_script_and_each_names_something(
    action: dict[str, Any],
) -> None:
    named: set[str] = set()
    for each in action["runs"]["steps"]:
        assert not EXPRESSION.search(each.get("run", ""))
        for place in (each.get("env", {}), each.get("with", {}), {"if": each.get("if", "")}):
            for value in place.values():
                named.update(re.findall(r"inputs\.([\w-]+)", str(value)))
    assert named == action["inputs"].keys()
    outputs = {EXPRESSION.fullmatch(o["value"])[1] for o in action["outputs"].values()}  # type: ignore[index]
    written = re.findall(r"'([\w-]+)=%s", step(action, "Test")["run"])
    assert outputs == {f"steps.run.outputs.{name}" for name in written}


def test_each_variable_of_the_action_is_one_that_the_command_reads(action: dict[str, Any]) -> None:
    assert step(action, "Test")["env"].keys() <= VARIABLES | SECRETS


def evaluated(expression: str, inputs: dict[str, str], job: dict[str, str]) -> str:
    """What an expression comes to: the first of its parts that is not empty."""
    whole = EXPRESSION.fullmatch(expression)
    assert whole is not None
    known = {f"inputs.{name}": value for name, value in inputs.items()}
    known |= {f"env.{name}": value for name, value in job.items()}
    parts = whole[1].split(" || ")
    return next(filter(None, (known.get(p, "") if "." in p else p.strip("'") for p in parts)), "")


def test_the_inputs_of_the_action_are_the_options_that_it_takes(action: dict[str, Any]) -> None:
    options = {option.variable: option.key for option in taken_by(Front.ACTION)}
    options |= {"CSBS_RESOURCE": "resources"}
    options |= {name: name.removeprefix("CSBS_").lower().replace("_", "-") for name in SECRETS}
    of_the_job = {"upload", "artifact-name", "python-version"}
    assert set(options.values()) == action["inputs"].keys() - of_the_job
    variables = step(action, "Test")["env"]
    assert variables.keys() == options.keys()
    for name, expression in variables.items():
        assert evaluated(expression, {options[name]: "given"}, {name: "of the job"}) == "given"


def test_an_input_that_is_left_out_leaves_the_variable_of_the_job(action: dict[str, Any]) -> None:
    defaults = {name: each.get("default", "") for name, each in action["inputs"].items()}
    variables = step(action, "Test")["env"]
    job = dict.fromkeys(variables, "of the job")
    assert {name: evaluated(each, defaults, job) for name, each in variables.items()} == job
    nothing = {name: evaluated(each, defaults, {}) for name, each in variables.items()}
    assert {name: each for name, each in nothing.items() if each} == {
        "CSBS_REPORT_DIR": "conformance-report"
    }


@pytest.mark.parametrize(("faulty", "code"), [(False, 0), (True, 1)])
def test_the_script_of_the_action_tests_a_target(
    action: dict[str, Any], faulty: bool, code: int, tmp_path: Path
) -> None:
    class Faulty(Service):
        def render_checkpoint(self, checkpoint: Any) -> object:
            rendered = super().render_checkpoint(checkpoint)
            assert isinstance(rendered, dict)
            return {**rendered, "status": "odd"}

    tested = step(action, "Test")
    (tmp_path / "csbs-conformance").mkdir()
    (tmp_path / "csbs-conformance" / "bin").symlink_to(SCRIPTS)
    service = (Faulty if faulty else Service)(World.default())
    with serving(service) as endpoint:
        given = {
            "endpoint": endpoint,
            "project-id": KNOWN["project_id"],
            "plan-id": KNOWN["plan_id"],
            "resources": "\n".join(KNOWN["resources"]),
            "token": KNOWN["token"],
            "profile": "smoke",
            "report-dir": "a dir; $(touch owned)",
        }
        env = {name: evaluated(value, given, {}) for name, value in tested["env"].items()}
        env |= {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output")}
        done = shell(tested["run"], {**env, "GITHUB_ACTIONS": "true"}, tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    lines = (tmp_path / "output").read_text().splitlines()
    outputs = dict(line.split("=", 1) for line in lines)
    assert outputs == {
        "report-dir": given["report-dir"],
        "sarif": f"{given['report-dir']}/results.sarif",
        "exit-code": str(code),
    }
    assert not (tmp_path / "owned").exists()
    assert json.loads((tmp_path / outputs["sarif"]).read_text())["version"] == "2.1.0"
    assert ("::error title=" in done.stdout) is faulty


@pytest.mark.parametrize(("cloud", "extra"), [("", ""), ("backups", "[openstack]")])
def test_the_action_installs_itself(
    action: dict[str, Any], cloud: str, extra: str, tmp_path: Path
) -> None:
    """With a Python that notes its arguments: nothing is fetched in a test."""
    install = step(action, "Install")
    (kept,) = {
        each["with"]["path"] for each in action["runs"]["steps"] if "key" in each.get("with", {})
    }
    assert install["env"] == {
        "PIP_CACHE_DIR": kept,
        "SOURCE": "${{ github.action_path }}",
        "CLOUD": "${{ inputs.os-cloud || env.CSBS_OS_CLOUD }}",
    }
    fake = tmp_path / "python"
    fake.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/log\n'
        'if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi\n'
    )
    fake.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "RUNNER_TEMP": str(tmp_path / "temp"), "SOURCE": str(ROOT)}
    env["CLOUD"] = cloud
    done = shell(install["run"], env, tmp_path)
    assert done.returncode == 0, done.stderr
    venv, pip = (tmp_path / "log").read_text().splitlines()
    assert venv == f"-m venv {tmp_path}/temp/csbs-conformance"
    assert pip.endswith(f"--constraint {ROOT}/constraints.txt {ROOT}{extra}")


def test_the_gitlab_job_keeps_its_reports_and_the_badge(tmp_path: Path) -> None:
    (job,) = loaded("ci/gitlab.yml").values()
    assert job.keys() <= {"stage", "image", "variables", "script", "cache", "artifacts"}
    assert all(isinstance(value, str) for value in job["variables"].values())
    ours = {name for name in job["variables"] if name.startswith("CSBS_")} - {"CSBS_PACKAGE"}
    assert ours <= VARIABLES
    artifacts = job["artifacts"]
    assert artifacts["when"] == "always"
    pip = tmp_path / "pip"
    pip.write_text('#!/bin/sh\n[ "$3" = "$CSBS_PACKAGE" ]\n')
    pip.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), SCRIPTS, os.environ["PATH"]])
    env = {**job["variables"], "PATH": path, "CSBS_PROFILE": "smoke"}
    done = shell("\n".join(job["script"]), env, tmp_path)
    assert done.returncode == 0, done.stderr
    directory = tmp_path / job["variables"]["CSBS_REPORT_DIR"]
    assert artifacts["paths"] == [directory.name]
    assert (tmp_path / artifacts["reports"]["junit"]).is_file()
    badge = re.search(r"(?<=raw/)[\w/.-]+svg", (ROOT / "ci/gitlab.yml").read_text())
    assert badge is not None
    assert (tmp_path / badge[0]).is_file()


def test_the_hook_compares_the_document_named_in_its_arguments(tmp_path: Path) -> None:
    (hook,) = loaded(".pre-commit-hooks.yaml")
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    for name, fits in (("api/openapi.yaml", True), ("swagger.json", True), ("a.py", False)):
        assert bool(re.search(hook["files"], name)) is fits
    env = {"PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
    contract = shlex.quote(str(ROOT / "openapi.yaml"))
    assert shell(f"{hook['entry']} {contract}", env, tmp_path).returncode == 0
    text = (ROOT / "openapi.yaml").read_text().replace("protecting", "PROTECTING")
    (tmp_path / "odd.yaml").write_text(text)
    assert shell(f"{hook['entry']} odd.yaml", env, tmp_path).returncode == 1


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, with lines that go on joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    words = [line.split(None, 1) for line in lines if line.strip()]
    return [(word[0], " ".join(word[1].split())) for word in words]


def final_stage() -> list[tuple[str, str]]:
    found = instructions()
    starts = [place for place, (name, _) in enumerate(found) if name == "FROM"]
    assert len(starts) == 2
    return found[starts[-1] :]


def test_the_image_runs_the_command_as_a_user_without_rights() -> None:
    stage = final_stage()
    of = dict(stage)
    assert re.fullmatch(r"FROM python:3\.\d+-slim", " ".join(stage[0]))
    assert of["USER"] == "10001:10001"
    assert json.loads(of["ENTRYPOINT"]) == ["csbs-conformance"]
    assert json.loads(of["CMD"]) == ["--help"]
    assert of["HEALTHCHECK"] == "NONE"
    names = [name for name, _ in stage]
    assert names.index("USER") > max(
        place for place, name in enumerate(names) if name in {"RUN", "COPY"}
    )
    assert of["WORKDIR"] == "/work"
    assert "--owner=10001" in of["RUN"]


def test_nothing_that_builds_is_left_in_the_image() -> None:
    stage = final_stage()
    assert [argument for name, argument in stage if name == "COPY"] == [
        "--from=build /opt/csbs-conformance /opt/csbs-conformance"
    ]
    runs = " ".join(argument for name, argument in stage if name == "RUN")
    assert "pip uninstall" in runs
    assert not re.search(r"apt-get|pip install|curl|gcc", runs)
    before = " ".join(argument for name, argument in instructions() if name == "RUN")
    assert "--without-pip" in before
    assert "--no-cache-dir" in before
    assert not [name for name, _ in instructions() if name in {"ARG", "ADD"}]


def test_what_is_copied_is_there_and_nothing_else_reaches_the_builder() -> None:
    copied = next(argument for name, argument in instructions() if name == "COPY").split()[:-1]
    copied.append("conformance")
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert allowed == set(copied)
    assert all((ROOT / name).exists() for name in copied)
    last = [rule for rule in rules if rule.startswith("**/")]
    assert any(fnmatch("conformance/x.pyc", rule) for rule in last)
    project = (ROOT / "pyproject.toml").read_text()
    needed = set(
        re.findall(
            r'"([A-Za-z]+\.(?:md|yaml))"', project.split("[tool.hatch.build.targets.sdist]")[0]
        )
    )
    assert needed <= allowed
