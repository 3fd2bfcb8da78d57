"""Every option of a run, declared once: its name, type, default, unit, help, and who takes it.

The command line, the environment, configuration files, campaigns, `init`, the pytest plugin, the
Schemathesis extension, the action and the documentation take the options from here. The name of a
field is that of its option: `plan_id` is `--plan-id`, `CSBS_PLAN_ID`, and `plan-id` in a file.
"""

# ruff: noqa: RUF009  (a field that is an option is made by a function)

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from enum import Flag, auto
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from msgspec import Struct, structs

from conformance.model import SMOKE_EXECUTIONS

PREFIX = "CSBS"
"""How the environment variables of all options begin."""
REQUESTS, DEEP_REQUESTS = 250, 2000
"""The limit on requests where none is given, and that of the profile `deep`."""
_NAMED = re.compile(r"--(?!csbs-)([a-z][a-z-]*)")


class Front(Flag):
    """Who takes an option: `run` takes all, and a target of a campaign those of its class.

    FILE is a configuration file, and WRITTEN the one that `init` writes, in which options that are
    meant for one call have no place. EMBEDDED are the pytest plugin and the Schemathesis extension,
    and DELETE is the command that deletes what a run created.
    """

    PLAN = auto()
    JUDGE = auto()
    INIT = auto()
    FILE = auto()
    WRITTEN = auto()
    EMBEDDED = auto()
    ACTION = auto()
    DELETE = auto()


PLAN, JUDGE, INIT, FILE, WRITTEN, EMBEDDED, ACTION, DELETE = Front
TESTING = FILE | WRITTEN | EMBEDDED | ACTION


class Option(Struct, frozen=True):
    """An option; `kind` is the type of one value, which is one of `choices` if there are any.

    `unit` stands for a value in help texts, and `shown` is the default in words, if there is one;
    `short` is a letter that a command takes as well. A
    number is at least `least`, or above `above`, and at most `most`.
    """

    help: str
    fronts: Front
    unit: str = ""
    shown: str = ""
    short: str = ""
    least: int | None = None
    above: int | None = None
    most: int | None = None
    name: str = ""
    kind: type = str
    choices: tuple[str, ...] = ()
    is_repeated: bool = False
    default: Any = None

    @property
    def key(self) -> str:
        """Its name in a file, and behind dashes on the command line."""
        return self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable that gives it."""
        return f"{PREFIX}_{self.name.upper()}"

    @property
    def toml(self) -> tuple[type, ...]:
        """The types that its value may have in a TOML file."""
        if self.is_repeated:
            return (list,)
        if self.kind is float:
            return (int, float)
        return (self.kind,) if self.kind in (bool, int) else (str,)


def option(
    default: Any, fronts: Front, help: str, unit: str = "", *, in_repr: bool = True, **more: Any
) -> Any:
    """A field that is an option; `more` is as in `Option`."""
    shown = more.pop("shown", str(default) if default else "")
    declared = Option(help, fronts, unit, shown, default=default, **more)
    return field(default=default, metadata={"option": declared}, repr=in_repr)


# fmt: off
@dataclass(frozen=True, kw_only=True)
class TargetOptions:
    """What is tested."""

    endpoint: str | None = option(None, TESTING | PLAN | JUDGE | INIT | DELETE,
        "URL of the service. Default: the embedded emulator.", "URL")
    project_id: str | None = option(None, TESTING | PLAN | JUDGE | INIT,
        "Project that the token is for.", "ID")
    other_project_id: str | None = option(None, TESTING | PLAN,
        "Project that exists and that the token is not for: it must be refused as well.", "ID")
    provider_id: str | None = option(None, TESTING | PLAN | JUDGE,
        "Id of the provider. Default: the one that the page fixes.", "ID")
    plan_id: str | None = option(None, TESTING | PLAN | JUDGE | INIT,
        "Id of a backup policy of the project.", "ID")
    resource: tuple[str, ...] = option((), TESTING | PLAN | JUDGE | INIT,
        "Id of a server in the policy; may be given several times.", "ID")


@dataclass(frozen=True, kw_only=True)
class LoginOptions:
    """How to log in: where secrets are, and never secrets themselves."""

    token_env: str | None = option(None, (TESTING | PLAN | INIT | DELETE) & ~ACTION,
        "Variable that holds the token (CSBS_TOKEN).", "NAME")
    token_file: str | None = option(None, TESTING | PLAN | INIT | DELETE,
        "File that holds the token; read again when the token is rejected.", "FILE")
    token_command: str | None = option(None, TESTING | PLAN | INIT | DELETE,
        "Command that prints the token; run again when the token is rejected.", "COMMAND")
    forbidden_token_env: str | None = option(None, (TESTING | PLAN | INIT) & ~ACTION,
        "Variable that holds a valid token without permission (CSBS_FORBIDDEN_TOKEN).", "NAME")
    os_cloud: str | None = option(None, TESTING | PLAN | INIT | DELETE,
        "Cloud in clouds.yaml to log in to. It also gives the project and the endpoint if you do "
        "not.", "NAME")
    ak_env: str | None = option(None, TESTING | PLAN | INIT | DELETE,
        "Variable that holds an access key. Requests are then signed and carry no token.", "NAME")
    sk_env: str | None = option(None, TESTING | PLAN | INIT | DELETE,
        "Variable that holds the secret key of --ak-env.", "NAME")


@dataclass(frozen=True, kw_only=True)
class SendingOptions:
    """What is asked of a target, how it is sent, and how strictly it is judged."""

    profile: Literal["smoke", "standard", "deep"] = option("standard", TESTING | PLAN,
        "How many requests to plan: smoke is the fewest, deep adds live exploration.")
    seed: int = option(1, TESTING | PLAN,
        "Seed for generated requests and non-existent ids.", least=0)
    only: tuple[str, ...] = option((), TESTING | PLAN | JUDGE,
        "Test only clauses whose ids match, such as 'T6.*'.", "GLOB")
    max_requests: int | None = option(None, TESTING | PLAN, "Limit on requests.", least=1,
        shown=f"{REQUESTS}; deep: {DEEP_REQUESTS}")
    max_executions: int = option(10, TESTING | PLAN,
        f"Limit on executions of the policy; smoke never takes more than {SMOKE_EXECUTIONS}.",
        least=1)
    strict: bool = option(False, TESTING | JUDGE, "Fail the run for a broken should as well.")
    rate: float | None = option(None, TESTING | DELETE,
        "Limit on requests per second.", "PER_S", above=0)
    concurrency: int = option(8, TESTING, "Limit on requests under way at once.", least=1, most=64)
    timeout: float = option(10.0, TESTING | INIT | DELETE,
        "Time limit for one exchange.", "SECONDS", above=0)
    time_limit: float = option(300.0, TESTING | DELETE,
        "Time limit for the whole run.", "SECONDS", above=0)
    follow: float = option(0.0, FILE,
        "Afterwards, watch the backups that were created until they are available or in error, no "
        "longer than this.", "SECONDS", least=0)
    proxy: str | None = option(None, TESTING | PLAN | INIT | DELETE,
        "Proxy for every request.", "URL", in_repr=False)
    ca_bundle: Path | None = option(None, TESTING | INIT | DELETE,
        "PEM file of the certificates to trust, instead of the usual ones.", "FILE")
    client_cert: Path | None = option(None, TESTING | INIT | DELETE,
        "PEM file of the client certificate and its key.", "FILE")
    insecure: bool = option(False, TESTING | INIT | DELETE,
        "Do not check the certificate of the service.")

    @property
    def limit(self) -> int:
        """The limit on requests."""
        return self.max_requests or (DEEP_REQUESTS if self.profile == "deep" else REQUESTS)

    @property
    def execution_limit(self) -> int:
        """The limit on executions: with `smoke`, the lower of its own and the one given."""
        given = self.max_executions
        return min(given, SMOKE_EXECUTIONS) if self.profile == "smoke" else given


@dataclass(frozen=True, kw_only=True)
class WaiverOptions:
    """What may be broken."""

    waivers: Path | None = option(None, TESTING | JUDGE,
        "TOML file that lists clauses that may be broken, with a reason and a last day.", "FILE")


@dataclass(frozen=True, kw_only=True)
class GateOptions(WaiverOptions):
    """What may pass, and where results go besides."""

    baseline: Path | None = option(None, TESTING | JUDGE,
        "report.json of an earlier run. What was broken there does not fail this run.", "REPORT")
    sarif: Path | None = option(None, FILE | WRITTEN | JUDGE,
        "Also write the results as SARIF to this file.", "FILE")


@dataclass(frozen=True, kw_only=True)
class RunOptions(GateOptions, SendingOptions, LoginOptions, TargetOptions):
    """All options of a run."""

    config: Path | None = option(None, PLAN | JUDGE | EMBEDDED | ACTION | DELETE,
        "TOML file with these options.", "FILE")
    report_dir: Path = option(Path("reports/latest"), TESTING | PLAN | JUDGE,
        "Directory for the reports.", "DIR")
    resume: Path | None = option(None, FILE,
        "Continue the run in DIR, which was killed.", "DIR")
    failed: Path | None = option(None, Front(0),
        "Test only what the run in DIR did not keep, with its fixtures and options.", "DIR")
    watch: tuple[Path, ...] = option((), Front(0),
        "Test again whenever something below PATH changes; may be given several times.", "PATH")
    plan: Path | None = option(None, FILE | EMBEDDED,
        "Send the requests of a saved plan.ndjson.", "FILE")
    quiet: bool = option(False, FILE | WRITTEN | JUDGE | DELETE, "Print the verdict only.")
    verbose: bool = option(False, FILE, "Print each exchange as it happens, on standard error.",
        short="v")
    debug: bool = option(False, FILE | JUDGE,
        "Write debug.ndjson into --report-dir: why the suite did what it did.")
# fmt: on


@cache
def options_of(declared: type) -> tuple[Option, ...]:
    """The options among the fields of a class, in their order."""
    hints = get_type_hints(declared)
    return tuple(
        structs.replace(each.metadata["option"], name=each.name, **_type(hints[each.name]))
        for each in fields(declared)
        if "option" in each.metadata
    )


def _type(hint: Any) -> dict[str, Any]:
    """What a type says of an option; where it may be None, the other type counts."""
    if get_origin(hint) is Literal:
        return {"choices": get_args(hint)}
    kind = next((each for each in get_args(hint) if each is not NoneType), hint)
    return {"kind": kind, "is_repeated": get_origin(hint) is tuple}


OPTIONS = options_of(RunOptions)


def taken_by(front: Front) -> tuple[Option, ...]:
    """The options that a front takes."""
    return tuple(each for each in OPTIONS if front in each.fronts)


def names_in(declared: type) -> tuple[str, ...]:
    """The names of the options that a class declares."""
    return tuple(each.name for each in options_of(declared))


def prefixed(text: str) -> str:
    """A text of this suite that names options of `run`, as the pytest plugin names them."""
    return _NAMED.sub(r"--csbs-\1", text)


def as_variables(text: str) -> str:
    """A text of this suite that names options of `run`, with their environment variables."""
    return _NAMED.sub(lambda match: f"{PREFIX}_{match[1].upper().replace('-', '_')}", text)
