"""What a user asks for, checked: one immutable value for all commands that plan or send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from conformance.contract import Contract, load_contract
from conformance.credentials.encodings import SHORTEST
from conformance.credentials.placeholders import Secrets
from conformance.credentials.signing import Keys
from conformance.errors import UsageError
from conformance.model import Fixtures, Token
from conformance.page.ids import same_id
from conformance.run.options import RunOptions, SendingOptions
from conformance.urls import check_proxy

HTTP_WORDS = (
    *("Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection"),
    *("Retry-After", "Location", "WWW-Authenticate", "Server", "chunked", "keep-alive"),
    *("application/json", "charset=utf-8", "text/plain", "text/html", "gzip, deflate"),
    *("error_code", "error_msg", *(status.phrase for status in HTTPStatus)),
)
"""Words of headers, status lines and error bodies; a token among them would be taken out."""

if TYPE_CHECKING:
    from conformance.login.source import TokenSource


@dataclass(frozen=True)
class Settings(SendingOptions):
    """What is to be sent to a target, and how. Secrets stay out of representations.

    `source` is where the good token came from, where it can be renewed. `keys` sign requests in the
    place of a token.

    Raises UsageError for a proxy that is none, for a token among what every report shows, and for
    one that cannot be hidden without changing what is judged.
    """

    fixtures: Fixtures
    tokens: Mapping[Token, str] = field(repr=False)
    report_dir: Path = RunOptions.report_dir
    plan: Path | None = None
    resume: bool = False
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    source: TokenSource | None = field(default=None, repr=False)
    keys: Keys | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_proxy(self.proxy)
        keys = (self.keys.access, self.keys.secret) if self.keys else ()
        _check_another(self.fixtures)
        _check_no_token_in(self.fixtures, (*self.tokens.values(), *keys))
        _check_can_be_hidden(self.tokens)

    @property
    def secrets(self) -> Secrets:
        """What is to be kept out of everything that is written, and what need not be."""
        password = urlsplit(self.proxy).password if self.proxy else None
        others = {"proxy-password": unquote(password)} if password else {}
        known = self.fixtures
        projects = (known.project_id, known.other_project_id)
        ids = (*projects, known.provider_id, known.plan_id, *known.resources)
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


def _check_can_be_hidden(tokens: Mapping[Token, str]) -> None:
    """Raise UsageError for a token that is short, or stands in what any response may say."""
    for token, text in tokens.items():
        name = token.value
        if 0 < len(text) < SHORTEST:
            raise UsageError(
                f"the {name} has fewer than {SHORTEST} characters, so that no report could hide "
                "it; use a longer one"
            )
    for token in _in_the_vocabulary(tuple(tokens.items())):
        raise UsageError(
            f"the {token.value} is, or holds, a word of the contract or of HTTP, so that hiding it "
            "would change what is judged; use another one"
        )


@lru_cache(maxsize=8)  # the settings of a run are made several times
def _in_the_vocabulary(tokens: tuple[tuple[Token, str], ...]) -> tuple[Token, ...]:
    """Those of the tokens that are not hidden without taking out what any response may say."""
    if not Secrets(dict(tokens)).occur_in(_vocabulary()):
        return ()
    alone = ((token, Secrets({Token.GOOD: text})) for token, text in tokens)
    return tuple(token for token, secrets in alone if secrets.occur_in(_vocabulary()))


@cache
def _vocabulary() -> str:
    """What responses say: the contract, and the names and words of HTTP that a judge looks at."""
    return " ".join((load_contract().text.decode("utf-8"), *HTTP_WORDS))


def _check_another(fixtures: Fixtures) -> None:
    """Raise UsageError where the other project is the one that the token is for."""
    other, project = fixtures.other_project_id, fixtures.project_id
    if other and project and same_id(other, project):
        raise UsageError("--other-project-id is the project of the token; give another, or none")


def _check_no_token_in(fixtures: Fixtures, tokens: Iterable[str]) -> None:
    ids = {
        "endpoint": fixtures.endpoint,
        "project-id": fixtures.project_id or "",
        "other-project-id": fixtures.other_project_id or "",
        "provider-id": fixtures.provider_id,
        "plan-id": fixtures.plan_id or "",
        "resource": " ".join(fixtures.resources),
    }
    for option, text in ids.items():
        if any(token in text for token in tokens if len(token) >= SHORTEST):
            raise UsageError(f"--{option} holds the token, which no report may show; leave it out")
