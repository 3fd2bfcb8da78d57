"""Which of several clauses that a request breaks its wrong response is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.contract.clauses import Clause
from conformance.judge.observations import Observations
from conformance.judge.tentative import Alike
from conformance.page.oracle import Expectation


def suspects(seen: Observations, expectation: Expectation, status: int) -> tuple[Clause, ...]:
    """The clauses that a response with a status, wrong for all of them, is about.

    Those that were kept elsewhere and never broken are cleared. Where that leaves none, the
    combination is to blame, and so are the clauses for which it must be refused.
    """
    clauses = tuple(b.clause for b in expectation.breaches if status not in b.clause.answers)
    left = tuple(clause for clause in clauses if not is_cleared(seen, clause))
    return left or expectation.refusing or clauses


def is_cleared(seen: Observations, clause: Clause) -> bool:
    """Whether a clause was seen, and always kept."""
    tally = seen.tallies[clause.id]
    return tally.exercised > 0 and not tally.broken


def by_suspects(seen: Observations) -> Iterator[tuple[frozenset[str], list[Alike]]]:
    """What is not settled of requests that break several clauses, with who is to blame for it.

    Those with the fewest suspects first: what they show explains others.
    """
    groups: dict[tuple[frozenset[str], int], list[Alike]] = {}
    for alike in seen.tentative.of(decisive=False):
        breaches = frozenset(breach.clause.id for breach in alike.expectation.breaches)
        groups.setdefault((breaches, alike.status), []).append(alike)

    def ids(group: Iterable[Alike]) -> frozenset[str]:
        alike = next(iter(group))
        return frozenset(each.id for each in suspects(seen, alike.expectation, alike.status))

    yield from sorted(((ids(group), group) for group in groups.values()), key=lambda e: len(e[0]))
