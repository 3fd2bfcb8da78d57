"""Runs the real command against every behaviour, several at once, and keeps what came of it.

Workers of one test session share the runs: whoever claims a behaviour first runs it, and all wait
for the same results, which lie in one directory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import hostile_bodies  # noqa: F401  (each puts its behaviours into the register)
import hostile_connections  # noqa: F401
import hostile_costs  # noqa: F401
import hostile_framing  # noqa: F401
import hostile_texts  # noqa: F401
import hostile_tls
import hostile_weather  # noqa: F401
from hostile_server import REGISTER, Behaviour, Target
from warm import WARM, wait

from conformance.emulator import World

AT_ONCE = 10
LONGEST_WAIT = 600.0
"""Seconds after which a test stops waiting for a run."""
LAUNCHER = Path(__file__).with_name("hostile_launcher.py")
KNOWN = World.default().fixtures()
TOKENS = {"CSBS_TOKEN": str(KNOWN["token"]), "CSBS_FORBIDDEN_TOKEN": str(KNOWN["forbidden_token"])}


@dataclass(frozen=True)
class Outcome:
    """How a run ended: exit code, seconds, seconds of CPU and peak of memory in bytes.

    `heard` is how many requests its target read, `left` whether it went to another host.
    """

    code: int
    seconds: float
    cpu: float
    peak: int
    heard: int
    left: bool


@dataclass(frozen=True)
class Runs:
    """The runs of this test session, in a directory that its workers share.

    Runs that are `cold` find no cache: each draws its generated requests anew.
    """

    directory: Path
    cold: bool = False

    def of(self, behaviour: Behaviour) -> Path:
        """Where a run keeps its outputs: the reports in `reports`, and `out` and `err`."""
        return self.directory / behaviour.name

    def outcome(self, behaviour: Behaviour) -> Outcome:
        """How the run against a behaviour ended, once it has."""
        path = self.of(behaviour) / "outcome.json"
        give_up = time.monotonic() + LONGEST_WAIT
        while not path.exists():
            assert time.monotonic() < give_up, f"{behaviour.name} was never run to its end"
            time.sleep(0.05)
        return Outcome(**json.loads(path.read_text()))

    def claim(self, behaviour: Behaviour) -> None:
        """Run a behaviour, unless somebody else does."""
        try:
            self.of(behaviour).mkdir()
        except FileExistsError:
            return
        partial = self.of(behaviour) / "outcome.partial"
        partial.write_text(json.dumps(asdict(self._run(behaviour))))
        partial.replace(self.of(behaviour) / "outcome.json")

    def _run(self, behaviour: Behaviour) -> Outcome:
        directory = self.of(behaviour)
        authority = directory / "authority.pem"
        hostile_tls.authority().cert_pem.write_to_path(str(authority))
        options = [str(authority) if o == hostile_tls.AUTHORITY else o for o in behaviour.options]
        with Target(behaviour) as target:
            done = subprocess.run(
                [
                    *(sys.executable, "-S", "-E", str(LAUNCHER), str(behaviour.killed_after)),
                    *(str(directory / "out"), str(directory / "err"), WARM, "run"),
                    *("--report-dir", str(directory / "reports"), "--endpoint", target.url),
                    *("--project-id", str(KNOWN["project_id"]), "--plan-id", str(KNOWN["plan_id"])),
                    *(part for each in KNOWN["resources"] for part in ("--resource", str(each))),
                    *options,
                ],
                env=_environment() | ({"XDG_CACHE_HOME": str(directory)} if self.cold else {}),
                cwd=directory,
                capture_output=True,
                check=True,
            )
            return Outcome(**json.loads(done.stdout), heard=target.heard, left=target.was_left)


def _environment() -> dict[str, str]:
    ours = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"}
    kept = {
        n: v
        for n, v in os.environ.items()
        if not n.startswith(("CSBS_", "GITHUB_")) and n not in ours
    }
    return {**kept, **TOKENS}


@contextmanager
def running(directory: Path, names: Collection[str]) -> Iterator[Runs]:
    """Run behaviours into a directory, those first that take longest."""
    wait()
    runs = Runs(directory)
    asked = (behaviour for name, behaviour in REGISTER.items() if name in names)
    longest_first = sorted(asked, key=lambda behaviour: -behaviour.takes)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for behaviour in longest_first:
            pool.submit(runs.claim, behaviour)
        yield runs
