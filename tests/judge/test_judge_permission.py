"""A target that mistakes the token without permission for the good one, in a whole run."""

from __future__ import annotations

import asyncio
from pathlib import Path

from conformance.contract import load_contract
from conformance.emulator import Service, World
from conformance.emulator.app import serving
from conformance.emulator.messages import Refusal
from conformance.emulator.world import Token
from conformance.judge.verdicts import Verdict
from conformance.run.session import run
from conformance.run.settings import emulator_settings
from conformance.run.watcher import Watcher


class ForbidsEverybodyOnceSomebodyWas(Service):
    """The first 403 is remembered, and given to every token from then on."""

    def __init__(self) -> None:
        super().__init__(World.default())
        self.given: Refusal | None = None

    def authorise(self, token: Token) -> None:
        if self.given:
            raise self.given
        try:
            super().authorise(token)
        except Refusal as refusal:
            self.given = refusal
            raise


def test_a_token_that_had_permission_is_not_taken_for_a_wrong_fixture(tmp_path: Path) -> None:
    with serving(ForbidsEverybodyOnceSomebodyWas()) as endpoint:
        settings = emulator_settings(load_contract(), endpoint, report_dir=tmp_path)
        judgement = asyncio.run(run(load_contract(), settings, Watcher())).judgement
    assert judgement.verdict is Verdict.VIOLATES
