"""What a user asks for, checked: one immutable value for all commands that plan or send."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.model import Fixtures, Token

DEFAULT_SEED = 1
DEFAULT_REQUESTS = 250
DEEP_REQUESTS = 2000
DEFAULT_EXECUTIONS = 10
DEFAULT_TOKEN_VARIABLE = "CSBS_TOKEN"
DEFAULT_FORBIDDEN_VARIABLE = "CSBS_FORBIDDEN_TOKEN"


@dataclass(frozen=True)
class Settings:
    """The options of `run` and `plan`. Times are in seconds. Tokens stay out of representations."""

    fixtures: Fixtures
    tokens: Mapping[Token, str] = field(repr=False)
    profile: str = "standard"
    seed: int = DEFAULT_SEED
    only: tuple[str, ...] = ()
    strict: bool = False
    max_requests: int = DEFAULT_REQUESTS
    max_executions: int = DEFAULT_EXECUTIONS
    rate: float | None = None
    concurrency: int = 8
    timeout: float = 10.0
    time_limit: float = 300.0
    report_dir: Path = Path("reports/latest")
    plan: Path | None = None
    resume: bool = False
    proxy: str | None = None
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    insecure: bool = False
    quiet: bool = False


def emulator_settings(contract: Contract, endpoint: str, **options: Any) -> Settings:
    """Settings for an emulator of the default world at `endpoint`, whose fixtures are known."""
    from conformance.emulator import World

    world = World.default().fixtures()
    tokens = {Token.GOOD: world["token"]}
    if world["forbidden_token"]:
        tokens[Token.FORBIDDEN] = world["forbidden_token"]
    fixtures = Fixtures(
        endpoint=endpoint,
        provider_id=contract.provider_id,
        project_id=world["project_id"],
        plan_id=world["plan_id"],
        resources=tuple(world["resources"]),
        tokens=frozenset(tokens),
    )
    return Settings(fixtures=fixtures, tokens=tokens, **options)


def checked_endpoint(url: str) -> str:
    """An endpoint, without a slash at its end. Raises UsageError for what is none."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise UsageError(f"--endpoint {url!r}: give a URL such as https://csbs.region.cloud")
    if parts.username or parts.password:
        raise UsageError("--endpoint: leave user and password out of the URL")
    if parts.query or parts.fragment:
        raise UsageError(f"--endpoint {url!r}: leave the query and fragment out of the URL")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(f"--endpoint {url!r}: write the URL in ASCII, percent-encoded, unspaced")
    return url.rstrip("/")


def tokens_from_environment(
    token_variable: str | None, forbidden_variable: str | None
) -> dict[Token, str]:
    """The tokens in the environment; None as a name stands for the default variable.

    Raises UsageError where the good token, or one whose variable was named, is not there, or where
    a token cannot be sent in a header.
    """
    tokens = {}
    good = token_variable or DEFAULT_TOKEN_VARIABLE
    tokens[Token.GOOD] = _variable(good, "--token-env")
    forbidden = forbidden_variable or DEFAULT_FORBIDDEN_VARIABLE
    if forbidden_variable or os.environ.get(forbidden):
        tokens[Token.FORBIDDEN] = _variable(forbidden, "--forbidden-token-env")
    return tokens


def _variable(name: str, option: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise UsageError(f"{option}: the environment variable {name} is not set; export it first")
    if not value.isascii() or not value.isprintable():
        raise UsageError(f"{option}: {name} holds characters that no header can carry")
    return value


def read_config(path: Path, kinds: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """The options in a TOML file, by parameter name; `kinds` has those that may stand there.

    Raises UsageError for a file that cannot be read, for a name that is no option, and for a value
    of another type than the option's.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror}; give a readable file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {path}: not TOML ({error})") from None
    options = {}
    for key, value in found.items():
        name = key.replace("-", "_")
        if name not in kinds:
            raise UsageError(f"--config {path}: {key} is no option; see run --help")
        if isinstance(value, dict):
            raise UsageError(f"--config {path}: {key} is a table; give it a value")
        if type(value) not in kinds[name]:
            wanted = " or ".join(kind.__name__ for kind in kinds[name])
            raise UsageError(f"--config {path}: --{key} = {value!r} is no {wanted}; correct it")
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise UsageError(f"--config {path}: --{key} is no list of strings; correct it")
        options[name] = value
    return options
