"""The statuses that a vendor's answers have, and those that some response must have.

A response with a status of its own is one that the vendor may give. A range such as `4XX`, and
`default`, describe whatever has no description of its own: they are read as the statuses among
those that the contract leaves room for, and differ from it only where there are none. A document
without a status that some request must get says nothing against it: this is a warning. One
without 200 describes no execution.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final

from conformance.compare.findings import Findings
from conformance.compare.matching import Found
from conformance.compare.mending import REMOVED, Change
from conformance.compare.model import Direction, Part, Side, Witness
from conformance.contract import PATH
from conformance.contract.clauses import Clause
from conformance.contract.schema import resolved
from conformance.judge.run import NO_SUCH_METHOD
from conformance.page.status_codes import IS_EXECUTED
from conformance.page.unread import OVERSIZED
from conformance.page.weather import OF_THE_MOMENT

NOT_ALL: Final = "OpenAPI does not ask a document to describe every response"
OPEN_STATUSES: Final = OVERSIZED | OF_THE_MOMENT | {415}


def compare_statuses(findings: Findings, found: Found) -> None:
    """The statuses that a vendor's answers have, and those that some response must have."""
    answers = found.operation.answers
    listed = findings.contract.statuses
    for status, answer in answers.items():
        covered = _covered(status, answers)
        if not named(status) and status != "default":
            findings.cannot(answer.node.pointer, f"{status[:40]!r} is no status; correct it")
        elif covered and not any(_may_be_sent(code, listed) for code in covered):
            code = covered[0]
            is_method = len(covered) == 1 and code in NO_SUCH_METHOD
            told = f"a response may have the status {code}, which the page does not list"
            findings.differs(
                Direction.RESPONSE,
                "URI.post" if is_method else "S.listed",
                answer.node.pointer,
                told,
                Witness(Part.STATUS, code),
                statuses=(status,),
                change=_without(found, status),
            )
        elif len(covered) == 1 and covered[0] >= 500 and covered[0] not in listed | OF_THE_MOMENT:
            told = f"the status {status}, which the page does not list, is judged as 500 is"
            findings.note(told, answer.node.pointer)
    for asking, needed in _unanswerable(findings, set(answers)):
        where = f"{found.operation.node.pointer}/responses"
        contract = findings.contract.document
        response = contract["paths"][PATH]["post"]["responses"][str(needed)]
        described = resolved(contract, response)["description"]
        change = Change(where, {str(needed): {"description": described}})
        findings.differs(
            Direction.RESPONSE,
            asking.id,
            where,
            f"no response has the status {needed}, which {asking.id} asks for",
            Witness(Part.STATUS, needed),
            warning=NOT_ALL if needed != 200 else "",
            only_in=Side.CONTRACT,
            change=change if needed != 200 else None,  # that one needs a body as well
        )


def _without(found: Found, status: str) -> Change | None:
    """The responses without one of them."""
    responses = found.operation.node.child("responses")
    if responses is None or responses.child(status) is None:
        return None
    return Change(responses.pointer, {status: REMOVED})


def _covered(status: str, told: Container[str]) -> list[int]:
    """The codes that a response of the document describes.

    For a range and for `default` these are the ones that nothing more specific describes: neither
    says which of them are sent.
    """
    if status != "default":
        codes = named(status)
        return codes if len(codes) == 1 else [code for code in codes if str(code) not in told]
    return [
        code for code in range(100, 600) if str(code) not in told and f"{code // 100}XX" not in told
    ]


def _may_be_sent(code: int, listed: Container[int]) -> bool:
    """Whether the contract leaves room for a response with a code."""
    if code in listed or code in OPEN_STATUSES or code < 200:
        return True
    return code >= 500 and code not in NO_SUCH_METHOD


def named(status: str) -> list[int]:
    """The codes that a status of the document stands for; none for `default`."""
    if len(status) == 3 and status[0] in "12345":
        if status.isdecimal() and status.isascii():
            return [int(status)]
        if status[1:] == "XX":
            first = int(status[0]) * 100
            last = first + (5 if status[0] == "5" else 51)
            return list(range(first, last))
    return []


def _unanswerable(findings: Findings, told: set[str]) -> Iterator[tuple[Clause, int]]:
    """Clauses that no response of the vendor's could keep, one for each set of right answers."""
    if "default" in told:
        return

    def is_told(code: int) -> bool:
        return str(code) in told or f"{code // 100}XX" in told

    wanted: dict[frozenset[int], Clause] = {}
    for clause in findings.clauses.values():
        answers = frozenset({200}) if clause.id == IS_EXECUTED.id else clause.answers
        if not answers or (200 in answers and clause.id != IS_EXECUTED.id):
            continue
        first = wanted.setdefault(answers, clause)
        if first.source.section != "Status Codes" and clause.source.section == "Status Codes":
            wanted[answers] = clause
    for answers, clause in wanted.items():
        if not any(is_told(code) for code in answers):
            yield clause, min(answers)
