"""The options of `run` for fronts that have another command line, or none.

They are read by `run` itself: same names, environment variables, configuration file and checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from conformance.cli.options import GATE, gate_options, sending_options, target_options
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.gate.outcome import Excuses
    from conformance.run.settings import Settings

NOT_EMBEDDED = frozenset({"quiet", "resume", "sarif"})
"""Options that say what `run` prints and writes, and that go on with a run of its own."""
_OPTION = re.compile(r"--(?=[a-z])(?!csbs-)")


@click.command("run", context_settings={"auto_envvar_prefix": "CSBS"})
@target_options
@sending_options
@gate_options
def command(**_: Any) -> None:
    """Stands in for `run`: what to test, how to send, and what may pass."""


def options() -> Iterator[click.Option]:
    """The options of `run` that mean something elsewhere."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in NOT_EMBEDDED:
            yield parameter


def prefixed(text: str) -> str:
    """A text of this suite that names options of `run`, with the names they have elsewhere."""
    return _OPTION.sub("--csbs-", text)


@dataclass(frozen=True)
class Values:
    """The value of every option, by parameter name, and the names of those that were given."""

    all: dict[str, Any]
    given: frozenset[str]

    @property
    def name_a_target(self) -> bool:
        """Whether they say what to test."""
        return bool(self.all["endpoint"] or self.all.get("os_cloud"))

    def settings(self) -> Settings:
        """The settings they ask for. Raises UsageError."""
        from conformance.cli.selection import settings_of

        return settings_of({name: value for name, value in self.all.items() if name not in GATE})

    def excuses(self) -> Excuses:
        """What they say that may pass. Raises UsageError."""
        from conformance.cli.gating import read_excuses

        return read_excuses(self.all["waivers"], self.all["baseline"])


def read_options(
    arguments: Mapping[str, Any] | None = None, defaults: Mapping[str, Any] | None = None
) -> Values:
    """The options as `run` would get them.

    `arguments` beat the environment (`CSBS_PLAN_ID`), which beats a configuration file, which
    beats `defaults`. Raises UsageError for what `run` would not take.
    """
    words = list(_command_line(arguments or {}))
    settings = {**command.context_settings, "default_map": dict(defaults or {})}
    try:
        with command.make_context(command.name, words, **settings) as context:
            sources = {name: context.get_parameter_source(name) for name in context.params}
    except click.ClickException as error:
        raise UsageError(error.format_message()) from None
    given = {name for name, source in sources.items() if source is not ParameterSource.DEFAULT}
    return Values(dict(context.params), frozenset(given))


def _command_line(arguments: Mapping[str, Any]) -> Iterator[str]:
    for option in options():
        value = arguments.get(str(option.name))
        if value is None or value is False:
            continue
        name = option.opts[0]
        if option.is_flag:
            yield name
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from (f"{name}={item}" for item in value)
        else:
            yield f"{name}={value}"
