"""A configuration as TOML, with comments. Names come from a target: they stand in comments only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap

from conformance.errors import UsageError
from conformance.files import replace_text
from conformance.init.listing import Policy
from conformance.run.options import Front, Option, taken_by
from conformance.text import shorten, visible_line

Value = str | bool | float | tuple[str, ...]
LONGEST_NAME = 60
WIDTH = 100
OF_THE_POLICY = ("plan-id", "resource")


def configuration(policy: Policy, known: Mapping[str, Value]) -> str:
    """The text of a configuration file for a policy; `known` are other options, by their names.

    All that may stand there besides follows as comments.
    """
    return "\n".join([*_lines(policy, known), ""])


def _lines(policy: Policy, known: Mapping[str, Value]) -> Iterator[str]:
    settable = taken_by(Front.WRITTEN)
    helps = {each.key: _help(each) for each in settable}
    yield "# What csbs-conformance tests. Secrets do not belong here: options say where they are."
    for name, value in known.items():
        yield ""
        yield from _comment(helps.get(name, ""))
        yield f"{name} = {_value(value)}"
    yield ""
    yield f"# The policy{_named(policy.name)}. Every accepted request executes it: a backup begins."
    yield f"plan-id = {_value(policy.id)}"
    yield ""
    if policy.servers:
        yield "# Its servers. Take out those that must not be backed up."
        yield "resource = ["
        for server in policy.servers:
            comment = _named(server.name).strip()
            yield f"  {_value(server.id)}," + (f"  # {comment}" if comment else "")
        yield "]"
    else:
        yield "# No server of the policy is known. With their ids more clauses can be tested:"
        yield '# resource = ["..."]'
    yield ""
    yield "# What else may stand here, with its default; capitals stand for a value of yours."
    for each in settable:
        if each.key not in {*known, *OF_THE_POLICY}:
            yield ""
            yield from _comment(_help(each))
            yield f"# {each.key} = {_sample(each)}"


def _help(option: Option) -> str:
    help = option.help
    return f"{help} One of {', '.join(option.choices)}." if option.choices else help


def _sample(option: Option) -> str:
    """The default of an option, or what stands in the place of a value."""
    if option.is_repeated:
        return _value((option.unit,))
    if option.kind in (int, float):
        return option.shown.partition(";")[0] or "NUMBER"
    if option.kind is bool:
        return _value(option.default)
    return _value(option.unit if option.default is None else str(option.default))


def _comment(text: str) -> Iterator[str]:
    for line in wrap(text, WIDTH - 2):
        yield f"# {line}"


def _named(name: str) -> str:
    """A name as it may stand in a comment, with a space before it; empty for no name."""
    shown = visible_line(shorten(name, LONGEST_NAME)).strip()
    return f" {shown}" if shown else ""


def _value(value: Value) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(map(_escaped, value)) + '"'
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def check_free(path: Path, *, force: bool) -> None:
    """Raise UsageError where a configuration must not be written to `path`."""
    if path.is_dir():
        raise UsageError(f"--output {path}: it is a directory; give a file")
    if not path.parent.is_dir():
        raise UsageError(f"--output {path}: no such directory; make it first")
    if not force and (path.exists() or path.is_symlink()):
        raise UsageError(f"--output {path}: it is there; give --force to replace it")


def write(path: Path, text: str, *, force: bool) -> None:
    """Write a configuration. Raises UsageError where that cannot be done, or must not."""
    data = text.encode("utf-8")
    try:
        if not force:
            with path.open("xb") as new:
                new.write(data)
            return
        replace_text(path, text)
    except FileExistsError:
        raise UsageError(f"--output {path}: it is there; give --force to replace it") from None
    except OSError as error:
        told = f"{error.strerror}; give a file that can be written"
        raise UsageError(f"--output {path}: {told}") from None
