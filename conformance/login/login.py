"""The login that options ask for, and what it tells of the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.credentials.held import hold
from conformance.credentials.signing import Keys
from conformance.errors import UsageError
from conformance.login.environment import (
    forbidden_token,
    keys_from_environment,
    tokens_from_environment,
)
from conformance.login.source import TokenCommand, TokenFile, TokenSource
from conformance.model import Token
from conformance.urls import check_proxy

WAYS = ("token-env", "token-file", "token-command", "os-cloud", "ak-env")
"""Each is a way to log in."""


@dataclass(frozen=True)
class Login:
    """How requests are authenticated. `project_id` and `endpoint` are what the login knows.

    `source` is where the good token came from, and a fresh one can be had.
    """

    tokens: Mapping[Token, str] = field(repr=False)
    project_id: str | None = None
    endpoint: str | None = None
    source: TokenSource | None = field(default=None, repr=False)
    keys: Keys | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        hold(self.tokens.values())

    @property
    def given(self) -> frozenset[Token]:
        """What requests can be authenticated with."""
        signed = {Token.SIGNATURE} if self.keys else set()
        return frozenset({*self.tokens, *signed})

    def known_endpoint(self) -> str:
        """The endpoint that the login knows. Raises UsageError where it knows none."""
        if self.endpoint is None:
            raise UsageError("the catalogue of --os-cloud has no service csbs; give --endpoint")
        return self.endpoint


def log_in(given: Mapping[str, str | None], proxy: str | None = None) -> Login:
    """The login that the options `given` ask for; the identity service is reached over `proxy`.

    Raises UsageError for options that do not go together, and for a login that fails.
    """
    name, forbidden = given.get("os_cloud"), given.get("forbidden_token_env")
    check_ways(given)
    ak_env, sk_env = given.get("ak_env"), given.get("sk_env")
    if ak_env and sk_env:
        return Login(forbidden_token(forbidden), keys=keys_from_environment(ak_env, sk_env))
    if name is not None:
        return _of_cloud(name, proxy, forbidden)
    source = _source(given)
    if source is None:
        return Login(tokens_from_environment(given.get("token_env"), forbidden))
    tokens = {Token.GOOD: source.take().token, **forbidden_token(forbidden)}
    return Login(tokens, source=source)


def check_ways(given: Mapping[str, str | None], dashes: str = "--") -> None:
    """Raise UsageError for options of a login that do not go together."""
    used = [f"{dashes}{way}" for way in WAYS if given.get(way.replace("-", "_"))]
    if len(used) > 1:
        raise UsageError(f"{used[0]} is a way to log in, and so is {used[1]}; give one of them")
    if bool(given.get("ak_env")) != bool(given.get("sk_env")):
        raise UsageError(f"{dashes}ak-env and {dashes}sk-env go together; give both")


def _of_cloud(name: str, proxy: str | None, forbidden: str | None) -> Login:
    if not name:
        raise UsageError("--os-cloud is empty; give the name of a cloud in clouds.yaml")
    from conformance.login.openstack import cloud

    check_proxy(proxy)
    known = cloud(name, proxy)
    access = known.access()
    tokens = {Token.GOOD: access.token, **forbidden_token(forbidden)}
    return Login(tokens, access.project_id, access.endpoint, known)


def _source(given: Mapping[str, str | None]) -> TokenSource | None:
    """The file or the command that gives the token, if one was named."""
    file, command = given.get("token_file"), given.get("token_command")
    if file is not None:
        if not file:
            raise UsageError("--token-file is empty; give the name of a file")
        return TokenFile(Path(file))
    return TokenCommand(command) if command is not None else None
