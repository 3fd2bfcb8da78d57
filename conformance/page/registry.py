"""How a clause that no schema can say is written down: requirement, condition and verdict together.

The docstring of the decorated function is the clause's statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from conformance.contract.clauses import MUST, SHOULD, TO_EXECUTE, Clause, Fixture, Level, Source
from conformance.page.answer import Execution, Sighting
from conformance.page.call import Call
from conformance.page.record import Sighting as BackupSighting

BreaksInput = Callable[[Call], bool | None]
"""Whether a request breaks the clause; None where that cannot be known."""
Received = tuple[str, str]
"""What was expected, and what was received."""
JudgesExecution = Callable[[Execution], Received | None]
"""What is wrong with an execution, or None. May raise NotReached."""
JudgesMemory = Callable[[Execution, dict[bytes, Sighting]], tuple[str, str, str] | None]
"""What was expected, what was received, and the id of the earlier exchange that it contradicts."""
JudgesBackup = Callable[[BackupSighting], Received | None]
"""What is wrong with a backup that a list shows, or None. May raise NotReached."""
JudgesAnswer = Callable[[Execution], Received | None]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Registry:
    """The clauses defined in the modules of this package, by id, in the order of definition."""

    inputs: dict[str, tuple[Clause, BreaksInput]]
    acceptances: dict[str, Clause]
    executions: dict[str, tuple[Clause, JudgesExecution]]
    memories: dict[str, tuple[Clause, JudgesMemory]]
    errors: dict[str, tuple[Clause, JudgesAnswer]]
    answers: dict[str, tuple[Clause, JudgesAnswer]]
    statuses: dict[str, Clause]
    exemptions: dict[str, BreaksInput] = field(default_factory=dict)
    backups: dict[str, tuple[Clause, JudgesBackup]] = field(default_factory=dict)
    lists: dict[str, Clause] = field(default_factory=dict)

    def clauses(self) -> Iterable[Clause]:
        """Every clause defined here."""
        judged: list[Mapping[str, tuple[Clause, Any]]]
        judged = [self.inputs, self.executions, self.memories, self.errors, self.answers]
        judged.append(self.backups)
        for defined in judged:
            yield from (clause for clause, _ in defined.values())
        yield from self.acceptances.values()
        yield from self.statuses.values()
        yield from self.lists.values()

    def is_seen_elsewhere(self, clause_id: str) -> bool:
        """Whether only another page's operation can show that a clause is kept."""
        return clause_id in self.backups or clause_id in self.lists


REGISTRY = Registry({}, {}, {}, {}, {}, {}, {})


def _define(
    table: dict[str, Any], clause_id: str, level: Level, source: Source, **more: Any
) -> Any:
    def register(function: F) -> F:
        statement = " ".join((function.__doc__ or "").split())
        clause = Clause(clause_id, level, source, statement, **more)
        table[clause_id] = (clause, function)
        return function

    return register


def input_clause(
    clause_id: str,
    source: Source,
    *,
    answers: Iterable[int] = (),
    needs: tuple[Fixture, ...] = (),
    level: Level = MUST,
    unrecorded: str = "",
) -> Callable[[F], F]:
    """A clause that a request can break. `answers` are the statuses such a request may get.

    Without `answers`, the request is none of the page's: any response but an execution is right.
    `unrecorded` says what decides the clause that a recording does not tell.
    """
    more = {"answers": frozenset(answers), "needs": needs, "unrecorded": unrecorded}
    return _define(REGISTRY.inputs, clause_id, level, source, **more)  # type: ignore[no-any-return]


def execution_clause(clause_id: str, source: Source, *, level: Level = MUST) -> Callable[[F], F]:
    """A clause on one 200 and its checkpoint."""
    return _define(REGISTRY.executions, clause_id, level, source, needs=TO_EXECUTE)  # type: ignore[no-any-return]


def memory_clause(clause_id: str, source: Source, *, level: Level = MUST) -> Callable[[F], F]:
    """A clause on all executions of a run; the function keeps one digest of each in its memory."""
    return _define(REGISTRY.memories, clause_id, level, source, needs=TO_EXECUTE)  # type: ignore[no-any-return]


def answer_clause(
    clause_id: str, source: Source, *, level: Level = MUST, without_fault: str = ""
) -> Callable[[F], F]:
    """A clause on any response, whatever its status."""
    more = {"without_fault": without_fault}
    return _define(REGISTRY.answers, clause_id, level, source, **more)  # type: ignore[no-any-return]


def error_clause(clause_id: str, source: Source, *, level: Level = MUST) -> Callable[[F], F]:
    """A clause on a response other than 200."""
    return _define(REGISTRY.errors, clause_id, level, source)  # type: ignore[no-any-return]


def backup_clause(clause_id: str, source: Source) -> Callable[[F], F]:
    """A clause on a backup of an execution, as the list of backups shows it."""
    return _define(REGISTRY.backups, clause_id, SHOULD, source, needs=TO_EXECUTE)  # type: ignore[no-any-return]


def list_clause(clause_id: str, source: Source, statement: str) -> Clause:
    """A clause on what lists of backups show over a whole run, decided by the judge."""
    clause = Clause(clause_id, SHOULD, source, statement, needs=TO_EXECUTE)
    REGISTRY.lists[clause_id] = clause
    return clause


def exempt(clause_id: str) -> Callable[[F], F]:
    """A request whose response need not keep a clause that the contract's schemas decide.

    The function says whether a request is one, or None where that is not known.
    """

    def register(function: F) -> F:
        REGISTRY.exemptions[clause_id] = function
        return function

    return register


def acceptance_clause(
    clause_id: str, source: Source, statement: str, *, needs: tuple[Fixture, ...] = ()
) -> Clause:
    """A clause that a valid request of some shape keeps by being executed."""
    clause = Clause(clause_id, MUST, source, statement, needs=needs)
    REGISTRY.acceptances[clause_id] = clause
    return clause


def status_clause(
    clause_id: str,
    source: Source,
    statement: str,
    *,
    level: Level = MUST,
    needs: tuple[Fixture, ...] = (),
    observed: str = "",
) -> Clause:
    """A clause on statuses over a whole run, decided by the judge.

    One that needs what it takes to execute (TO_EXECUTE) is decided by valid requests alone.
    """
    clause = Clause(
        clause_id,
        level,
        source,
        statement,
        needs,
        observed=observed,
        without_fault=observed,
    )
    REGISTRY.statuses[clause_id] = clause
    return clause
