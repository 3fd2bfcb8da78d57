"""Wrong statuses that the end of a run may explain, kept until then in bounded memory.

Those that can only be explained together are counted together, and few of them are kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from conformance.judge.recorded import says_too_little
from conformance.judge.verdicts import Finding
from conformance.page.call import TokenState
from conformance.page.oracle import Expectation

KEPT_ALIKE = 5
KEPT_REJECTED = 1000
"""Rejections of the good token are told apart by when they came, so more of them are kept."""

Likeness = tuple[str, int, bool, bool, bool, frozenset[str]]

VALID = frozenset({TokenState.GOOD, TokenState.FORBIDDEN})
"""Tokens that are rejected with 401 only once they have expired."""


class Alike(Struct):
    """Findings on a clause that are explained by the same things; `more` are counted and not kept.

    Kept are those with the smallest requests.
    """

    clause: str
    expectation: Expectation
    status: int
    token_was_rejected: bool
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    def add(self, finding: Finding) -> None:
        """Take in one more."""
        self.findings.append(finding)
        if self.token_was_rejected:  # which of them an expiry explains is not known yet
            del self.findings[KEPT_REJECTED:]
        elif len(self.findings) > KEPT_ALIKE:
            self.findings.sort(key=lambda each: each.exchange.request.size)
            self.findings.pop()
            self.more += 1

    def counted(self) -> Iterator[tuple[Finding, int]]:
        """The findings kept, each with how many it stands for."""
        for place, finding in enumerate(self.findings):
            yield finding, 1 if place else 1 + self.more


class Tentative:
    """All findings of a run that are not settled before its end."""

    def __init__(self) -> None:
        self._alike: dict[Likeness, Alike] = {}

    def add(self, expectation: Expectation, finding: Finding) -> None:
        """Keep a finding, or count it with those that are alike."""
        response = finding.exchange.response
        status = response.status if response else 0
        rejected = status == 401 and expectation.call.token in VALID
        breaches = frozenset(breach.clause.id for breach in expectation.breaches)
        decisive = expectation.decisive is not None
        unread = says_too_little(finding.exchange)
        kind = (finding.clause, status, rejected, decisive, unread, breaches)
        if kind not in self._alike:
            self._alike[kind] = Alike(finding.clause, expectation, status, rejected)
        self._alike[kind].add(finding)

    def of(self, *, decisive: bool) -> Iterator[Alike]:
        """The findings on requests that break one clause, or on those that break several."""
        for alike in self._alike.values():
            if (alike.expectation.decisive is not None) is decisive:
                yield alike
