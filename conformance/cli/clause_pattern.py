"""The type of options that take ids of clauses, or patterns of them: a shell completes the ids."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


class ClausePattern(click.types.StringParamType):
    """A pattern that clause ids are held against; whether any fits is checked by the command."""

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
