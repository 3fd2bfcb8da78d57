"""The mark of a campaign: a file in its report directory for as long as it runs.

It holds an id that no other campaign has. A worker that does not find it there sees another
directory than the command does: it would begin anew what another worker has begun, and its reports
would be lost. The commands that print tokens are there too, so that the tasks that Dask keeps, logs
and shows need not have their text.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from conformance.errors import UsageError
from conformance.files import MOST_OF_A_CAMPAIGN, read_file, replace_text
from conformance.typed_json import decode

MARK: Final = ".campaign.json"
NOT_SHARED: Final = (
    "--report-dir is not the directory that the campaign was started with; "
    "give storage that all workers share with it, under the same path"
)


class Mark(msgspec.Struct, frozen=True):
    """The id of a campaign, and the commands that its targets name by their place."""

    campaign: str
    token_commands: list[str] = []


def new_id() -> str:
    """An id that no other campaign has."""
    return secrets.token_hex(16)


@contextmanager
def marked(directory: Path, mark: Mark) -> Iterator[None]:
    """Have a directory hold a mark, for its owner only. Raises UsageError."""
    path = directory / MARK
    try:
        replace_text(path, msgspec.json.encode(mark).decode())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give another --report-dir") from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def mark_in(directory: Path, campaign: str) -> Mark:
    """The mark of a campaign in its directory. Raises UsageError where it is not there."""
    try:
        data = read_file(directory / MARK, MOST_OF_A_CAMPAIGN, follows=False)
        mark = decode(data, Mark)
    except (OSError, ValueError):
        raise UsageError(NOT_SHARED) from None
    if mark.campaign != campaign:
        raise UsageError(NOT_SHARED)
    return mark


def places(commands: Sequence[str | None]) -> tuple[list[str], list[int | None]]:
    """The commands without repetitions, and for each the place of its own among them."""
    distinct = list(dict.fromkeys(each for each in commands if each is not None))
    place = {command: number for number, command in enumerate(distinct)}
    return distinct, [None if each is None else place[each] for each in commands]
