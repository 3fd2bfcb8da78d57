"""The emulator at the end of a URL, and as a process."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from emulator_client import (
    PLAN,
    PROJECT,
    PROVIDER,
    TOKEN,
    WORLD,
    body_of,
    check_checkpoint_resp,
)

from conformance.emulator import Checkpoint, Request, Response, Service, Settings, run_emulator
from conformance.emulator.app import serving
from conformance.emulator.command import main
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.implementation import Implementation
from conformance.emulator.raw import RawService, serving_raw
from conformance.emulator.variants import VARIANTS

PATH = f"/v1/{PROJECT}/providers/{PROVIDER}/checkpoints"
ROOT = Path(__file__).parents[2]
CLAIM = "Content-Type: application/json\r\n"
LOGIN = {"X-Auth-Token": TOKEN, "Content-Type": "application/json"}
BODY = json.dumps(body_of()).encode()


def address(url: str) -> str:
    return url.removeprefix("http://")


def exchange(url: str, body: bytes = BODY, method: str = "POST") -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection(address(url), timeout=10)
    connection.request(method, PATH, body, LOGIN)
    response = connection.getresponse()
    result = response.status, response.read(), response.headers["Content-Type"]
    connection.close()
    return result


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(Service(WORLD)) as base:
        yield base


def test_an_execution_over_a_socket(url: str) -> None:
    connection = http.client.HTTPConnection(address(url), timeout=10)
    for _ in range(3):
        connection.request("POST", PATH, BODY, LOGIN)
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/json"
        assert parsedate_to_datetime(response.headers["Date"]).tzinfo is not None
        check_checkpoint_resp(json.loads(response.read())["checkpoint"])
    connection.close()


@pytest.mark.parametrize(
    "declared",
    [CATALOGUE["status-in-capitals"], VARIANTS["base-path"], VARIANTS["three-at-a-time"]],
    ids=["a fault", "a variant below a path", "a variant that writes its bytes itself"],
)
def test_every_implementation_is_served_alike(declared: Implementation) -> None:
    with declared.serve(WORLD) as base:
        assert urlsplit(base).path == declared.base_path
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)
        connection.request("POST", declared.base_path + PATH, BODY, LOGIN)
        assert connection.getresponse().status == 200
        connection.close()


def test_refusals_over_a_socket(url: str) -> None:
    assert exchange(url, b"{")[0] == 400
    status, body, media_type = exchange(url, method="GET")
    assert (status, media_type) == (405, "application/json")
    assert json.loads(body)["error_code"] == "CSBS.0405"
    assert exchange(url, method="HEAD")[:2] == (405, b"")


def test_a_body_over_the_limit_is_refused_and_the_connection_still_works(url: str) -> None:
    connection = http.client.HTTPConnection(address(url), timeout=10)
    connection.request("POST", PATH, BODY.ljust(3 << 20), LOGIN)
    response = connection.getresponse()
    assert response.status == 413
    response.read()
    connection.request("POST", PATH, BODY, LOGIN)
    assert connection.getresponse().status == 200
    connection.close()


def test_a_body_over_the_limit_is_not_read_to_its_end(url: str) -> None:
    host, port = address(url).split(":")
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {TOKEN}\r\n{CLAIM}"
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(f"{head}Content-Length: {1 << 40}\r\n\r\n".encode())
        client.sendall(b" " * (Service.max_body_bytes + 1))
        assert client.makefile("rb").readline().split()[1] == b"413"


@pytest.mark.parametrize("target", [PATH, f"http://example.test{PATH}?a=1", "/%zz", "*"])
def test_every_form_of_target_is_answered(url: str, target: str) -> None:
    host, port = address(url).split(":")
    login = f"X-Auth-Token: {TOKEN}\r\n{CLAIM}"
    head = f"POST {target} HTTP/1.1\r\nHost: x\r\n{login}Connection: close\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY)
        status_line = client.makefile("rb").readline()
    assert int(status_line.split()[1]) == (200 if PATH in target else 404)


def test_services_are_served_side_by_side() -> None:
    first, second = Service(WORLD), Service(WORLD)
    with serving(first) as one, serving(second) as two:
        assert one != two
        assert exchange(one)[0] == 200
    assert (len(first.executed), len(second.executed)) == (1, 0)


def test_the_end_does_not_wait_for_clients() -> None:
    executed = threading.Event()

    class Slow(Service):
        def render_execution(self, checkpoint: Checkpoint) -> Response:
            executed.set()
            return super().render_execution(checkpoint)

    with serving(Slow(replace(WORLD, settings=Settings(latency=3600)))) as base:
        host, port = address(base).split(":")
        idle = socket.create_connection((host, int(port)), timeout=10)
        waiting = http.client.HTTPConnection(address(base), timeout=10)
        waiting.request("POST", PATH, BODY, LOGIN)
        assert executed.wait(10)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        waiting.getresponse()
    idle.close()
    waiting.close()
    with pytest.raises(ConnectionRefusedError):
        exchange(base)


def test_answers_can_be_cut_off_or_left_out() -> None:
    class CutsOff(Service):
        def render_execution(self, checkpoint: Checkpoint) -> Response:
            return replace(super().render_execution(checkpoint), cut_after=5)

    class HangsUp(Service):
        def handle(self, request: Request) -> Response:
            return replace(super().handle(request), hang_up=True)

    with serving(CutsOff(WORLD)) as base, pytest.raises(http.client.IncompleteRead) as caught:
        exchange(base)
    assert len(caught.value.partial) == 5
    with serving(HangsUp(WORLD)) as base:
        for _ in range(2):
            with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
                exchange(base)


def start(*arguments: str) -> tuple["subprocess.Popen[str]", str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "conformance.emulator", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdout is not None
    return child, child.stdout.readline()


def url_in(line: str) -> str:
    return next(word for word in line.split() if word.startswith("http://"))


@pytest.mark.socket
def test_a_process_says_where_it_listens_and_ends_with_its_parent() -> None:
    child, line = start("--exit-with-parent")
    assert line.startswith("csbs emulator listening on http://127.0.0.1:")
    assert line.endswith(f" (project {PROJECT}, policy {PLAN}, token {TOKEN})\n")
    assert exchange(url_in(line))[0] == 200
    assert child.communicate(timeout=10) == ("", "")
    assert child.returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_process_cleanly(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    secret = "a-token-of-my-own"
    world = tmp_path / "world.toml"
    sample = ROOT / "conformance" / "emulator" / "default.toml"
    world.write_bytes(sample.read_bytes().replace(TOKEN.encode(), secret.encode()))
    child, line = start("--world", str(world))
    assert f"token in {world})" in line
    assert secret not in line
    child.send_signal(number)
    assert child.communicate(timeout=10) == ("", "")
    assert child.returncode == code


def test_what_cannot_be_used_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    port = address(url).split(":")[1]
    assert main(["--port", port]) == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in capsys.readouterr().err
    assert run_emulator(port=1 << 20) == 2
    assert "cannot listen" in capsys.readouterr().err
    world = tmp_path / "world.toml"
    world.write_text("[settings]\nquota = -1\n")
    assert run_emulator(world_path=world) == 2
    assert f"{world}: settings.quota: is -1" in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        main(["--nonsense"])
    assert caught.value.code == 2


def test_the_package_loads_no_web_framework() -> None:
    code = "import sys, conformance.emulator; print({'starlette', 'uvicorn'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "set()\n"


class HurriedService(RawService):
    """Waits a thousandth of a second for the next request of a connection."""

    idle_seconds = 0.001


def test_only_a_connection_that_was_used_is_closed_when_it_is_idle() -> None:
    """A busy machine may stop a client between connecting and its first request."""
    with serving_raw(HurriedService(WORLD)) as url:
        host, port = address(url).split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            time.sleep(0.02)
            head = f"POST {PATH} HTTP/1.1\r\nX-Auth-Token: {TOKEN}\r\n{CLAIM}"
            connection.sendall(f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode())
            time.sleep(0.02)
            connection.sendall(BODY)
            response = connection.makefile("rb").read()
    assert response.startswith(b"HTTP/1.1 200 ")
