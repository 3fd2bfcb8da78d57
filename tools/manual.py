"""Reference pages on the command line, the configuration file and the clauses.

They are made from the commands and the catalogue themselves, so that neither can drift.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from conformance.cli.main import main
from conformance.contract import load_contract
from conformance.docs.html import html_reference
from conformance.docs.markdown import markdown_reference, rendered
from conformance.docs.reference import Reference
from conformance.run import options as declared

TOML_NAMES = {bool: "boolean", int: "integer", float: "float", str: "string", list: "list"}
PROGRAM = "csbs-conformance"
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command as a reader needs it.

    `variable` is the environment variable that gives it too; it is empty where there is none.
    """

    names: str
    value: str
    default: str
    help: str
    variable: str
    key: str
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, how it is called, what it does, and its options."""

    name: str
    usage: str
    help: str
    options: tuple[Option, ...]


def commands() -> Iterator[Command]:
    """Every command, in the order of `--help`."""
    parent = click.Context(main, info_name=PROGRAM)
    for name in main.list_commands(parent):
        command = main.get_command(parent, name)
        assert command is not None
        yield _command(command, name, parent)


def _command(command: click.Command, name: str, parent: click.Context) -> Command:
    context = click.Context(command, info_name=name, parent=parent, **command.context_settings)
    usage = " ".join([PROGRAM, name, *command.collect_usage_pieces(context)])
    paragraphs = (command.help or "").split("\n\n")
    return Command(
        name=name,
        usage=usage,
        help="\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs),
        options=tuple(
            _option(option, context)
            for option in command.params
            if isinstance(option, click.Option) and not option.hidden
        ),
    )


def _option(option: click.Option, context: click.Context) -> Option:
    facts = option.to_info_dict()
    prefix = context.auto_envvar_prefix
    variable = f"{prefix}_{option.name}".upper() if prefix and option.expose_value else ""
    return Option(
        names=", ".join(option.opts),
        value=_value(option, facts),
        default=_default(option),
        help=option.help or "",
        variable=variable,
        key=max(option.opts, key=len).lstrip("-"),
        is_repeated=option.multiple,
    )


def _value(option: click.Option, facts: dict[str, Any]) -> str:
    """What stands after the option: nothing for a flag."""
    if option.is_flag:
        return ""
    if option.metavar:
        return option.metavar
    kind = facts["type"]
    if choices := kind.get("choices"):
        return " or ".join(choices)
    if "min" in kind:
        least, most = kind["min"], kind["max"]
        bounds = f"above {least}" if kind["min_open"] else f"from {least}"
        return f"number {bounds}" + ("" if most is None else f" to {most}")
    return str(kind["name"]).upper()


def _default(option: click.Option) -> str:
    """The value without the option, where the command line says it."""
    if isinstance(option.show_default, str):
        return option.show_default
    return str(option.default) if option.show_default and not option.is_flag else ""


def pages() -> dict[str, Callable[[], str]]:
    """What makes each published page, by its path below `docs`."""
    reference = Reference(load_contract())
    return {
        "api/reference.md": lambda: markdown_reference(reference),
        "api/reference.html": lambda: html_reference(reference),
        "reference/command-line.md": lambda: rendered(
            HERE / "command-line.md.j2", commands=tuple(commands())
        ),
        "reference/configuration.md": lambda: rendered(
            HERE / "configuration.md.j2", options=_configurable()
        ),
        "reference/clauses.md": lambda: rendered(HERE / "clauses.md.j2", reference=reference),
    }


def _configurable() -> list[tuple[declared.Option, str]]:
    """The options that may stand in a configuration file, each with its types there."""
    return [
        (option, " or ".join(TOML_NAMES[kind] for kind in option.toml))
        for option in declared.taken_by(declared.Front.FILE)
    ]
