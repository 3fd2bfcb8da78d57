"""A stand-in for the identity service: enough of Keystone v3 for keystoneauth1 to log in."""

from __future__ import annotations

import contextlib
import json
import secrets
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import yaml

USER, PASSWORD = "backup-tester", "correct-horse-battery-staple"


class Server(ThreadingHTTPServer):
    """Asks no name service for its own name."""

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])


@dataclass
class Identity:
    """Serves Keystone v3 on loopback. `tokens` are handed out in turn, then made up.

    `life` is in seconds. `catalogue` has the services with their addresses. `broken` is a status
    that every login is answered with, and `clock` by how much the service's clock is wrong.
    """

    project_id: str
    tokens: list[str] = field(default_factory=list)
    catalogue: dict[str, str] = field(default_factory=dict)
    life: float = 3600.0
    clock: float = 0.0
    broken: int | None = None
    body: bytes | None = None
    tls: ssl.SSLContext | None = None
    issued: list[str] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> Identity:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.seen.append(("GET", self.path))
                outer.answer(self, *outer.versions(self.path))

            def do_POST(self) -> None:
                outer.seen.append(("POST", self.path))
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.answer(self, *outer.log_in(self.path, json.loads(body)))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_port}"

    def answer(
        self, handler: BaseHTTPRequestHandler, status: int, value: Any, token: str = ""
    ) -> None:
        data = self.body if self.body is not None else json.dumps(value).encode()
        with contextlib.suppress(OSError):
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(data)))
            if status in (301, 307):
                handler.send_header("Location", str(value))
            if token:
                handler.send_header("X-Subject-Token", token)
            handler.end_headers()
            handler.wfile.write(data)

    def versions(self, path: str) -> tuple[int, Any]:
        v3 = {
            "id": "v3.14",
            "status": "stable",
            "links": [{"rel": "self", "href": f"{self.url}/v3/"}],
            "media-types": [],
        }
        match path.rstrip("/"):
            case "":
                return 300, {"versions": {"values": [v3]}}
            case "/v3":
                return 200, {"version": v3}
        return 404, {"error": {"code": 404, "message": "nothing here"}}

    def log_in(self, path: str, asked: Any) -> tuple[int, Any] | tuple[int, Any, str]:
        if self.broken:
            return self.broken, f"{self.url}/elsewhere"
        if path != "/v3/auth/tokens":
            return 404, {"error": {"code": 404, "message": "nothing here"}}
        given = asked["auth"]["identity"].get("password", {}).get("user", {})
        if (given.get("name"), given.get("password")) != (USER, PASSWORD):
            told = f"the password {given.get('password')} is wrong"
            return 401, {"error": {"code": 401, "message": told, "title": "Unauthorized"}}
        token = self.tokens.pop(0) if self.tokens else secrets.token_urlsafe(48)
        self.issued.append(token)
        return 201, {"token": self._described("scope" in asked["auth"])}, token

    def _described(self, is_scoped: bool) -> dict[str, Any]:
        now = datetime.now(UTC) + timedelta(seconds=self.clock)
        described: dict[str, Any] = {
            "methods": ["password"],
            "user": {"id": "u1", "name": USER, "domain": {"id": "default", "name": "Default"}},
            "issued_at": now.isoformat().replace("+00:00", "Z"),
            "expires_at": (now + timedelta(seconds=self.life)).isoformat().replace("+00:00", "Z"),
            "audit_ids": ["a"],
        }
        if is_scoped:
            domain = {"id": "default", "name": "Default"}
            described["project"] = {"id": self.project_id, "name": "backups", "domain": domain}
            described["catalog"] = [
                {
                    "id": name,
                    "type": name,
                    "name": name,
                    "endpoints": [
                        {"id": name, "interface": "public", "region": "here", "region_id": "here",
                         "url": url}
                    ],
                }
                for name, url in self.catalogue.items()
            ]  # fmt: skip
        return described


def clouds(auth_url: str, *, project: str | None = "backups", **changes: Any) -> str:
    """A clouds.yaml with the cloud `test`; `changes` replace what it says."""
    auth = {
        "auth_url": auth_url,
        "username": USER,
        "password": PASSWORD,
        "user_domain_name": "Default",
    }
    if project:
        auth |= {"project_name": project, "project_domain_name": "Default"}
    auth |= changes.pop("auth", {})
    return yaml.safe_dump({"clouds": {"test": {"auth": auth, "region_name": "here", **changes}}})
