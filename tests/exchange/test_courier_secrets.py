"""Tokens stand in no file of a run, whatever the target makes of them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from exchange_fakes import SendsWhatItIsGiven
from exchange_helpers import WORLD, Recording, run, run_against, settings_of

from conformance.emulator import Request, Response, World
from conformance.report.write import write_reports

HALVES = ("HeadHeadHead", "TailTailTail")
"""Either half of the token is enough to give it away."""
TOKEN = f"tA/b+c={HALVES[0]}1234/+={HALVES[1]}5678=="
SECRET_WORLD = replace(WORLD, tokens=(replace(WORLD.tokens[0], value=TOKEN), *WORLD.tokens[1:]))
NEAR_MISSES = ("S401.near-miss",)
Spelling = Callable[[str], str]


def percent_in_lower_case(text: str) -> str:
    return "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in text)


def percent_for_every_character(text: str) -> str:
    return "".join(f"%{ord(c):02X}" for c in text)


def json_with_slashes_escaped(text: str) -> str:
    return text.replace("/", "\\/")


def json_with_signs_escaped(text: str) -> str:
    return "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text)


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def base64_for_urls(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def hexadecimal(text: str) -> str:
    return text.encode().hex()


def hexadecimal_in_upper_case(text: str) -> str:
    return text.encode().hex().upper()


SPELLINGS: list[Spelling] = [
    str,
    quote,
    lambda text: quote(text, safe=""),
    json_with_slashes_escaped,
    base64_of,
    base64_for_urls,
    hexadecimal,
]
MISSED: list[Spelling] = [
    percent_in_lower_case,
    percent_for_every_character,
    json_with_signs_escaped,
    hexadecimal_in_upper_case,
]


class Echoes(Recording):
    """Repeats the token it was sent in a header and in the body of every response."""

    def __init__(self, spelling: Spelling, world: World) -> None:
        super().__init__(world)
        self.spelling = spelling

    def repeats(self, token: str) -> bool:
        return token == TOKEN

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        token = request.header("X-Auth-Token") or ""
        if not self.repeats(token):
            return response
        echo = self.spelling(token)
        body = response.body.rstrip().removesuffix(b"}") + b', "echo": "%b"}' % echo.encode()
        headers = (*response.headers, ("X-Echo", echo), ("X-Again", f"a {echo} b"))
        return replace(response, headers=headers, body=body)


class EchoesNearMisses(Echoes):
    """Repeats every token but the good one."""

    def repeats(self, token: str) -> bool:
        return token != TOKEN


def check_files(directory: Path, spelling: Spelling, secrets: tuple[str, ...]) -> None:
    """Check that no file holds one of the secrets, in plain or spelled like that."""
    files = [path for path in directory.iterdir() if path.is_file()]
    assert len(files) >= 7
    for path in files:
        text = path.read_bytes().decode("latin-1")
        for secret in secrets:
            assert secret not in text, f"{path.name} holds {secret}"
            spelled = spelling(secret).rstrip("=")
            assert spelled not in text, f"{path.name} holds {spelled}"


@pytest.mark.parametrize("spelling", [*SPELLINGS, *(pytest.param(each) for each in MISSED)])
def test_a_token_that_is_echoed_stands_in_no_file(spelling: Spelling, tmp_path: Path) -> None:
    service = Echoes(spelling, SECRET_WORLD)
    write_reports(run_against(service, tmp_path, profile="smoke", debug=True), tmp_path)
    assert service.executed
    check_files(tmp_path, spelling, (TOKEN, *HALVES))


@pytest.mark.parametrize(
    "spelling",
    [
        str,
        *(
            pytest.param(each)
            for each in [lambda text: quote(text, safe=""), json_with_slashes_escaped, base64_of]
        ),
    ],
)
def test_a_near_miss_that_is_echoed_stands_in_no_file(spelling: Spelling, tmp_path: Path) -> None:
    service = EchoesNearMisses(spelling, SECRET_WORLD)
    write_reports(run_against(service, tmp_path, only=NEAR_MISSES, debug=True), tmp_path)
    check_files(tmp_path, spelling, HALVES)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 %b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 400 No\r\nContent-Length: 2\r\nX-Token: %b\r\n\r\n{}",
        b"HTTP/1.1 400 No\r\nContent-Length: 48\r\n\r\n%b{}{}",
        *(
            pytest.param(
                answer,
            )
            for answer in (
                b"HTTP/1.1 400 No\r\n%b: 1\r\nContent-Length: 0\r\n\r\n",
                b"X-Auth-Token: %b\r\n\r\n",
                b"HTTP/1.1 400 No\r\nno field %b\r\n\r\n",
            )
        ),
    ],
)
def test_a_token_in_any_part_of_an_answer_stands_in_no_file(answer: bytes, tmp_path: Path) -> None:
    with SendsWhatItIsGiven(answer % TOKEN.encode()) as fake:
        settings = settings_of(fake.url, tmp_path, SECRET_WORLD, max_requests=10, debug=True)
        write_reports(run(settings), tmp_path)
    check_files(tmp_path, str, (TOKEN, *HALVES))


def test_the_forbidden_token_stands_in_no_file(tmp_path: Path) -> None:
    write_reports(run_against(Recording(), tmp_path, profile="smoke"), tmp_path)
    check_files(tmp_path, str, tuple(token.value for token in WORLD.tokens))


def test_every_file_is_readable_by_the_user_alone(tmp_path: Path) -> None:
    directory = tmp_path / "made" / "anew"
    write_reports(run_against(Recording(), directory, profile="smoke"), directory)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in directory.iterdir()}
    assert modes == dict.fromkeys(modes, "0o600")
    assert directory.stat().st_mode & 0o777 == 0o700
