"""The hooks: data before the calls, and the judge after them."""

# mypy: disable-error-code=untyped-decorator

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis.errors import UnsatisfiedAssumption
from schemathesis.core.parameters import ParameterLocation

from conformance.errors import UsageError
from conformance.model import Ending, Token
from conformance.page.oracle import Duty
from conformance.schemathesis.conversion import close_after_interim
from conformance.schemathesis.data import draft_of, narrow, planned_cases
from conformance.schemathesis.recording import recording
from conformance.schemathesis.targets import OPERATION, Target, endpoint_of, is_ours, target_at

TOKEN_HEADER = "X-Auth-Token"
KEPT = {Duty.EXECUTE: 3, Duty.CHOOSE: 1}
"""Executions left to requests that must be refused, should the target execute one, and to open
points, which a target may refuse and so give back. As many more are left as will be asked again."""


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Put the fixtures into the document."""
    paths = raw_schema.get("paths")
    if isinstance(paths, dict) and any(OPERATION.search(str(path)) for path in paths):
        narrow(raw_schema, target_at().settings.fixtures)


@schemathesis.hook
def before_add_examples(context: Any, examples: list[Any]) -> None:
    """Add the requests of the plan; Schemathesis sends the last one first."""
    if is_ours(context.operation):
        cases = list(planned_cases(context.operation))
        recording().planned.update({case.id: name for name, case in cases})
        examples.extend(case for _, case in reversed(cases))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Put the token in, as long as an execution is left for the request.

    Where none is left for its like, a request goes without a token, and must be refused; where none
    is left at all, nothing is sent. Raises UnsatisfiedAssumption then, which skips the case.
    """
    if not is_ours(case.operation):
        return
    target = target_at()
    good = target.settings.tokens[Token.GOOD]
    _check_headers(case.operation, good)
    if _wants_token(case):
        case.headers[TOKEN_HEADER] = good
    if not case.operation.app:
        kwargs.setdefault("allow_redirects", False)  # a redirect is a response to be judged
        kwargs.setdefault("hooks", {"response": close_after_interim})
    executions, most = recording().executions, target.settings.execution_limit
    if case.headers.get(TOKEN_HEADER) == good:
        if executions.reserve(case.id, min(_kept(case, target), most - 1)):
            return
        del case.headers[TOKEN_HEADER]
    if not executions.reserve(case.id):
        executions.is_exhausted = True
        raise UnsatisfiedAssumption(f"{Ending.EXECUTIONS.value}: {most}")


def _kept(case: Any, target: Target) -> int:
    """Executions that a request leaves to others."""
    kept = KEPT.get(target.oracle.expect(draft_of(case, target)).duty)
    if kept is None or recording().is_settling:
        return 0
    return kept + recording().owed


def _check_headers(operation: Any, good: str) -> None:
    """Raise UsageError for another token on the command line of Schemathesis."""
    headers = operation.schema.config.headers_for(operation=operation) or {}
    for name, value in headers.items():
        if name.lower() == TOKEN_HEADER.lower() and value != good:
            raise UsageError(f"leave {TOKEN_HEADER} out of the headers; the token is in CSBS_TOKEN")


def _wants_token(case: Any) -> bool:
    """Whether a case has no token of its own: those of the plan, and those with bad headers, do."""
    if case.id in recording().planned:
        return False
    if case.meta is None:
        return TOKEN_HEADER not in case.headers
    return not case.meta.is_negative_at(ParameterLocation.HEADER)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Give the exchange to the judge."""
    if is_ours(case.operation):
        recording().of(endpoint_of(response.request.url)).answered(case, response)


@schemathesis.hook
def after_network_error(context: Any, case: Any, request: Any) -> None:
    """Give an exchange without a response to the judge."""
    if is_ours(case.operation):
        recording().of(endpoint_of(request.url)).failed(case, request)
