"""What a statement says of a report, and how it is found out anew: files, journal, verdicts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from conformance.attestation import ATTESTATION
from conformance.attestation.digests import Lines, Suite, canonical
from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.files import MOST_OF_A_REPORT, read_file
from conformance.journal.format import fixtures_to_record
from conformance.judge import shortage
from conformance.judge.verdicts import Judgement, Verdict
from conformance.model import Ending, Fixtures, JournalHeader
from conformance.recorded.judging import Wanted, judge_journal
from conformance.report.model import Report
from conformance.report.write import REPORTS
from conformance.run.resumption import JOURNAL, PLAN
from conformance.text import named, shorten, visible_line, without_login
from conformance.typed_json import decode

REPORT = "report.json"
SUBJECTS = frozenset({JOURNAL, PLAN, *REPORTS})
"""The files that a run writes: the subjects of a statement."""
FINISHED = frozenset({Ending.COMPLETE, Ending.REQUESTS, Ending.EXECUTIONS})
"""How a run may end that has sent all it planned; exploring goes on until a limit."""
LONGEST = 200

Record = dict[str, Any]
Level = Literal["must", "should"]
Status = Literal["passed", "failed", "inconclusive", "not_exercised"]


class ClauseResult(msgspec.Struct, frozen=True):
    """The verdict on a clause."""

    level: Level
    status: Status


class Verdicts(msgspec.Struct, frozen=True):
    """The verdict on a run, and on each clause by its id."""

    verdict: Literal["conforms", "violates", "inconclusive"]
    clauses: dict[str, ClauseResult]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a statement says. `files` has the digest of each subject by its name."""

    files: Mapping[str, str]
    contract: str
    suite: Suite
    configuration: Record
    lines: Lines
    verdicts: Verdicts

    @property
    def strict(self) -> bool:
        """Whether a broken `should` counts."""
        return self.configuration.get("strict") is True


class _Clause(msgspec.Struct):
    id: str
    level: Level
    status: Status


class ReportFile(msgspec.Struct):
    """The part of `report.json` that a statement is about."""

    verdict: Literal["conforms", "violates", "inconclusive"]
    strict: bool
    clauses: list[_Clause]

    @property
    def verdicts(self) -> Verdicts:
        """Its verdicts."""
        results = {clause.id: ClauseResult(clause.level, clause.status) for clause in self.clauses}
        return Verdicts(self.verdict, results)


def read_report(path: Path) -> ReportFile:
    """The verdicts in a `report.json`. Raises UsageError."""
    try:
        data = read_file(path, MOST_OF_A_REPORT, follows=False)
        return decode(data, ReportFile)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give the directory of a run") from None
    except ValueError as error:
        what = shorten(visible_line(str(error)), LONGEST)
        raise UsageError(f"{path}: no report of this suite ({what}); run it again") from None


def judged_again(contract: Contract, journal: Path, *, strict: bool) -> Report:
    """The report on a journal by the judge that is running. Raises UsageError."""
    nothing_known = Fixtures("", "", complete=False)
    return judge_journal(contract, journal, Wanted(nothing_known, strict=strict))


def verdicts_of(judgement: Judgement) -> Verdicts:
    """The verdicts of the judge."""
    results = {
        each.clause.id: ClauseResult(each.clause.level.value, each.status.value)
        for each in judgement.clauses
    }
    return Verdicts(judgement.verdict.value, results)


def configuration_of(header: JournalHeader, *, strict: bool) -> Record:
    """How a run was asked to go, as JSON gives it back; of the tokens, only which were given."""
    fixtures = fixtures_to_record(header.fixtures)
    record = {
        "fixtures": {**fixtures, "endpoint": without_login(header.fixtures.endpoint)},
        "max_executions": header.max_executions,
        "max_requests": header.max_requests,
        "only": list(header.only),
        "profile": header.profile,
        "seed": header.seed,
        "strict": strict,
        "tolerances": {"clock": header.tolerances.clock},
    }
    plain: Record = json.loads(canonical(record))
    return plain


def refusal(report: Report) -> str:
    """Why nothing can be stated of a run; empty where it can."""
    if report.header.only:
        return f"the run was of some clauses only (--only {named(report.header.only)})"
    if report.footer.ending not in FINISHED:
        return f"the run is not whole: {report.footer.ending.value}"
    if report.footer.unsent:
        return f"the run is not whole: nothing was sent for {named(report.footer.unsent)}"
    if report.judgement.verdict is Verdict.INCONCLUSIVE:
        return f"the run is inconclusive: {report.judgement.reason}"
    return ""


REMEDIES = {
    Ending.DEAD: "see that the target answers, and go on with the run (--resume)",
    Ending.UNREACHED: "mend what report.html names first, and run it again",
    Ending.HOPELESS: "mend what report.html names first, and run it again",
    Ending.TOLD_TO_WAIT: "run it again later, or with a higher --time-limit",
    Ending.INTERRUPTED: "go on with the run (--resume)",
    Ending.RECORDED: "name the directory of a run, not one of judge",
}
"""What would make a run whole, by how it ended, where no limit ended it."""


def remedy(report: Report) -> str:
    """What to do so that something can be stated of a run of which `refusal` says why not."""
    if report.header.only:
        return "run it again without --only"
    if report.footer.ending not in FINISHED or report.footer.unsent:
        option = shortage.remedy(report.header, report.footer) or "--max-requests"
        option = option if " " in option else f"a higher {option}"  # old journals know no number
        return REMEDIES.get(report.footer.ending, f"run it again with {option}")
    return "see in report.html what would unlock the rest, and run it again"


def differences(ours: Verdicts, theirs: Verdicts) -> list[str]:
    """The clauses whose verdict differs; the run's own, where only that does."""
    names = {**ours.clauses, **theirs.clauses}
    found = [name for name in names if ours.clauses.get(name) != theirs.clauses.get(name)]
    return found or (["the verdict on the run"] if ours.verdict != theirs.verdict else [])


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in the directory of a report, the statement itself left out."""

    files: frozenset[str]
    others: frozenset[str]


def listed(directory: Path) -> Listing:
    """What is in a directory. Raises UsageError for what is none."""
    files: set[str] = set()
    others: set[str] = set()
    try:
        for path in directory.iterdir():
            is_file = path.is_file() and not path.is_symlink()
            (files if is_file else others).add(path.name)
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror}; give the directory of a run") from None
    return Listing(frozenset(files - {ATTESTATION}), frozenset(others - {ATTESTATION}))
