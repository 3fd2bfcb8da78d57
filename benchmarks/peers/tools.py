"""The tools: how each is installed, configured and run, and which lines of its output accuse."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.peers.inputs import FIXTURES, FORBIDDEN_TOKEN

SCRIPTS = Path(sysconfig.get_path("scripts"))
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
NODE = CACHE / "csbs-conformance-peers"
ENVIRONMENT = {
    "CSBS_TOKEN": FIXTURES["token"],
    "CSBS_FORBIDDEN_TOKEN": FORBIDDEN_TOKEN,
    "token": FIXTURES["token"],  # Specmatic: the variable named like the security scheme
    "HYPOTHESIS_STORAGE_DIRECTORY": str(NODE / "hypothesis"),  # its Unicode tables, built once
    "NODE_NO_WARNINGS": "1",
    "NO_COLOR": "1",
}
ENDPOINT = "{endpoint}"
SUITE = "csbs-conformance"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its commands, run in turn in a directory with the input files until one fails.

    `failure` finds the lines of the output that say what is wrong; `packages` are those of npm.
    """

    name: str
    commands: tuple[Sequence[str], ...]
    failure: str
    packages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    inconclusive: int | None = None
    notes: str = ""

    def failures(self, output: str) -> frozenset[str]:
        """What the tool says is wrong, without what changes from run to run."""
        found = re.findall(self.failure, re.sub(r"\x1b\[[0-9;]*m", "", output), re.MULTILINE)
        return frozenset(re.sub(r"[0-9a-f-]{32,}|\d+ms", "", line).strip() for line in found)


def _bin(package: str, name: str) -> str:
    return str(NODE / package / "node_modules" / ".bin" / name)


def tools(seed: int) -> tuple[Tool, ...]:
    """This suite and its peers; `{endpoint}` stands for the target."""
    resources = [part for server in FIXTURES["resources"] for part in ("--resource", server)]
    suite = [
        str(SCRIPTS / "csbs-conformance"), "run", "--endpoint", ENDPOINT,
        "--project-id", FIXTURES["project_id"], "--plan-id", FIXTURES["plan_id"], *resources,
        "--timeout", "2", "--report-dir", "report",
    ]  # fmt: skip
    schemathesis = [
        str(SCRIPTS / "schemathesis"), "--config-file", "schemathesis.toml", "run", "contract.json",
        "--url", ENDPOINT, "--header", f"X-Auth-Token: {FIXTURES['token']}", "--checks", "all",
        "--max-examples", "100", "--seed", str(seed), "--generation-database", "none",
        "--continue-on-failure", "--no-shrink", "--request-timeout", "2", "--no-color",
    ]  # fmt: skip
    specmatic = [
        "java", "-jar", str(NODE / "specmatic" / "node_modules" / "specmatic" / "specmatic.jar"),
        "test", f"--testBaseURL={ENDPOINT}", "--examples=examples",
    ]  # fmt: skip
    dredd = [
        _bin("dredd", "dredd"), "contract-3.0.json", ENDPOINT, "--hookfiles", "dredd-hooks.js",
        "--loglevel", "error", "--color=false",
    ]  # fmt: skip
    portman = [
        _bin("portman", "portman"), "--local", "contract-portman.json", "--baseUrl", ENDPOINT,
        "--portmanConfigFile", "portman.json", "--output", "collection.json",
    ]  # fmt: skip
    newman = [
        _bin("portman", "newman"), "run", "collection.json", "--timeout-request", "2000",
        "--ignore-redirects", "--color", "off",
    ]  # fmt: skip
    return (
        Tool(SUITE, (suite,), r"^✗ failed .+$", inconclusive=3),
        Tool("Schemathesis", (schemathesis,), r"^- .+$"),
        Tool(
            "Specmatic",
            (specmatic,),
            r"^ *(?:>> |Specification expected ).+$",
            packages=("specmatic@2.55.1",),
            needs=("npm", "java"),
            notes="No example can provoke 404: the narrowed contract names one policy.",
        ),
        Tool(
            "Dredd",
            (dredd,),
            r"^(?:fail: |body: |statusCode: |headers: |error: ).+$",
            packages=("dredd@14.1.0",),
            needs=("npm", "node"),
            notes="Cannot read OpenAPI 3.1: gets a 3.0 version made by the script. Its parser "
            "ignores `minLength` and `minItems`; it sends one request for each status.",
        ),
        Tool(
            "Portman + Newman",
            (portman, newman),
            r"^(?: *\d+\. +[A-Z]|Error: ).+$",
            packages=("@apideck/portman@1.33.0", "newman@6.2.2", "tslib@2.8.1"),
            needs=("npm", "node"),
            notes="The collection is made anew for each target, and its time counts. `tslib` is "
            "installed beside them: Portman needs it and does not declare it.",
        ),
    )


def installed(tool: Tool) -> str:
    """Install a tool if it is not there; returns what is missing, empty if nothing is."""
    if lacking := [program for program in tool.needs if shutil.which(program) is None]:
        return f"{', '.join(lacking)} is not on this machine"
    if not tool.packages:
        return ""
    directory = NODE / _directory(tool)
    marker = directory / "installed.json"
    if marker.exists() and json.loads(marker.read_text()) == list(tool.packages):
        return ""
    directory.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(directory)]
    done = subprocess.run([*command, *tool.packages], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"npm install failed: {' '.join(done.stderr.split())[:200]}"
    marker.write_text(json.dumps(tool.packages))
    return ""


def _directory(tool: Tool) -> str:
    return tool.name.split()[0].lower()


def release(tool: Tool) -> str:
    """Which version of a tool runs."""
    if tool.packages:
        return ", ".join(tool.packages)
    package = tool.name.lower()
    return f"{package} {version(package)}"
