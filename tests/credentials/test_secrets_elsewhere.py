"""A token goes to the endpoint and nowhere else; other secrets go nowhere they need not."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
import trustme
from secret_runs import FORBIDDEN, GOOD, TOKENS, run
from secret_targets import Repeats, Server, error, halves, message

PASSWORD = "p@ss/word:0123456789+Proxy"
PROXY_LOGIN = "http://user:p%40ss%2Fword%3A0123456789%2BProxy@127.0.0.1"
FEW = ("--max-requests", "30", "--time-limit", "10", "--max-executions", "30")


class Directs(Server):
    """Points to another server in every way that HTTP has."""

    def __init__(self, elsewhere: Server) -> None:
        super().__init__()
        self.elsewhere = elsewhere

    def respond(self, request: bytes) -> bytes:
        url = self.elsewhere.url
        statuses = ("301 Moved", "302 Found", "303 Other", "305 Proxy", "307 Moved", "308 Moved")
        status = statuses[len(self.requests) % len(statuses)]
        fields = [f"Location: {url}/v1", f"Content-Location: {url}/v1", f"Refresh: 0; url={url}"]
        fields += [f"Link: <{url}/v1>; rel=canonical", f'Alt-Svc: http/1.1="{url[7:]}"']
        return message(status, fields, f'<meta http-equiv="refresh" content="0;url={url}">', "html")


class Proxy(Repeats):
    """Forwards nothing: answers every request itself, and every CONNECT as it is told to."""

    def __init__(
        self, connected: bytes = b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
    ) -> None:
        super().__init__(GOOD)
        self.connected = connected

    def respond(self, request: bytes) -> bytes:
        return self.connected if request.startswith(b"CONNECT") else super().respond(request)


def test_no_server_that_an_answer_names_is_asked(tmp_path: Path) -> None:
    with Server() as elsewhere, Directs(elsewhere) as target:
        done = run(tmp_path, target.url, *FEW)
    assert any(GOOD.encode() in request for request in target.requests)
    assert elsewhere.requests == []
    assert done.leaks(GOOD, FORBIDDEN) == []


def test_nothing_of_the_environment_chooses_where_a_token_goes(tmp_path: Path) -> None:
    with Server() as elsewhere, Server() as target:
        names = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        (tmp_path / ".netrc").write_text(
            "machine 127.0.0.1 login user password netrc-password-0123\n"
        )
        env = {**TOKENS, **dict.fromkeys(names, elsewhere.url), "HOME": str(tmp_path)}
        env["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        run(tmp_path, target.url, *FEW, env=env)
    assert any(GOOD.encode() in request for request in target.requests)
    assert elsewhere.requests == []
    assert not any(b"authorization" in request.lower() for request in target.requests)


@pytest.mark.parametrize("reply", ["302 Found\r\nLocation: {url}", "407 No", "200 OK"])
def test_a_proxy_gets_no_token_of_a_target_with_tls(reply: str, tmp_path: Path) -> None:
    with Server() as elsewhere:
        line = f"HTTP/1.1 {reply.format(url=elsewhere.url)}\r\n\r\n"
        with Proxy(line.encode()) as proxy:
            done = run(tmp_path, "https://csbs.example", "--proxy", proxy.url, *FEW)
    assert proxy.requests
    assert all(request.startswith(b"CONNECT csbs.example:443 ") for request in proxy.requests)
    assert not any(b"X-Auth-Token" in request for request in proxy.requests)
    assert elsewhere.requests == []
    assert done.leaks(GOOD, FORBIDDEN) == []


class EchoesItsLogin(Proxy):
    """Repeats what it was sent as a login: as it came, and decoded."""

    def respond(self, request: bytes) -> bytes:
        login = request.lower().partition(b"proxy-authorization: basic ")[2]
        start = len(request) - len(login)
        sent = request[start:].partition(b"\r\n")[0].decode()
        plain = base64.b64decode(sent).decode()
        one, two = halves(plain)
        fields = [f"X-Login: {sent}", f"X-Plain: {plain}", f"X-One: {one}", f"X-Two: {two}"]
        return message(f"407 {sent} is no login", fields, error(plain))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_no_login_is_told_without_it(scheme: str, tmp_path: Path) -> None:
    with Proxy(b"HTTP/1.1 407 No\r\n\r\n") as proxy:
        url = f"{PROXY_LOGIN}:{proxy.port}"
        done = run(tmp_path, f"{scheme}://csbs.example", "--proxy", url, *FEW)
    login = base64.b64encode(f"user:{PASSWORD}".encode())
    assert all(login in request for request in proxy.requests)
    assert done.leaks(PASSWORD, GOOD, FORBIDDEN, PROXY_LOGIN[12:]) == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_login_that_a_proxy_repeats_is_in_no_artefact(scheme: str, tmp_path: Path) -> None:
    with EchoesItsLogin() as proxy:
        url = f"{PROXY_LOGIN}:{proxy.port}"
        done = run(tmp_path, f"{scheme}://csbs.example", "--proxy", url, *FEW)
    assert proxy.requests
    assert done.leaks(PASSWORD) == []


@pytest.mark.parametrize("is_whole", [True, False])
def test_the_key_of_a_client_certificate_is_in_no_artefact(is_whole: bool, tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("client.example").private_key_and_cert_chain_pem.bytes()
    lines = [each for each in issued.decode().splitlines() if not each.startswith("-----")]
    secrets = [each for each in lines[: len(lines) // 3] if len(each) > 24]
    pem = issued if is_whole else issued.replace(b"-----END", b"----END", 1)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "client.pem").write_bytes(pem)
    (tmp_path / "work").mkdir()
    done = run(
        tmp_path / "work", "https://127.0.0.1:9", "--client-cert", "../keys/client.pem", *FEW
    )
    assert done.code == (3 if is_whole else 2)
    assert secrets
    assert done.leaks(*secrets) == []
