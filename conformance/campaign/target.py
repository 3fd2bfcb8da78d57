"""A target of a campaign: the options of its run, with secrets by reference alone.

A target is what a worker gets to know. Its variables and files are read there, so that no secret
is among the arguments of a task, nor in what Dask logs or shows.
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from conformance.contract import Contract
from conformance.credentials.signing import keys_of
from conformance.errors import UsageError
from conformance.login.environment import DEFAULT_TOKEN_VARIABLE
from conformance.login.login import WAYS, Login
from conformance.login.openstack import cloud
from conformance.login.source import TokenCommand, TokenFile, TokenSource, secret_in, sendable
from conformance.model import Fixtures, Token
from conformance.run.settings import (
    DEEP_REQUESTS,
    DEFAULT_EXECUTIONS,
    DEFAULT_REQUESTS,
    Settings,
)
from conformance.urls import check_proxy, checked_endpoint

VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]{0,19}(_[A-Z0-9]{1,20}){0,7}")
"""Names of variables. Others might be a token, given in place of its name."""
REFERENCES: Final = ("token", "forbidden-token", "proxy")
"""What may be given as `NAME-env` or `NAME-file`."""

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Target(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """The options of `run` for one target; times are in seconds, paths absolute."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    endpoint: str | None = None
    project_id: str | None = None
    provider_id: str | None = None
    plan_id: str | None = None
    resource: tuple[str, ...] = ()
    token_env: str | None = None
    token_file: str | None = None
    token_command: str | None = None
    forbidden_token_env: str | None = None
    forbidden_token_file: str | None = None
    os_cloud: str | None = None
    ak_env: str | None = None
    sk_env: str | None = None
    proxy: str | None = None
    proxy_env: str | None = None
    proxy_file: str | None = None
    ca_bundle: str | None = None
    client_cert: str | None = None
    insecure: bool = False
    profile: Literal["smoke", "standard", "deep"] = "standard"
    seed: Annotated[int, msgspec.Meta(ge=0)] = 1
    only: tuple[str, ...] = ()
    strict: bool = False
    max_requests: Count | None = None
    max_executions: Count = DEFAULT_EXECUTIONS
    rate: Seconds | None = None
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=64)] = 8
    timeout: Seconds = 10.0
    time_limit: Seconds = 300.0
    waivers: str | None = None

    @property
    def requests(self) -> int:
        """The ceiling on requests."""
        default = DEEP_REQUESTS if self.profile == "deep" else DEFAULT_REQUESTS
        return self.max_requests or default

    def reference(self, name: str) -> tuple[str | None, str | None]:
        """The variable and the file that may hold a secret."""
        field_name = name.replace("-", "_")
        return getattr(self, f"{field_name}_env"), getattr(self, f"{field_name}_file")


def check(target: Target) -> None:
    """Raise UsageError for what can be told to be wrong before anything is sent."""
    if target.endpoint is None and target.os_cloud is None:
        raise UsageError("it has no endpoint; give endpoint or os-cloud")
    if target.endpoint is not None:
        checked_endpoint(target.endpoint)
    for option in ("project_id", "provider_id", "plan_id", "os_cloud"):
        if getattr(target, option) == "":
            raise UsageError(f"{option.replace('_', '-')} is empty; give it a value, or leave it")
    for name in REFERENCES:
        if None not in target.reference(name):
            raise UsageError(f"{name}-env and {name}-file are both given; leave one of them out")
    _check_login(target)
    _check_proxy(target)
    for option in ("rate", "timeout", "time_limit"):
        value = getattr(target, option)
        if value is not None and not math.isfinite(value):
            raise UsageError(f"{option.replace('_', '-')} is no finite number; give another")


def _check_login(target: Target) -> None:
    for name in (*REFERENCES, "ak", "sk"):
        variable = getattr(target, f"{name.replace('-', '_')}_env")
        if variable is not None and not VARIABLE.fullmatch(variable):
            raise UsageError(
                f"{name}-env is no name of a variable; give a name in capitals, not the secret"
            )
    if (target.ak_env is None) != (target.sk_env is None):
        raise UsageError("ak-env and sk-env go together; give both")
    used = [way for way in WAYS if getattr(target, way.replace("-", "_")) is not None]
    if len(used) > 1:
        raise UsageError(
            f"{used[0]} is a way to log in, and so is {used[1]}; leave one of them out"
        )


def _check_proxy(target: Target) -> None:
    check_proxy(target.proxy)
    if target.proxy is None:
        return
    if any(target.reference("proxy")):
        raise UsageError("proxy is given twice; leave proxy-env and proxy-file out")
    if "@" in urlsplit(target.proxy).netloc:
        raise UsageError("proxy holds a login; put the URL into a variable and name it: proxy-env")


def login_of(target: Target, proxy: str | None) -> Login:
    """Read the secrets of a target where its run takes place, or log in for it.

    Raises UsageError, which repeats none of them.
    """
    forbidden = _secret(target, "forbidden-token")
    others = {Token.FORBIDDEN: forbidden} if forbidden else {}
    if target.ak_env is not None and target.sk_env is not None:
        access_key, secret_key = _variable("ak", target.ak_env), _variable("sk", target.sk_env)
        return Login(others, keys=keys_of(access_key, secret_key, "ak-env"))
    source: TokenSource
    if target.os_cloud is not None:
        source = known = cloud(target.os_cloud, proxy)
        access = known.access()
    elif target.token_command is not None:
        source = TokenCommand(target.token_command, "token-command")
        access = source.take()
    elif target.token_file is not None:
        source = TokenFile(Path(target.token_file), "token-file")
        access = source.take()
    else:
        good = _variable("token", target.token_env or DEFAULT_TOKEN_VARIABLE)
        return Login({Token.GOOD: good, **others})
    tokens = {Token.GOOD: access.token, **others}
    return Login(tokens, access.project_id, access.endpoint, source)


def settings_of(target: Target, contract: Contract, directory: Path) -> Settings:
    """The settings of the run of a target that reports into `directory`. Raises UsageError."""
    proxy = target.proxy or _secret(target, "proxy")
    check_proxy(proxy)
    return settings_with(login_of(target, proxy), proxy, target, contract, directory)


def settings_with(
    login: Login, proxy: str | None, target: Target, contract: Contract, directory: Path
) -> Settings:
    """The settings of a target for which somebody has logged in. Raises UsageError."""
    endpoint = target.endpoint or login.endpoint
    if endpoint is None:
        raise UsageError("the catalogue of os-cloud has no service csbs; give endpoint")
    fixtures = Fixtures(
        endpoint=checked_endpoint(endpoint),
        provider_id=target.provider_id or contract.provider_id,
        project_id=target.project_id or login.project_id,
        plan_id=target.plan_id,
        resources=target.resource,
        tokens=login.given,
    )
    same: dict[str, Any] = {
        name: getattr(target, name)
        for name in (
            *("profile", "seed", "only", "strict", "max_executions", "rate", "concurrency"),
            *("timeout", "time_limit", "insecure"),
        )
    }
    return Settings(
        fixtures=fixtures,
        tokens=login.tokens,
        source=login.source,
        keys=login.keys,
        proxy=proxy,
        ca_bundle=_path(target.ca_bundle),
        client_cert=_path(target.client_cert),
        max_requests=target.requests,
        report_dir=directory,
        **same,
    )


def _path(name: str | None) -> Path | None:
    return Path(name) if name is not None else None


def _secret(target: Target, name: str) -> str | None:
    """What a target refers to, or None where it refers to nothing."""
    variable, file = target.reference(name)
    if variable is not None:
        return _variable(name, variable)
    return secret_in(Path(file), f"{name}-file") if file is not None else None


def _variable(name: str, variable: str) -> str:
    value = os.environ.get(variable, "").encode("utf-8", "surrogateescape")
    told = f"{name}-env: {variable}"
    return sendable(value, told, "it is not set where the run is; export it there")
