"""How to see a finding again: the command for one request, or a script for several in order.

`reproduce.sh` has all of a run: `sh reproduce.sh T6.id.unique` sends what breaks that clause. It
works on a target that nothing was sent to before.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.credentials.placeholders import PLACEHOLDER
from conformance.judge.verdicts import Finding, Groups, Status
from conformance.model import Exchange, Request
from conformance.page.permitted import HEADERS, NotPermitted, Permitted
from conformance.report.curl import LONGEST_BODY, curl_command
from conformance.report.model import Report
from conformance.text import shorten, visible, visible_line, without_login

LONGEST_IN_SCRIPT = 1024 * 1024
"""Bytes of a body that is in the script; others are referred to in the journal."""
LONGEST_COMMENT = 300
HEAD = """#!/bin/sh
# Sends again what broke a clause in this run: `sh reproduce.sh CLAUSE`. It needs curl, and the
# secrets of the run in CSBS_TOKEN and CSBS_FORBIDDEN_TOKEN. What is executed costs as it did then.
"""
TAIL = """*)
cat >&2 <<'END'
Give one of these clauses:
{names}
END
exit 2
esac
"""


REFUSED = """echo 'This takes a request that a run never sends: see journal.ndjson.' >&2
exit 2"""


def reproduction(finding: Finding, longest: int = LONGEST_BODY) -> str:
    """The command that repeats a finding; where it takes earlier requests, a script with all."""
    return commands(finding.groups, longest)


def commands(groups: Groups, longest: int = LONGEST_BODY) -> str:
    """The command that sends an exchange again; a script where there are several."""
    if [len(group) for group in groups] == [1]:
        (only,) = groups[0]
        return curl_command(only.request, only.id, longest)
    return "\n\n".join(_steps(groups, longest))


def _steps(groups: Groups, longest: int) -> Iterator[str]:
    total = sum(len(group) for group in groups)
    number = 0
    for group in groups:
        steps = []
        for exchange in group:
            number += 1
            note = ", which shows it" if number == total else ", at once" if group[1:] else ""
            steps.append(_step(f"# {number} of {total}{note}: ", exchange, longest))
        yield "\n".join(f"(\n{s}\n) &" for s in steps) + "\nwait" if group[1:] else steps[0]


def _step(head: str, exchange: Exchange, longest: int) -> str:
    said = f"{head}{exchange.id}, to which the response was {exchange.outcome}"
    command = curl_command(exchange.request, exchange.id, longest)
    return f"{_comment(said)}\n{command}; echo"


def _comment(text: str) -> str:
    return shorten(visible_line(text), LONGEST_COMMENT)


def reproduction_script(report: Report) -> str:
    """`reproduce.sh`: a case for each clause that failed."""
    failed = [
        verdict.evidence[0]
        for verdict in report.judgement.clauses
        if verdict.status is Status.FAILED and verdict.evidence
    ]
    names = "\n".join(finding.clause for finding in failed) or "(nothing failed)"
    endpoint = report.header.fixtures.endpoint
    target = _comment(f"# The target was {without_login(endpoint)}")
    cases = "".join(_case(finding, endpoint) for finding in failed)
    return f'{HEAD}{target}\ncase "${{1-}}" in\n{cases}' + TAIL.format(names=names)


def is_sent_again(request: Request, endpoint: str) -> bool:
    """Whether a request may be sent again: a recording of another hand may hold any.

    Headers may be more than a run sends, but one that names another host, or has a secret in it
    that belongs elsewhere, is not sent.
    """
    foreign = [pair for pair in request.headers if pair[0].lower() not in HEADERS]
    try:
        Permitted(endpoint).check(request.method, request.url, ())
    except NotPermitted:
        return False
    return not any(name.lower() == "host" or PLACEHOLDER.search(value) for name, value in foreign)


def _case(finding: Finding, endpoint: str) -> str:
    shown = finding.exchange
    exchange = _comment(f"# exchange: {shown.id} {shown.probe or ''}".rstrip())
    expected = _comment(f"# expected: {finding.expected}")
    received = _comment(f"# received: {finding.received}")
    steps = (*finding.sequence, *finding.beside, finding.exchange)
    if any(not is_sent_again(step.request, endpoint) for step in steps):
        commands = REFUSED
    else:
        commands = visible(reproduction(finding, LONGEST_IN_SCRIPT))
    return "\n".join([f"{finding.clause})", exchange, expected, received, commands, ";;", ""])
