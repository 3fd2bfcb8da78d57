"""The client that the settings of a run ask for."""

from __future__ import annotations

from conformance.errors import UsageError
from conformance.exchange.client import Client, Connection
from conformance.page.permitted import Permission, Permitted
from conformance.run.settings import Settings


def client_for(settings: Settings, permitted: Permission | None = None) -> Client:
    """The client that the settings ask for; it tests a target where nothing else is permitted.

    Raises UsageError.
    """
    tls = settings.fixtures.endpoint.startswith("https:")
    for option, path in (("ca-bundle", settings.ca_bundle), ("client-cert", settings.client_cert)):
        if path is not None and not path.is_file():
            raise UsageError(f"--{option} {path}: no such file; give a PEM file")
    try:
        gate = permitted or Permitted(settings.fixtures.endpoint)
        return Client(_connection(settings), tls=tls, permitted=gate)
    except OSError as error:
        files = [str(path) for path in (settings.ca_bundle, settings.client_cert) if path]
        option = "--ca-bundle" if settings.ca_bundle else "--client-cert"
        raise UsageError(f"{option} {' or '.join(files)}: {error}; give a PEM file") from None


def _connection(settings: Settings) -> Connection:
    return Connection(
        timeout=settings.timeout,
        concurrency=settings.concurrency,
        proxy=settings.proxy,
        ca_bundle=settings.ca_bundle,
        client_cert=settings.client_cert,
        insecure=settings.insecure,
    )
