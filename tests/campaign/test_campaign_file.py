"""The file of a campaign: defaults, targets, matrices, and what is wrong with it in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.campaign.file import read_campaign, targets_in
from conformance.campaign.groups import Group
from conformance.errors import UsageError

HERE = Path("/campaigns")
ONE = '[[target]]\nname = "one"\nendpoint = "https://one.example"\n'
SECRET = "gAAAAABh-secret-0123456789abcdef"


def test_defaults_hold_where_a_target_says_nothing_else() -> None:
    text = (
        '[defaults]\nprofile = "smoke"\ntoken-env = "CSBS_ALL"\nca-bundle = "ca.pem"\n'
        f'{ONE}{ONE.replace("one", "two")}profile = "standard"\ntoken-file = "../two.token"\n'
    )
    one, two = targets_in(text, HERE)
    assert (one.profile, one.token_env, one.token_file) == ("smoke", "CSBS_ALL", None)
    assert (two.profile, two.token_env, two.token_file) == (
        *("standard", None),
        str(HERE / "../two.token"),
    )
    assert one.ca_bundle == two.ca_bundle == HERE / "ca.pem"


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    (tmp_path / "campaign.toml").write_text(ONE, encoding="utf-8-sig")
    assert read_campaign(tmp_path / "campaign.toml") == targets_in(ONE, tmp_path)


@pytest.mark.parametrize(
    ("default", "own"),
    [
        ({"ak_env": "A", "sk_env": "S"}, {"token_command": "print"}),
        ({"token_env": "T"}, {"ak_env": "A", "sk_env": "S"}),
        ({"os_cloud": "x"}, {"token_env": "T"}),
    ],
)
def test_a_login_of_a_target_takes_the_place_of_the_default(
    default: dict[str, str], own: dict[str, str]
) -> None:
    def lines(options: dict[str, str]) -> str:
        return "".join(f'{name.replace("_", "-")} = "{each}"\n' for name, each in options.items())

    common = 'forbidden-token-env = "F"\n'
    (target,) = targets_in(f"[defaults]\n{common}{lines(default)}{ONE}{lines(own)}", HERE)
    assert {name: getattr(target, name) for name in own} == own
    assert {name: getattr(target, name) for name in default} == dict.fromkeys(default)
    assert target.forbidden_token_env == "F"


def test_a_target_has_the_limits_of_its_group() -> None:
    text = f'[group.eu]\nrate = 5\nconcurrency = 2\n{ONE}group = "eu"\n{ONE.replace("one", "two")}'
    one, two = targets_in(text, HERE)
    assert (one.limits, two.limits) == (Group("eu", 5.0, 2), None)
    assert (one.rate, one.concurrency) == (None, 8)


def test_a_matrix_is_a_target_for_each_combination() -> None:
    text = """
        [[matrix]]
        name = "{region}-{build}"
        endpoint = "https://{region}.example/{build}"
        resource = ["{build}", "same"]
        token-env = "CSBS_TOKEN_{REGION}"
        concurrency = 2
        [matrix.axes]
        region = ["eu-1", "us"]
        build = ["a", "b"]
    """
    targets = targets_in(text, HERE)
    assert [target.name for target in targets] == ["eu-1-a", "eu-1-b", "us-a", "us-b"]
    assert targets[1].endpoint == "https://eu-1.example/b"
    assert targets[1].resource == ("b", "same")
    assert targets[1].token_env == "CSBS_TOKEN_EU_1"
    assert {target.concurrency for target in targets} == {2}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no target in it"),
        ("[[target", "not TOML"),
        ("[settings]\n", "settings is no part"),
        ("target = 3\n", "no list of tables"),
        (ONE + 'colour = "red"\n', "unknown field `colour`"),
        (ONE + "concurrency = 0\n", "concurrency"),
        (ONE + "timeout = inf\n", "finite"),
        (ONE + 'resource = "a"\n', "resource"),
        (ONE + ONE, "two targets are called one"),
        (ONE + ONE.replace('"one"', '"ONE"'), "two targets are called ONE"),
        (ONE.replace('"one"', '"../one"'), "name"),
        (ONE.replace("https://one.example", "one.example"), "--endpoint"),
        ('[[target]]\nname = "one"\n', "it has no endpoint"),
        (ONE + 'plan-id = ""\n', "plan-id is empty"),
        (ONE + 'token-env = "A"\ntoken-file = "b"\n', "both given"),
        (ONE + 'os-cloud = "x"\ntoken-env = "A"\n', "token-env is a way to log in"),
        (
            ONE + 'ak-env = "A"\nsk-env = "S"\ntoken-command = "t"\n',
            "token-command is a way to log",
        ),
        (ONE + 'ak-env = "A"\n', "ak-env and sk-env go together"),
        (ONE + 'proxy = "http://proxy"\nproxy-env = "P"\n', "given twice"),
        ('[[matrix]]\nname = "x"\n', "no axes"),
        (ONE + 'group = "eu"\n', "its group is not there; add [group.eu]"),
        (ONE + "[group.eu]\n", "group eu: it has no limit; give rate or concurrency or windows"),
        (ONE + "[group.eu]\ntimeout = 3\n", "group eu: unknown field `timeout`; give rate or"),
        (ONE + '[group.eu]\nwindows = "22:00-06:00"\n', "windows is no list of strings"),
        (ONE + "[group.eu]\nwindows = []\n", "windows is no list of strings"),
        (ONE + '[group.eu]\nwindows = ["22-6"]\n', "22-6 is no window; write one such as"),
        (ONE + '[group.eu]\nwindows = ["24:00-06:00"]\n', "24:00-06:00 is no window"),
        (ONE + '[group.eu]\nwindows = ["22:60-06:00"]\n', "22:60-06:00 is no window"),
        (
            ONE + 'group = "eu"\n[group.eu]\nwindows = ["22:00-22:05"]\n',
            "its time-limit is longer than each window of its group",
        ),
        (ONE + "[group.eu]\nrate = 0\n", "group eu: "),
        (ONE + "[group]\neu = 3\n", "group.eu is no table"),
        ('[[matrix]]\nname = "{b}"\n[matrix.axes]\na = ["x"]\n', "{b} names no axis"),
        ('[[matrix]]\nname = "x"\n[matrix.axes]\na = [1]\n', "the axis a"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_campaign(file)
    assert told in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "line",
    [
        f'token = "{SECRET}"',
        f'forbidden-token = "{SECRET}"',
        f'token-env = "{SECRET}"',
        f'forbidden-token-env = "{SECRET}"',
        f'ak-env = "A"\nsk-env = "{SECRET}"',
        f'proxy-env = "{SECRET}"',
        f'proxy = "http://user:{SECRET}@proxy.example"',
        f'endpoint = "https://user:{SECRET}@one.example"',
    ],
)
def test_a_secret_is_refused_and_not_repeated(line: str) -> None:
    target = ONE if not line.startswith("endpoint") else '[[target]]\nname = "one"\n'
    with pytest.raises(UsageError) as caught:
        targets_in(f"{target}{line}\n", HERE)
    assert SECRET not in str(caught.value)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for document in (text, f"{ONE}{text}", f"[[matrix]]\n{text}\n[matrix.axes]\na = ['x']"):
        told = ""
        try:
            targets_in(document, HERE)
        except UsageError as error:
            told = str(error)
        assert not told or told.isprintable()
