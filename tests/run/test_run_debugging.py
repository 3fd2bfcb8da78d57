"""What `--debug` writes of waiting and repeating, and that no secret comes into it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from exchange_helpers import (
    CONTRACT,
    WORLD,
    AcceptsEverything,
    Recording,
    fixtures_of,
    records,
    run_against,
)

from conformance.clock import CLOCK
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Refusal, Request, Response
from conformance.model import Token
from conformance.plan.planner import Planner, Profile
from conformance.run.debugging import DebugLog


class AsksToWait(Recording):
    """Answers the tenth request with 429, and says for how long to wait."""

    def handle(self, request: Request) -> Response:
        if len(self.seen) == 9:
            self.seen.append(self.seen[-1])
            return self.render_refusal(
                Refusal(429, "any", "slow down", headers=(("Retry-After", "3"),))
            )
        return super().handle(request)


def told(directory: Path, event: str) -> list[dict[str, Any]]:
    return [each for each in records(directory / "debug.ndjson") if each["event"] == event]


def test_a_429_is_told_with_what_it_changes_and_why_the_request_is_repeated(
    tmp_path: Path,
) -> None:
    run_against(AsksToWait(), tmp_path, profile="smoke", debug=True)
    (quiet,) = told(tmp_path, "throttle.quiet")
    assert (quiet["seconds"], quiet["why"]) == (3.0, "Retry-After")
    (slowed,) = told(tmp_path, "throttle.slowed")
    assert (slowed["exchange"], slowed["in_flight"]) == (quiet["exchange"], 4)
    (again,) = told(tmp_path, "pursuit.repeats")
    assert again["exchange"] == quiet["exchange"]
    assert (again["seconds"], again["everyone_waits"]) == (3.0, True)


def test_what_the_limit_on_executions_left_is_told(tmp_path: Path) -> None:
    run_against(AcceptsEverything(), tmp_path, profile="standard", max_executions=3, debug=True)
    left = told(tmp_path, "courier.left")
    assert left
    assert {each["why"] for each in left} == {"the limit on executions was reached"}
    assert all(each["probe"] for each in told(tmp_path, "courier.postponed"))


def test_a_planner_says_why_it_left_a_request_out() -> None:
    planner = Planner(
        CONTRACT,
        fixtures_of("http://127.0.0.1"),
        profile=Profile.STANDARD,
        seed=1,
        only=("T3.plan_id.type",),
        max_executions=10,
    )
    planned = {probe.id for probe in planner.directed.probes}
    assert "--only asks for none of the clauses it decides" in planner.left_out.values()
    assert planner.left_out.keys().isdisjoint(planned)


def test_a_secret_is_taken_out_whoever_tells_it() -> None:
    token = WORLD.tokens[0].value
    file = io.StringIO()
    log = DebugLog(file, Path("debug.ndjson"), lambda: Secrets({Token.GOOD: token}), CLOCK)
    log("judge.found", received=f"a {token} b", all=[token], placeholder="{{token}}")
    (line,) = file.getvalue().splitlines()
    assert token not in line
    assert json.loads(line)["received"] == "a {{token}} b"
    assert json.loads(line)["placeholder"] == "{{token}}"
