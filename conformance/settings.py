"""What a user asks for, checked: one immutable value for all commands that plan or send."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from conformance.contract import Contract
from conformance.encodings import SHORTEST
from conformance.errors import UsageError
from conformance.login.signing import Keys, keys_of
from conformance.model import Fixtures, Token
from conformance.report.text import visible_line
from conformance.secrets import Secrets

if TYPE_CHECKING:
    from conformance.login.source import TokenSource

DEFAULT_SEED = 1
DEFAULT_REQUESTS = 250
DEEP_REQUESTS = 2000
DEFAULT_EXECUTIONS = 10
DEFAULT_TOKEN_VARIABLE = "CSBS_TOKEN"
DEFAULT_FORBIDDEN_VARIABLE = "CSBS_FORBIDDEN_TOKEN"
_NAME_OF_A_VARIABLE = re.compile("[A-Z]{1,20}(_[A-Z]{1,20}){0,5}")
"""Names that are repeated in a message. Others might be a token, given in place of its name."""


@dataclass(frozen=True)
class Settings:
    """The options of `run` and `plan`. Times are in seconds. Secrets stay out of representations.

    `source` is where the good token came from, where it can be renewed. `keys` sign requests in the
    place of a token.

    Raises UsageError for a proxy that is none, and for a token among what every report shows.
    """

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
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    insecure: bool = False
    quiet: bool = False
    source: TokenSource | None = field(default=None, repr=False)
    keys: Keys | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_proxy(self.proxy)
        keys = (self.keys.access, self.keys.secret) if self.keys else ()
        _check_no_token_in(self.fixtures, (*self.tokens.values(), *keys))

    @property
    def secrets(self) -> Secrets:
        """What is to be kept out of everything that is written, and what need not be."""
        password = urlsplit(self.proxy).password if self.proxy else None
        others = {"proxy-password": unquote(password)} if password else {}
        known = self.fixtures
        ids = (known.project_id, known.provider_id, known.plan_id, *known.resources)
        public = tuple(filter(None, (known.endpoint, *ids)))
        return Secrets(self.tokens, others, public, keys=self.keys)


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
    shown = f" {url!r}" if re.fullmatch(r"\w+://[^@?#]*", url) else ""  # or it may hold a secret
    parts = _parts_of(url)
    if parts is None:
        raise UsageError(f"--endpoint{shown}: give a URL such as https://csbs.region.cloud")
    if parts.username or parts.password:
        raise UsageError("--endpoint: leave user and password out of the URL")
    if parts.query or parts.fragment:
        raise UsageError("--endpoint: leave the query and fragment out of the URL")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(f"--endpoint{shown}: write the URL in ASCII, percent-encoded, unspaced")
    return url.rstrip("/")


def check_proxy(url: str | None) -> None:
    """Raise UsageError for what is no URL of a proxy; not repeated, it may hold a password."""
    if url is not None and (_parts_of(url) is None or not url.isprintable() or " " in url):
        raise UsageError("--proxy: give a URL such as http://user:password@proxy.example:3128")


def _check_no_token_in(fixtures: Fixtures, tokens: Iterable[str]) -> None:
    ids = {
        "endpoint": fixtures.endpoint,
        "project-id": fixtures.project_id or "",
        "provider-id": fixtures.provider_id,
        "plan-id": fixtures.plan_id or "",
        "resource": " ".join(fixtures.resources),
    }
    for option, text in ids.items():
        if any(token in text for token in tokens if len(token) >= SHORTEST):
            raise UsageError(f"--{option} holds the token, which no report may show; leave it out")


def _parts_of(url: str) -> SplitResult | None:
    """The parts of an http or https URL with a host, or None."""
    try:
        parts = urlsplit(url)
        is_url = bool(parts.hostname) and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return None
    return parts if is_url else None


def tokens_from_environment(
    token_variable: str | None, forbidden_variable: str | None
) -> dict[Token, str]:
    """The tokens in the environment; None as a name stands for the default variable.

    Raises UsageError where the good token, or one whose variable was named, is not there, or where
    a token cannot be sent in a header.
    """
    good = token_variable or DEFAULT_TOKEN_VARIABLE
    return {Token.GOOD: _variable(good, "--token-env"), **forbidden_token(forbidden_variable)}


def forbidden_token(variable: str | None) -> dict[Token, str]:
    """The token without permission in the environment, if there is one.

    Raises UsageError where its variable was named and is not set, or holds no token.
    """
    name = variable or DEFAULT_FORBIDDEN_VARIABLE
    if not variable and not os.environ.get(name):
        return {}
    return {Token.FORBIDDEN: _variable(name, "--forbidden-token-env")}


def keys_from_environment(access_variable: str, secret_variable: str) -> Keys:
    """The access key and the secret key in two environment variables.

    Raises UsageError where one is not there, or cannot be one.
    """
    access = _variable(access_variable, "--ak-env")
    return keys_of(access, _variable(secret_variable, "--sk-env"), "--ak-env")


def _variable(name: str, option: str) -> str:
    value = os.environ.get(name, "").strip()
    is_name = bool(_NAME_OF_A_VARIABLE.fullmatch(name))
    if not value:
        named = f"the environment variable {name} is not set; export it first"
        unnamed = "no environment variable has that name; give a name, not the token itself"
        raise UsageError(f"{option}: {named if is_name else unnamed}")
    if not value.isascii() or not value.isprintable():
        named = name if is_name else "the variable"
        raise UsageError(f"{option}: {named} holds characters that no header can carry")
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
    except (ValueError, RecursionError) as error:  # ValueError: no TOML, no UTF-8, endless digits
        raise UsageError(f"--config {path}: not TOML ({visible_line(str(error))})") from None
    options = {}
    for key, value in found.items():
        name = key.replace("-", "_")
        if name not in kinds:
            raise UsageError(f"--config {path}: {visible_line(key)} is no option; see run --help")
        if isinstance(value, dict):
            raise UsageError(f"--config {path}: {name} is a table; give it a value")
        if type(value) not in kinds[name]:
            wanted = " or ".join(kind.__name__ for kind in kinds[name])
            raise UsageError(f"--config {path}: the value of --{key} is no {wanted}; correct it")
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise UsageError(f"--config {path}: --{key} is no list of strings; correct it")
        options[name] = value
    return options
