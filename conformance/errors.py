"""Errors that a user can do something about: each is one line that says what."""

from __future__ import annotations


class UsageError(Exception):
    """Wrong use (exit code 2): an option, a variable, a file or a filter."""


class MissingExtra(UsageError):
    """Something needs packages that an extra brings."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what}: install the extra {extra!r} from where csbs-conformance came: in a checkout, "
            f"pip install '.[{extra}]'"
        )


class ContractError(UsageError):
    """The contract and the modules that define its clauses do not fit together."""


class GenerationFailed(UsageError):
    """Schemathesis could not draw cases from the contract."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"Schemathesis could not generate requests: {detail}. "
            "Reinstall csbs-conformance with its dependencies."
        )
