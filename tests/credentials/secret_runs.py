"""The real command with canaries for secrets, and what it left behind."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from secret_scanning import artefacts_of, leaks
from warm import WARM

from conformance.emulator import World

KNOWN = World.default().fixtures()
GOOD = "CanaryHead/12+34=56-78_90abcdefTAILtail0a1b2c3d="
FORBIDDEN = "Forbidden#canary-9f8e7d6c5b4a39281706"
TOKENS = {"CSBS_TOKEN": GOOD, "CSBS_FORBIDDEN_TOKEN": FORBIDDEN}
NEVER_HANGS = 120.0


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and where it wrote."""

    code: int
    out: bytes
    err: bytes
    directory: Path

    def leaks(self, *secrets: str) -> list[str]:
        """Where one of the secrets can be read in all that the command left."""
        artefacts = artefacts_of(self.directory, self.out, self.err)
        return [leak for secret in secrets for leak in leaks(secret, artefacts)]


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment of the test, without what the command would read, and with `changes`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CSBS_")}
    return {**kept, **changes}


def target_options(endpoint: str) -> list[str]:
    """The options that describe the default world at `endpoint`."""
    ids = ("--project-id", KNOWN["project_id"], "--plan-id", KNOWN["plan_id"])
    return ["--endpoint", endpoint, *ids, "--resource", KNOWN["resources"][0]]


def run(
    directory: Path,
    endpoint: str,
    *options: str,
    env: Mapping[str, str] = TOKENS,
    umask: int = -1,
) -> Outcome:
    """Run `csbs-conformance run` in `directory`, with the reports below it."""
    started = start(directory, endpoint, *options, env=env, umask=umask)
    out, err = started.communicate(timeout=NEVER_HANGS)
    return Outcome(started.returncode, out, err, directory)


def start(
    directory: Path,
    endpoint: str,
    *options: str,
    env: Mapping[str, str] = TOKENS,
    umask: int = -1,
    program: str = WARM,
) -> subprocess.Popen[bytes]:
    """Start `csbs-conformance run` in `directory`; what is to be killed is a `program` COLD."""
    return subprocess.Popen(
        [program, "run", *target_options(endpoint), "--report-dir", "made/anew", *options],
        cwd=directory,
        env=environment(env),
        umask=umask,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
