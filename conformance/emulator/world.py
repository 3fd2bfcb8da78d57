"""The emulated world: which projects, tokens, policies and servers exist, and how they behave.

A world is described in TOML; ``default.toml`` beside this module is the built-in one and
documents every key.
"""

import math
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final, TypedDict, TypeVar

from conformance.emulator.error_codes import BY_CODE, ErrorKind
from conformance.files import MOST_OF_A_CONFIG, read_file
from conformance.limits import bounded_toml

PROVIDER_ID: Final = "fc4d5750-22e7-4798-8a46-f48f62c4c1da"
"""The only backup provider (table 1, ``provider_id``: the fixed value for CSBS)."""

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TOKEN: Final = re.compile(r"[!-+\--~]+")
_DEFAULT: Final = Path(__file__).with_name("default.toml")
_T = TypeVar("_T")


def canonical_id(value: str) -> str:
    """Return a UUID in lower case (RFC 9562 section 4), and anything else as it is."""
    return value.lower() if _UUID.fullmatch(value) else value


class WorldError(ValueError):
    """A world cannot be used: ``key`` is what is wrong in it, ``remedy`` what to do about it."""

    def __init__(self, key: str, remedy: str) -> None:
        """Take the dotted name of the key, and a sentence that tells what to write instead."""
        super().__init__(f"{key}: {remedy}")
        self.key = key
        self.remedy = remedy


class Fixtures(TypedDict):
    """What a client has to know to execute a policy of a world."""

    project_id: str
    provider_id: str
    plan_id: str
    resources: list[str]
    token: str
    forbidden_token: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """A project (table 1, ``project_id``)."""

    id: str


@dataclass(frozen=True, slots=True)
class Token:
    """A login to one project; without ``permitted`` it is valid but may not execute policies."""

    value: str = field(repr=False)
    project: str
    permitted: bool = True


@dataclass(frozen=True, slots=True)
class Server:
    """A server that can be backed up; ``state`` is the published code its backups meet.

    Backups that are begun end in error where there is a ``fail_reason``. ``az`` is the zone.
    """

    id: str
    name: str
    state: str | None = None
    az: str = "az1"
    fail_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A backup policy of a project, over the servers with the ids in ``servers``."""

    id: str
    name: str
    project: str
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the service behaves; all times in seconds.

    A policy executed less than ``busy_seconds`` ago is busy (0: never). ``quota`` executions are
    possible in all (None: no limit). A checkpoint is ``protecting`` for ``advance_seconds``, then
    ``available``. A deletion takes ``delete_seconds``. Every response takes ``latency``.
    """

    busy_seconds: float = 0.0
    quota: int | None = None
    advance_seconds: float = 5.0
    delete_seconds: float = 2.0
    latency: float = 0.0


@dataclass(frozen=True, slots=True)
class World:
    """Everything the service knows. Raises WorldError where the parts do not fit together."""

    projects: tuple[Project, ...]
    tokens: tuple[Token, ...]
    servers: tuple[Server, ...]
    policies: tuple[Policy, ...]
    settings: Settings = Settings()

    def __post_init__(self) -> None:
        """Check names, references and that a policy can be executed at all."""
        projects = _once("projects", "id", (project.id for project in self.projects))
        _once("tokens", "value", (token.value for token in self.tokens))
        servers = _once("servers", "id", (canonical_id(server.id) for server in self.servers))
        _once("policies", "id", (canonical_id(policy.id) for policy in self.policies))
        for at, token in enumerate(self.tokens):
            _check_token(f"tokens[{at}]", token, projects)
        for at, server in enumerate(self.servers):
            _check_state(f"servers[{at}].state", server.state)
        for at, policy in enumerate(self.policies):
            _check_policy(f"policies[{at}]", policy, projects, servers)
        self._usable()

    @classmethod
    def from_toml(cls, source: bytes | str | Path) -> "World":
        """Read a world from TOML text (bytes) or from the file of that path.

        Raises WorldError, for an unreadable file too; its ``key`` is then the path.
        """
        text = source if isinstance(source, bytes) else _read_file(Path(source))
        try:
            document = tomllib.loads(bounded_toml(text.decode("utf-8-sig")))
        except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, too deep
            raise WorldError("the file", f"is not TOML in UTF-8 ({error}); correct it") from None
        names = [part.name for part in fields(cls)]
        _only_known("", document, names)
        return cls(
            projects=_build_all(Project, document, "projects"),
            tokens=_build_all(Token, document, "tokens"),
            servers=_build_all(Server, document, "servers"),
            policies=_build_all(Policy, document, "policies"),
            settings=_build(Settings, document.get("settings", {}), "settings"),
        )

    @classmethod
    def default(cls) -> "World":
        """Return the built-in world of ``default.toml``."""
        return _default()

    def fixtures(self) -> Fixtures:
        """Return what a client needs: the first policy with servers that a token may execute."""
        policy, token = self._usable()
        forbidden = (
            other.value
            for other in self.tokens
            if other.project == policy.project and not other.permitted
        )
        return Fixtures(
            project_id=policy.project,
            provider_id=PROVIDER_ID,
            plan_id=policy.id,
            resources=list(policy.servers),
            token=token.value,
            forbidden_token=next(forbidden, None),
        )

    def _usable(self) -> tuple[Policy, Token]:
        for policy in self.policies:
            for token in self.tokens:
                if policy.servers and token.permitted and token.project == policy.project:
                    return policy, token
        raise WorldError(
            "policies",
            "none can be executed; add a [[policies]] with servers, and a [[tokens]] of its project"
            " with permitted = true",
        )


@cache
def _default() -> World:
    return World.from_toml(_DEFAULT)


def _read_file(path: Path) -> bytes:
    try:
        return read_file(path, MOST_OF_A_CONFIG)
    except OSError as error:
        raise WorldError(str(path), f"cannot be read ({error.strerror}); name a file") from None


def _once(table: str, key: str, values: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for at, value in enumerate(values):
        if value in seen:
            raise WorldError(f"{table}[{at}].{key}", "is used twice; give every entry its own")
        seen.add(value)
    return seen


def _check_token(key: str, token: Token, projects: set[str]) -> None:
    if not _TOKEN.fullmatch(token.value):
        raise WorldError(f"{key}.value", "use visible ASCII characters without space or comma")
    _check_project(f"{key}.project", token.project, projects)


def _check_state(key: str, state: str | None) -> None:
    codes = [code for code, row in BY_CODE.items() if row.kind in (ErrorKind.BUSY, ErrorKind.STATE)]
    if state is not None and state not in codes:
        raise WorldError(key, f"is no published busy or state code; use one of {', '.join(codes)}")


def _check_policy(key: str, policy: Policy, projects: set[str], servers: set[str]) -> None:
    _check_project(f"{key}.project", policy.project, projects)
    _once(f"{key}.servers", "id", map(canonical_id, policy.servers))
    for at, server in enumerate(policy.servers):
        if canonical_id(server) not in servers:
            raise WorldError(
                f"{key}.servers[{at}]", f"no server has the id {server!r}; add it under [[servers]]"
            )


def _check_project(key: str, project: str, projects: set[str]) -> None:
    if project not in projects:
        raise WorldError(key, f"no project has the id {project!r}; add it under [[projects]]")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_seconds(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value < math.inf  # type: ignore[operator]


_KINDS: Final[dict[object, tuple[Callable[[object], bool], str]]] = {
    str: (_is_text, "a text of one character or more"),
    str | None: (_is_text, "a text of one character or more"),
    bool: (lambda value: isinstance(value, bool), "true or false"),
    float: (_is_seconds, "a number of seconds, 0 or more"),
    int | None: (lambda value: type(value) is int and value >= 0, "a whole number, 0 or more"),
    tuple[str, ...]: (
        lambda value: isinstance(value, list) and all(map(_is_text, value)),
        "a list of texts",
    ),
}


def _build_all(kind: type[_T], document: dict[str, Any], name: str) -> tuple[_T, ...]:
    tables = document.get(name, [])
    if not isinstance(tables, list):
        raise WorldError(name, f"is not a list of tables; write [[{name}]]")
    return tuple(_build(kind, table, f"{name}[{at}]") for at, table in enumerate(tables))


def _build(kind: type[_T], table: object, key: str) -> _T:
    """Build a dataclass from a TOML table whose keys are its fields."""
    if not isinstance(table, dict):
        raise WorldError(key, "is not a table; write its keys below its heading")
    parts = fields(kind)  # type: ignore[arg-type]
    _only_known(f"{key}.", table, [part.name for part in parts])
    values = {}
    for part in parts:
        fits, wanted = _KINDS[part.type]
        if part.name not in table:
            if part.default is MISSING:
                raise WorldError(f"{key}.{part.name}", f"is missing; give {wanted}")
            continue
        value = table[part.name]
        if not fits(value):
            shown = repr(value) if part.repr else "of another type"
            raise WorldError(f"{key}.{part.name}", f"is {shown}; give {wanted}")
        values[part.name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def _only_known(prefix: str, table: dict[str, Any], names: list[str]) -> None:
    for name in table:
        if name not in names:
            shown = name if name.isprintable() else ascii(name)
            raise WorldError(f"{prefix}{shown}", f"is unknown; use {', '.join(names)}")
