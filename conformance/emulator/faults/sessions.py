"""Faults with a session: an execution sets a cookie, and whoever brings it is known by that."""
# ruff: noqa: D102

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Checkpoint, CheckpointReq, Request, Response
from conformance.emulator.raw import RawService
from conformance.emulator.service import Service, utc_now
from conformance.emulator.world import Policy, Server, Token, World


class HasSessions(Service):
    """Sets a cookie with each execution; the request is as right without it."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._sessions: dict[str, Token] = {}

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        response = super().execute_policy(request, project_id, provider_id)
        session = f"sid={uuid.uuid4().hex}"
        self._sessions[session] = self.authenticate(request)
        cookie = ("Set-Cookie", f"{session}; Path=/; HttpOnly")
        return replace(response, headers=(*response.headers, cookie))

    def user_of(self, request: Request) -> Token | None:
        """Who a request comes from by its session, if it has one."""
        return self._sessions.get(request.header("Cookie") or "")


@fault("session-opens-without-a-token", breaks="S401.no-token")
class SessionOpensWithoutAToken(HasSessions):
    """Where there is no token, the session says who is asking."""

    def authenticate(self, request: Request) -> Token:
        user = None if self.token_value(request) else self.user_of(request)
        return user or super().authenticate(request)


@fault("session-beats-the-token", breaks="S401.near-miss", follows=("S403.forbidden-token",))
class SessionBeatsTheToken(HasSessions):
    """A token there must be, and whose it is the session says."""

    def authenticate(self, request: Request) -> Token:
        user = self.user_of(request) if self.token_value(request) else None
        return user or super().authenticate(request)


@fault("connection-keeps-who-came-over-it", breaks="S401.no-token")
class ConnectionKeepsWhoCameOverIt(RawService):
    """Whose token came over a connection is asking until it is closed."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._of_connection = threading.local()

    def authenticate(self, request: Request) -> Token:
        if not self.token_value(request):
            kept: Token | None = getattr(self._of_connection, "user", None)
            return kept or super().authenticate(request)
        self._of_connection.user = user = super().authenticate(request)
        return user


@fault("connection-keeps-the-plan-id", breaks="T3.plan_id.mandatory")
class ConnectionKeepsThePlanId(RawService):
    """A connection keeps the object that was executed: a `plan_id` left out next is that one."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._of_connection = threading.local()

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status != HTTPStatus.OK:
            self._of_connection.__dict__.clear()
        return response

    def parse_body(self, request: Request) -> Any:
        body = super().parse_body(request)
        match body:
            case {"checkpoint": dict(checkpoint)}:
                return {"checkpoint": {**self._of_connection.__dict__, **checkpoint}}
        return body

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        self._of_connection.plan_id = policy.id
        return super().execute(policy, servers, wanted)
