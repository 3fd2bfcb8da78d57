"""What may stand in a configuration file, from the options of `run` themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

Value = str | bool | float | tuple[str, ...]
OF_ONE_CALL = frozenset({"config", "resume", "plan"})
"""Options for one call of a command, not for every one with a configuration."""


@dataclass(frozen=True, slots=True)
class Settable:
    """An option by its name in the file, what it is for, and its default.

    Where it has none there is a word in its place, in capitals, and None in the place of a number.
    """

    key: str
    help: str
    sample: Value | None


def settables(params: Sequence[click.Parameter]) -> Iterator[Settable]:
    """The options among the parameters of `run` that belong into a file, in their order."""
    for option in params:
        if isinstance(option, click.Option) and option.name not in OF_ONE_CALL:
            key = max(option.opts, key=len).lstrip("-")
            yield Settable(key, _help(option), _sample(option))


def _help(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return f"{option.help} One of {', '.join(option.type.choices)}."
    return option.help or ""


def _sample(option: click.Option) -> Value | None:
    if option.is_flag:
        return False
    if option.multiple:
        return (option.metavar or "...",)
    default = option.to_info_dict()["default"]
    if isinstance(option.type, click.IntRange | click.FloatRange):
        if isinstance(default, int | float):
            return default
        shown = option.show_default if isinstance(option.show_default, str) else ""
        found = re.match(r"\d+", shown)  # "250; deep: 2000"
        return int(found[0]) if found else None
    return str(default) if default is not None else option.metavar or "..."
