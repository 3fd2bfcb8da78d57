"""A token that cannot be hidden without changing a verdict is told before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_helpers import TOKENS, Counting, command, target_options

from conformance.contract import load_contract
from conformance.emulator.app import serving
from conformance.errors import UsageError
from conformance.model import Token
from conformance.run.settings import Settings, emulator_settings

WORDS = ["checkpoint", "protecting", "resources", "application/json", "PROTECTING", "otection_p",
         "my-protection_plan-1", "Content-Type"]  # fmt: skip
SHORT = ["a", "a1", "12345"]


def settings(token: str, kind: Token = Token.GOOD) -> Settings:
    usual = emulator_settings(load_contract(), "http://127.0.0.1")
    return Settings(fixtures=usual.fixtures, tokens={**usual.tokens, kind: token})


@pytest.mark.parametrize("kind", [Token.GOOD, Token.FORBIDDEN])
@pytest.mark.parametrize("token", [*SHORT, *WORDS])
def test_a_token_that_cannot_be_hidden_is_refused_and_not_shown(token: str, kind: Token) -> None:
    with pytest.raises(UsageError, match=f"^the {kind.value} ") as refusal:
        settings(token, kind)
    assert len(token) < 3 or token not in str(refusal.value)


@pytest.mark.parametrize("token", ["123456", "my-checkpoint-1", "gAAAAABh-5f0d3c1b9a7e4826"])
def test_any_other_token_is_taken(token: str) -> None:
    assert settings(token).tokens[Token.GOOD] == token


@pytest.mark.parametrize("token", ["a1b2", "protecting"])
def test_such_a_token_is_wrong_use_and_nothing_is_sent(token: str, tmp_path: Path) -> None:
    service = Counting()
    with serving(service) as endpoint:
        done = command(
            "run", *target_options(endpoint), cwd=tmp_path, env={**TOKENS, "CSBS_TOKEN": token}
        )
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "the token" in done.err
    assert token not in done.out + done.err
    assert not service.seen
