"""Reading a world, and what is said about one that cannot be used."""

import re
from pathlib import Path

import pytest

import conformance.emulator
from conformance.emulator import PROVIDER_ID, Settings, Token, World, WorldError

DEFAULT = Path(conformance.emulator.__file__).with_name("default.toml")
TEXT = DEFAULT.read_text(encoding="utf-8")


def test_the_default_world_has_what_a_client_needs() -> None:
    known = World.default().fixtures()
    assert PROVIDER_ID == "fc4d5750-22e7-4798-8a46-f48f62c4c1da"
    assert known["provider_id"] == PROVIDER_ID
    assert re.fullmatch("[0-9a-f]{32}", known["project_id"])
    assert len(known["resources"]) == 3
    assert known["token"] != known["forbidden_token"]
    assert World.default().settings == Settings()


def test_a_world_is_read_from_bytes_and_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "world.toml"
    file.write_text(TEXT, encoding="utf-8")
    assert World.from_toml(file) == World.default()
    assert World.from_toml(str(file)) == World.default()
    assert World.from_toml(TEXT.encode()) == World.default()
    assert World.from_toml(TEXT.encode("utf-8-sig")) == World.default()


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("busy_seconds = 0 ", "busy_seconds = -1 ", "settings.busy_seconds"),
        ("busy_seconds = 0 ", "busy_seconds = true ", "settings.busy_seconds"),
        ("advance_seconds = 5", "advance_seconds = inf", "settings.advance_seconds"),
        ("latency = 0", "latency = '0'", "settings.latency"),
        ("delete_seconds = 2", "delete_seconds = -1", "settings.delete_seconds"),
        ("# fail_reason =", "fail_reason = 1 #", "servers[2].fail_reason"),
        ("# quota = 10", "quota = 1.5", "settings.quota"),
        ("busy_seconds", "busy_secs", "settings.busy_secs"),
        ("[settings]", "[setting]", "setting"),
        ("permitted = false", "permitted = 'no'", "tokens[1].permitted"),
        ('value = "emulator-sample-token-5f', 'value = "ü', "tokens[0].value"),
        ("value = ", "valve = ", "tokens[0].valve"),
        ("-without-permission-c81e", "-5f0d3c1b9a7e4826", "tokens[1].value"),
        ('name = "server0"', "", "servers[0].name"),
        ('name = "server0"', 'name = ""', "servers[0].name"),
        ("# state =", "state = 'CSBS.9006' #", "servers[2].state"),
        (
            "b2b433bf-7dd6-4a74-aa8f-85673dfbda48",
            "7A32A8B5-7977-4E24-B5DA-E0EB457DB75B",
            "servers[1].id",
        ),
        ('  "7a32a8b5-', '  "8a32a8b5-', "policies[0].servers[0]"),
        ("servers = [", "servers = 1 # [", "the file"),
        ("[[policies]]", "[policies]", "policies"),
        ("permitted = true", "permitted = false", "policies"),
        ('[[projects]]\nid = "b', '[[projects]]\nid = "c', "tokens[0].project"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, key: str) -> None:
    assert old in TEXT
    with pytest.raises(WorldError) as caught:
        World.from_toml(TEXT.replace(old, new).encode())
    assert caught.value.key == key
    assert str(caught.value) == f"{key}: {caught.value.remedy}"


def test_a_wrong_token_is_not_shown() -> None:
    with pytest.raises(WorldError) as caught:
        World.from_toml(b"tokens = [{value = 987654321, project = 'p'}]")
    assert "987654321" not in str(caught.value)
    assert "987654321" not in repr(Token("987654321", "p"))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorldError) as caught:
        World.from_toml(tmp_path / "none.toml")
    assert caught.value.key == str(tmp_path / "none.toml")


@pytest.mark.parametrize("text", [b"\xff", b"= 1", b"settings = 1", b"tokens = [1]", b""])
def test_any_other_text_is_a_world_error(text: bytes) -> None:
    with pytest.raises(WorldError):
        World.from_toml(text)
