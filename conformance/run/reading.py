"""Reads options with click, for the command line and for fronts that have another, or none.

All fronts have the same names, environment variables, configuration file and checks.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from conformance.errors import UsageError
from conformance.files import MOST_OF_A_CONFIG, read_text
from conformance.limits import bounded_toml
from conformance.run.options import OPTIONS, PREFIX, Front, Option, taken_by
from conformance.text import visible_line

F = TypeVar("F", bound=Callable[..., Any])


class Number(click.FloatRange):
    """A finite number."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read the number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


class Directory(click.Path):
    """The path of a directory, which may not be there yet."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the path."""
        if not str(value):
            self.fail("it is empty; name a directory.", param, ctx)
        return super().convert(value, param, ctx)


class ClausePattern(click.types.StringParamType):
    """A pattern of clause ids, which a shell completes; the command checks whether any fits."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """The ids that begin with what was typed, and what they say for shells that show it."""
        from conformance.contract import load_contract
        from conformance.page.catalogue import catalogue

        return [
            CompletionItem(clause.id, help=clause.statement)
            for clause in catalogue(load_contract()).values()
            if clause.id.startswith(incomplete)
        ]


def type_of(option: Option) -> click.ParamType[Any]:
    """What reads a value of an option."""
    if option.choices:
        return click.Choice(option.choices)
    if option.kind is int:
        return click.IntRange(option.least, option.most)
    if option.kind is float:
        return Number(option.above, min_open=True)
    if option.kind is Path:
        return Directory() if option.unit == "DIR" else click.Path(path_type=Path)
    if option.unit == "GLOB":
        return ClausePattern()
    return click.BOOL if option.kind is bool else click.STRING


def takes(
    front: Front | None = None,
    helps: Mapping[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> Callable[[F], F]:
    """Give a command the options that a front takes, or all of them.

    `helps` and `defaults` are what the command says otherwise of some, by their names.
    """

    def decorate(command: F) -> F:
        for option in reversed(OPTIONS if front is None else taken_by(front)):
            attributes = _attributes(option)
            attributes["help"] = (helps or {}).get(option.name, attributes["help"])
            attributes["default"] = (defaults or {}).get(option.name, attributes["default"])
            names = (*([f"-{option.short}"] if option.short else []), f"--{option.key}")
            command = click.option(*names, **attributes)(command)
        return command

    return decorate


def _attributes(option: Option) -> dict[str, Any]:
    """An option as click has it."""
    is_config = option.name == "config"
    return {
        "type": type_of(option),
        "default": None if option.is_repeated else option.default,
        "show_default": bool(option.shown) if option.default is not None else option.shown or False,
        "metavar": option.unit or None,
        "multiple": option.is_repeated,
        "is_flag": option.kind is bool,
        "help": option.help,
        "is_eager": is_config,
        "expose_value": not is_config,
        "callback": _load_config if is_config else None,
    }


def _load_config(context: click.Context, _: click.Parameter, path: Path | None) -> Path | None:
    """Make the options of a configuration file the defaults of a command."""
    if path is not None:
        context.default_map = {**(context.default_map or {}), **read_config(path)}
    return path


def read_config(path: Path) -> dict[str, Any]:
    """The options in a TOML file, by name.

    Raises UsageError for a file that cannot be read, for a name that is no option, and for a value
    of another type than the option's.
    """
    try:
        found = tomllib.loads(bounded_toml(read_text(path, MOST_OF_A_CONFIG)))
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror}; give a readable file") from None
    except UnicodeDecodeError:
        raise UsageError(f"--config {path}: not UTF-8 text; give a TOML file") from None
    except (ValueError, RecursionError) as error:  # ValueError: no TOML, endless digits
        raise UsageError(f"--config {path}: not TOML ({visible_line(str(error))})") from None
    known = {option.name: option for option in taken_by(Front.FILE)}
    options = {}
    for key, value in found.items():
        name = key.replace("-", "_")
        if name not in known:
            raise UsageError(f"--config {path}: {visible_line(key)} is no option; see run --help")
        try:
            check_kind(known[name], value)
        except UsageError as error:
            raise UsageError(f"--config {path}: {error}") from None
        options[name] = value
    return options


def check_kind(option: Option, value: Any) -> None:
    """Raise UsageError for a value of a TOML file that is of another type than the option's."""
    if isinstance(value, dict):
        raise UsageError(f"{option.name} is a table; give it a value")
    if type(value) not in option.toml:
        wanted = " or ".join(kind.__name__ for kind in option.toml)
        raise UsageError(f"the value of --{option.key} is no {wanted}; correct it")
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        raise UsageError(f"--{option.key} is no list of strings; correct it")


def value_of(option: Option, value: Any) -> Any:
    """A value of a TOML file as the command line would have read it. Raises UsageError."""
    check_kind(option, value)
    if option.is_repeated:
        return tuple(value)
    try:
        return type_of(option).convert(value, None, None)
    except click.BadParameter as error:
        raise UsageError(f"{option.key}: {error.message}") from None


@dataclass(frozen=True)
class Values:
    """The value of every option, by its name, and the names of those that were given."""

    all: dict[str, Any]
    given: frozenset[str]

    @property
    def name_a_target(self) -> bool:
        """Whether they say what to test."""
        return bool(self.all["endpoint"] or self.all["os_cloud"])

    @property
    def report_dir(self) -> Path | None:
        """Where reports are to be written, if somebody said so."""
        return self.all["report_dir"] if "report_dir" in self.given else None


def read_options(
    arguments: Mapping[str, Any] | None = None, defaults: Mapping[str, Any] | None = None
) -> Values:
    """The options as `run` would get them.

    `arguments` beat the environment (`CSBS_PLAN_ID`), which beats a configuration file, which
    beats `defaults`. Raises UsageError for what `run` would not take.
    """
    options = taken_by(Front.EMBEDDED)
    params = [click.Option([f"--{each.key}"], **_attributes(each)) for each in options]
    command = click.Command("run", params=list[click.Parameter](params))
    words = [word for each in options for word in _words(each, (arguments or {}).get(each.name))]
    try:
        with command.make_context(
            "run", words, auto_envvar_prefix=PREFIX, default_map=dict(defaults or {})
        ) as context:
            sources = {name: context.get_parameter_source(name) for name in context.params}
    except click.ClickException as error:
        raise UsageError(error.format_message()) from None
    given = {name for name, source in sources.items() if source is not ParameterSource.DEFAULT}
    return Values(dict(context.params), frozenset(given))


def _words(option: Option, value: Any) -> Iterator[str]:
    """A value as words of a command line."""
    if value is None or value is False:
        return
    if option.kind is bool:
        yield f"--{option.key}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from (f"--{option.key}={item}" for item in value)
    else:
        yield f"--{option.key}={value}"
