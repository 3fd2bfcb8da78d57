"""A service that is handed its requests is seen as at the end of a connection."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from conformance.clock import CLOCK
from conformance.emulator import Request, Service, World
from conformance.emulator import Response as ServiceResponse
from conformance.emulator.app import serving_here
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.variants import VARIANTS
from conformance.exchange.client import Client, Connection
from conformance.model import Failure, Response, TransportFailure
from conformance.prove.direct import ENDPOINT, DirectClient

WORLD = World.default()
KNOWN = WORLD.fixtures()
PATH = f"/v1/{KNOWN['project_id']}/providers/{KNOWN['provider_id']}/checkpoints"
HEADERS = (("Content-Type", "application/json"), ("X-Auth-Token", KNOWN["token"]))
BODY = f'{{"checkpoint": {{"plan_id": "{KNOWN["plan_id"]}", "parameters": {{}}}}}}'.encode()


class Echo(Service):
    """Says what it was asked."""

    def handle(self, request: Request) -> ServiceResponse:
        """Give back the request, all but the address in it."""
        names = sorted(name for name, _ in request.headers)
        seen = (request.method, request.path, names, request.header("X-Auth-Token"), request.body)
        return ServiceResponse(404, (("X-Seen", request.path),), repr(seen).encode())


class Raising(Service):
    """Raises what nobody catches."""

    def handle(self, request: Request) -> ServiceResponse:
        """Divide by zero."""
        raise ZeroDivisionError


class HangsUp(Service):
    """Closes the connection, at once or within the body."""

    cut_after: int | None = None

    def handle(self, request: Request) -> ServiceResponse:
        """Close."""
        response = super().handle(request)
        if self.cut_after is None:
            return replace(response, hang_up=True)
        return replace(response, cut_after=self.cut_after)


class Cuts(HangsUp):
    """Closes the connection within the body."""

    cut_after = 10


class Late(Service):
    """Responds too late."""

    def handle(self, request: Request) -> ServiceResponse:
        """Wait."""
        return replace(super().handle(request), delay=60.0)


SERVICES = [
    *(Service, Echo, Raising, HangsUp, Cuts, Late),
    CATALOGUE["gzip-claimed-and-plain"].make,
    *(fault.make for fault in CATALOGUE.values() if fault.breaks == "S.listed"),
    *(each.make for each in VARIANTS.values() if each.make.__module__.endswith("http_forms")),
]


async def both(kind: type[Service]) -> list[Response | TransportFailure]:
    """What a client gets of a service over a connection, and without one."""
    found: list[Response | TransportFailure] = []
    connection = Connection(timeout=0.5)
    async with (
        serving_here(kind(WORLD)) as url,
        Client(connection, tls=False, permitted=None) as client,
    ):
        found.append(await client.send("POST", url + PATH, HEADERS, BODY))
    direct = DirectClient(kind(WORLD), CLOCK, connection.timeout)
    found.append(await direct.send("POST", ENDPOINT + PATH, HEADERS, BODY))
    return found


def comparable(response: Response | TransportFailure) -> object:
    """What of a response is the same whenever, wherever and in whatever framing it was given."""
    if isinstance(response, TransportFailure):
        return response.kind
    names = {name.lower() for name, _ in response.headers}
    headers = names - {"content-length", "transfer-encoding"}
    body = response.body if response.status >= 400 else len(response.body)
    return response.status, response.reason, headers, body, response.undecodable


@pytest.mark.parametrize("kind", SERVICES, ids=lambda kind: kind.__name__)
def test_a_response_is_the_same_with_and_without_a_connection(kind: type[Service]) -> None:
    served, direct = asyncio.run(both(kind))
    assert comparable(direct) == comparable(served)


def test_a_service_that_is_late_is_given_up() -> None:
    direct = DirectClient(Late(WORLD), CLOCK, 0.01)
    found = asyncio.run(direct.send("POST", ENDPOINT + PATH, HEADERS, BODY))
    assert found == TransportFailure(Failure.TIMEOUT, "0.01 s")
