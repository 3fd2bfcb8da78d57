"""Asks on the terminal before something is deleted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from conformance.errors import UsageError
from conformance.text import visible_line, without_login

if TYPE_CHECKING:
    from conformance.run.settings import Settings


def can_ask(*, is_quiet: bool) -> bool:
    """Whether there is somebody who can be asked."""
    return not is_quiet and sys.stdin.isatty() and sys.stderr.isatty()


def confirm_deletion(question: str, *, is_confirmed: bool, is_quiet: bool) -> None:
    """Have the user confirm what is to be deleted, unless that `is_confirmed`.

    Raises UsageError where nobody can be asked, and where the user declines.
    """
    if is_confirmed:
        return
    if not can_ask(is_quiet=is_quiet):
        raise UsageError("nothing is deleted unless somebody confirms it; give --yes")
    if not click.confirm(visible_line(question), default=False, err=True):
        raise UsageError("nothing was sent, since you did not confirm it")


def target_of(settings: Settings) -> str:
    """The endpoint and the project, as a user is asked about them."""
    fixtures = settings.fixtures
    return f"{without_login(fixtures.endpoint)}, project {fixtures.project_id}"
