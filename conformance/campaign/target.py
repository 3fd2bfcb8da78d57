"""A target of a campaign: the options of its run, with secrets by reference alone.

A target is what a worker gets to know. Its variables and files are read there, so that no secret
is among the arguments of a task, nor in what Dask logs or shows.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from conformance.campaign.groups import Group
from conformance.campaign.windows import room_in
from conformance.credentials.signing import keys_of
from conformance.errors import UsageError
from conformance.login.environment import DEFAULT_TOKEN_VARIABLE
from conformance.login.login import Login, check_ways
from conformance.login.openstack import cloud
from conformance.login.source import TokenCommand, TokenFile, TokenSource, secret_in, sendable
from conformance.model import Token
from conformance.run.options import (
    Front,
    LoginOptions,
    SendingOptions,
    TargetOptions,
    WaiverOptions,
    option,
)
from conformance.run.selection import of_target
from conformance.run.settings import Settings
from conformance.urls import check_proxy, checked_endpoint

VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]{0,19}(_[A-Z0-9]{1,20}){0,7}")
"""Names of variables. Others might be a token, given in place of its name."""
REFERENCES: Final = ("token", "forbidden-token", "proxy")
"""What may be given as `NAME-env` or `NAME-file`."""

MARGIN: Final = 60.0
"""Seconds that a run may take beyond its time limit: to plan, to judge, to write."""
HERE: Final = Front(0)
"""Of options that are a target's alone."""
NAME: Final = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Target(WaiverOptions, SendingOptions, LoginOptions, TargetOptions):
    """The options of `run` for one target, and more that refer to secrets. Paths are absolute.

    `limits` are those of its group.
    """

    name: str
    forbidden_token_file: str | None = option(None, HERE, "File that holds it.", "FILE")
    proxy_env: str | None = option(None, HERE, "Variable that holds the URL.", "NAME")
    proxy_file: str | None = option(None, HERE, "File that holds the URL.", "FILE")
    group: str | None = option(None, HERE, "Group whose limits it shares.", "NAME")
    limits: Group | None = None

    def reference(self, name: str) -> tuple[str | None, str | None]:
        """The variable and the file that may hold a secret."""
        field_name = name.replace("-", "_")
        return getattr(self, f"{field_name}_env"), getattr(self, f"{field_name}_file")


def may_begin(target: Target, now: datetime) -> bool:
    """Whether a run of a target that begins now ends within the windows of its group."""
    windows = target.limits.windows if target.limits else ()
    return room_in(windows, now) >= longest(target)


def longest(target: Target) -> float:
    """Seconds after which a run of a target has ended."""
    return target.time_limit + MARGIN


def check(target: Target) -> None:
    """Raise UsageError for what can be told to be wrong before anything is sent."""
    if target.endpoint is None and target.os_cloud is None:
        raise UsageError("it has no endpoint; give endpoint or os-cloud")
    if target.endpoint is not None:
        checked_endpoint(target.endpoint)
    for name in ("project_id", "other_project_id", "provider_id", "plan_id", "os_cloud"):
        if getattr(target, name) == "":
            raise UsageError(f"{name.replace('_', '-')} is empty; give it a value, or leave it")
    for name in REFERENCES:
        if None not in target.reference(name):
            raise UsageError(f"{name}-env and {name}-file are both given; leave one of them out")
    _check_login(target)
    _check_proxy(target)
    windows = target.limits.windows if target.limits else ()
    if windows and max(each.length for each in windows) < longest(target):
        raise UsageError("its time-limit is longer than each window of its group; lower it")


def _check_login(target: Target) -> None:
    for name in (*REFERENCES, "ak", "sk"):
        variable = getattr(target, f"{name.replace('-', '_')}_env")
        if variable is not None and not VARIABLE.fullmatch(variable):
            raise UsageError(
                f"{name}-env is no name of a variable; give a name in capitals, not the secret"
            )
    check_ways(vars(target), "")


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


def settings_for_target(target: Target, directory: Path) -> Settings:
    """The settings of the run of a target that reports into `directory`. Raises UsageError."""
    proxy = target.proxy or _secret(target, "proxy")
    check_proxy(proxy)
    return settings_with(target, login_of(target, proxy), proxy, directory)


def settings_with(target: Target, login: Login, proxy: str | None, directory: Path) -> Settings:
    """The settings of a target for which somebody has logged in. Raises UsageError."""
    return of_target(target, target, login, proxy=proxy, report_dir=directory)


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
