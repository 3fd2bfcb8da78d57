"""Reads the TOML file of a campaign: defaults, targets, and matrices that stand for many targets.

    [defaults]            options that every target has where it does not say otherwise
    [[target]]            a target: `name`, and options as `run` has them
    [[matrix]]            targets for each combination of what stands under its `axes`
    [matrix.axes]
    region = ["eu", "us"]
    [group.NAME]          what targets with `group = "NAME"` share: limits, and windows of time

In the texts of a matrix `{region}` stands for a value of that axis, and `{REGION}` for the value as
names of variables are written: in capitals, with underscores.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from conformance.campaign.groups import Group
from conformance.campaign.target import NAME, Target, check
from conformance.campaign.windows import window
from conformance.errors import UsageError
from conformance.files import MOST_OF_A_CAMPAIGN, read_text
from conformance.limits import bounded_toml
from conformance.login.login import WAYS
from conformance.run.options import options_of
from conformance.run.reading import value_of
from conformance.text import shorten, visible_line

PARTS: Final = frozenset({"defaults", "group", "target", "matrix"})
SHARED: Final = ("rate", "concurrency", "windows")
"""What a group may have."""
OPTIONS: Final = {each.key: each for each in options_of(Target)}
SECRETS: Final = frozenset({"token", "forbidden-token", "password"})
MOST_TARGETS: Final = 200_000
LONGEST: Final = 200
_PLACE = re.compile(r"\{([A-Za-z][A-Za-z0-9_-]*)\}")

Table = dict[str, Any]


def read_campaign(path: Path) -> tuple[Target, ...]:
    """The targets of a campaign, in the order of its file.

    Raises UsageError for a file that cannot be read, and for a target that is not as it should be.
    """
    try:
        text = read_text(path, MOST_OF_A_CAMPAIGN)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give a readable file") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8; save it so") from None
    try:
        return targets_in(text, path.absolute().parent)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def targets_in(text: str, directory: Path) -> tuple[Target, ...]:
    """The targets that a TOML text describes; its relative paths begin at `directory`.

    Raises UsageError.
    """
    try:
        document = tomllib.loads(bounded_toml(text))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not TOML ({_told(error)})") from None
    if unknown := document.keys() - PARTS:
        what = visible_line(shorten(min(unknown), 40))
        raise UsageError(f"{what} is no part of a campaign; there are {', '.join(sorted(PARTS))}")
    defaults = _table(document.get("defaults", {}), "defaults")
    groups = _groups(_table(document.get("group", {}), "group"))
    tables = itertools.chain(
        _tables(document, "target"),
        (each for matrix in _tables(document, "matrix") for each in _expanded(matrix)),
    )
    targets = []
    for number, table in enumerate(itertools.islice(tables, MOST_TARGETS + 1), 1):
        if number > MOST_TARGETS:
            raise UsageError(f"more than {MOST_TARGETS:,} targets; make several campaigns of it")
        options = {**_without_overridden(defaults, table), **table}
        targets.append(_target(options, groups, number, directory))
    if not targets:
        raise UsageError("no target in it; add a [[target]] with a name and an endpoint")
    _check_names(targets)
    return tuple(targets)


def _without_overridden(defaults: Table, table: Table) -> Table:
    """The defaults but those of which the target gives another form: `token-file`, `token-env`."""

    def kind(option: str) -> str:
        is_login = option in (*WAYS, "sk-env")
        return "token" if is_login else re.sub("-(env|file)$", "", option)

    given = {kind(option) for option in table}
    return {option: value for option, value in defaults.items() if kind(option) not in given}


def _tables(document: Table, name: str) -> Iterator[Table]:
    found = document.get(name, [])
    if not isinstance(found, list):
        raise UsageError(f"{name} is no list of tables; write [[{name}]]")
    for each in found:
        yield _table(each, name)


def _table(value: Any, name: str) -> Table:
    if not isinstance(value, dict):
        raise UsageError(f"{name} is no table; write [{name}]")
    return value


def _expanded(matrix: Table) -> Iterator[Table]:
    """A table for each combination of the values of a matrix's axes."""
    axes = _table(matrix.get("axes", {}), "matrix.axes")
    texts = {name: value for name, value in matrix.items() if name != "axes"}
    if not axes:
        raise UsageError("a matrix has no axes; add [matrix.axes] with lists of strings")
    for axis, values in axes.items():
        fits = isinstance(values, list) and values and all(type(each) is str for each in values)
        if not fits or not _PLACE.fullmatch(f"{{{axis}}}"):
            shown = visible_line(shorten(axis, 40))
            raise UsageError(f"the axis {shown} is no list of strings; write {shown} = [...]")
    for combination in itertools.product(*axes.values()):
        chosen = dict(zip(axes, combination, strict=True))
        yield {name: _filled(value, chosen) for name, value in texts.items()}


def _filled(value: Any, chosen: Mapping[str, str]) -> Any:
    """A value of a matrix with the names of axes replaced by what was chosen."""
    if isinstance(value, list):
        return [_filled(each, chosen) for each in value]
    if not isinstance(value, str):
        return value
    in_capitals = {
        name.upper(): re.sub(r"\W", "_", each.upper(), flags=re.ASCII)
        for name, each in chosen.items()
    }
    words = {**in_capitals, **chosen}

    def filled(match: re.Match[str]) -> str:
        if match[1] not in words:
            raise UsageError(f"{shorten(match[0], 40)} names no axis of its matrix")
        return words[match[1]]

    return _PLACE.sub(filled, value)


def _groups(tables: Table) -> dict[str, Group]:
    """The groups by name."""
    found = {}
    for name, each in tables.items():
        told = f"group {visible_line(shorten(name, 100))}"
        table = _table(each, told.replace(" ", "."))
        try:
            if not NAME.fullmatch(name):
                raise UsageError("its name has to be of letters, digits, '.', '_' and '-'")
            if unknown := table.keys() - set(SHARED):
                raise UsageError(
                    f"unknown field `{shorten(min(unknown), 40)}`; give {' or '.join(SHARED)}"
                )
            if not table:
                raise UsageError(f"it has no limit; give {' or '.join(SHARED)}")
            limits = {key: _limit(key, value) for key, value in table.items()}
        except UsageError as error:
            raise UsageError(f"{told}: {_told(error)}") from None
        found[name] = Group(name, **limits)
    return found


def _limit(key: str, value: Any) -> Any:
    if key in OPTIONS:
        return value_of(OPTIONS[key], value)
    if not isinstance(value, list) or not value or not all(type(each) is str for each in value):
        raise UsageError(f'{key} is no list of strings; write {key} = ["22:00-06:00"]')
    return tuple(map(window, value))


def _target(table: Table, groups: Mapping[str, Group], number: int, directory: Path) -> Target:
    name = table.get("name")
    shown = name if isinstance(name, str) else f"number {number}"
    told = f"target {visible_line(shorten(shown, 100))}"
    if secret := sorted(SECRETS & table.keys()):
        hint = f"name where it is: {secret[0]}-env or {secret[0]}-file"
        raise UsageError(f"{told}: {secret[0]} is a secret, and does not belong here; {hint}")
    try:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise UsageError("its name has to be of letters, digits, '.', '_' and '-', at most 100")
        options = {key: value for key, value in table.items() if key != "name"}
        target = Target(name=name, **dict(_values(options, directory)))
        if target.group is not None:
            if target.group not in groups:
                raise UsageError(f"its group is not there; add [group.{shorten(target.group, 40)}]")
            target = replace(target, limits=groups[target.group])
        check(target)
    except UsageError as error:
        raise UsageError(f"{told}: {_told(error)}") from None
    return target


def _values(table: Table, directory: Path) -> Iterator[tuple[str, Any]]:
    """The options in a table by their names. A relative path begins at the campaign's file."""
    for key, value in table.items():
        option = OPTIONS.get(key)
        if option is None:
            raise UsageError(f"unknown field `{shorten(key, 40)}`; see run --help")
        if option.unit == "FILE" and isinstance(value, str):
            value = str(directory / Path(value).expanduser())
        yield option.name, value_of(option, value)


def _check_names(targets: Sequence[Target]) -> None:
    """Every target has a directory of its own, also where file names have no case."""
    seen: set[str] = set()
    for target in targets:
        if target.name.lower() in seen:
            raise UsageError(f"two targets are called {target.name}; give each a name of its own")
        seen.add(target.name.lower())


def _told(error: Exception) -> str:
    return shorten(visible_line(str(error)), LONGEST)
