"""`verify`: a statement held against its signature, its files, and a judgement made anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.attestation import ATTESTATION
from conformance.attestation.digests import Lines, beginning_of, lines_of, sha256_of, this_suite
from conformance.attestation.envelope import MOST, Author
from conformance.attestation.facts import (
    REPORT,
    SUBJECTS,
    Facts,
    configuration_of,
    differences,
    judged_again,
    listed,
    read_report,
    refusal,
    verdicts_of,
)
from conformance.attestation.findings import Discrepancy, Part, Tampered
from conformance.attestation.statement import facts_in
from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.files import opened
from conformance.journal.lines import (
    JOURNAL_LINE,
    BadRecord,
    DeletingLine,
    DeletionLine,
    decoded,
)
from conformance.model import JournalHeader
from conformance.run.resumption import JOURNAL
from conformance.text import counted, named, visible_line

GENUINE, TAMPERED, CANNOT_BE_SAID = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it. `other_judge` says how the judge differs, empty where it is the same."""

    findings: tuple[Discrepancy, ...]
    other_judge: str = ""
    genuine: str = ""

    @property
    def exit_code(self) -> int:
        """0 genuine, 1 tampered, 3 where another judge was used."""
        if self.findings:
            return TAMPERED
        return CANNOT_BE_SAID if self.other_judge else GENUINE

    @property
    def lines(self) -> list[str]:
        """What to print: one line for each part that was changed, or one that says none was."""
        lines = [f"tampered: {finding}" for finding in self.findings]
        if self.other_judge:
            lines.append(f"cannot be said: {self.other_judge}")
        return [visible_line(line) for line in lines or [f"genuine: {self.genuine}"]]


def verify(contract: Contract, directory: Path, author: Author) -> Verified:
    """Hold the report in a directory against the statement of an author.

    Where the envelope does not bear the signature, nothing else is looked at. Raises UsageError
    where there is no statement.
    """
    try:
        signed = facts_in(author.unseal(_envelope(directory / ATTESTATION)))
    except Tampered as tampered:
        return Verified((tampered.finding,))
    findings = [*_files(directory, signed), *_report_changes(directory, signed)]
    deletions = _deletions_since(directory, signed)
    suite = this_suite()
    other_judge = "" if suite == signed.suite else _other_judge(signed, suite.version)
    if not other_judge and contract.sha256 != signed.contract:
        what = f"{contract.sha256[:12]}, not {signed.contract[:12]} as in the statement"
        findings.append(Discrepancy(Part.CONTRACT, f"openapi.yaml of this same suite is {what}"))
    elif _is_as_signed(directory, JOURNAL, signed) or deletions is not None:
        other_judge, more = _judgement(contract, directory / JOURNAL, signed, other_judge)
        findings += more
    files = counted(len(signed.files), "file")
    said = f"{signed.verdicts.verdict}; signed with {author}; {files} as signed"
    if deletions:
        said += f", {counted(deletions, 'line')} on what was deleted since"
    return Verified(tuple(findings), other_judge, f"{said}; judged again, with the same verdicts")


def _envelope(path: Path) -> bytes:
    if path.is_symlink():
        raise Tampered(Part.LINK, f"{path.name} is a symbolic link")
    try:
        with opened(path) as file:
            return file.read(MOST + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; csbs-conformance attest writes it") from None


def _files(directory: Path, signed: Facts) -> Iterator[Discrepancy]:
    """What of the files is not as it was signed."""
    listing = listed(directory)
    there = listing.files | listing.others
    for name in sorted(signed.files.keys() - there):
        yield Discrepancy(Part.JOURNAL if name == JOURNAL else Part.MISSING, f"{name} is missing")
    for name in sorted(there - signed.files.keys()):
        yield Discrepancy(Part.EXTRA, f"{name} was not signed")
    for name in sorted(listing.others & signed.files.keys()):
        is_link = (directory / name).is_symlink()
        what = "a symbolic link" if is_link else "no regular file"
        yield Discrepancy(Part.LINK, f"{name} is {what}")
    for name in sorted(listing.files & signed.files.keys()):
        if (digest := _digest(directory / name)) == signed.files[name]:
            continue
        if name == JOURNAL:
            if _deletions_since(directory, signed) is not None:
                continue
            yield Discrepancy(Part.JOURNAL, _what_was_done(directory / name, signed.lines))
        elif name != REPORT:
            yield Discrepancy(Part.FILE, f"{name} is {digest[:12]}, not {signed.files[name][:12]}")


def _deletions_since(directory: Path, signed: Facts) -> int | None:
    """How many lines on deletions stand behind the journal that was signed; None where anything
    else was done to it. What a run created may be deleted at any time, and changes no verdict.
    """
    if JOURNAL not in listed(directory).files:
        return None
    try:
        digest, behind = beginning_of(directory / JOURNAL, signed.lines.count)
        lines = [decoded(line, JOURNAL_LINE) for line in behind]
    except (OSError, BadRecord):
        return None
    is_ours = all(isinstance(line, DeletingLine | DeletionLine) for line in lines)
    return len(lines) if is_ours and digest == signed.files.get(JOURNAL) else None


def _is_as_signed(directory: Path, name: str, signed: Facts) -> bool:
    is_there = name in listed(directory).files
    return is_there and _digest(directory / name) == signed.files.get(name)


def _digest(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give files that can be read") from None


def _what_was_done(journal: Path, signed: Lines) -> str:
    lines = lines_of(journal)
    missing = signed.count - lines.count
    if missing:
        what = "removed from" if missing > 0 else "added to"
        verb = "was" if abs(missing) == 1 else "were"
        return f"{counted(abs(missing), 'line')} {verb} {what} journal.ndjson"
    if lines.sum == signed.sum:
        return "the lines of journal.ndjson are in another order"
    return "lines of journal.ndjson were edited"


def _report_changes(directory: Path, signed: Facts) -> Iterator[Discrepancy]:
    """What `report.json` says other than the statement, where it can be read at all."""
    path = directory / REPORT
    if REPORT not in listed(directory).files or REPORT not in signed.files:
        return
    try:
        said = read_report(path)
    except UsageError:
        yield Discrepancy(Part.REPORT, "it is no report of this suite any more")
        return
    if differing := differences(signed.verdicts, said.verdicts):
        yield Discrepancy(
            Part.REPORT, f"it has another verdict than was signed on {named(differing)}"
        )
    elif said.strict != signed.strict:
        yield Discrepancy(Part.REPORT, "it has another `strict` than was signed")
    elif not _is_as_signed(directory, REPORT, signed):
        yield Discrepancy(Part.REPORT, "it was changed, though not in its verdicts")


def _other_judge(signed: Facts, version: str) -> str:
    if version != signed.suite.version:
        return f"another judge was used: {signed.suite.version} of the suite, this is {version}"
    return f"another judge was used: the files of the suite differ, though both are {version}"


def _judgement(
    contract: Contract, journal: Path, signed: Facts, other_judge: str
) -> tuple[str, list[Discrepancy]]:
    """How the judge differs, with what it says, and what does not follow from the journal.

    Of another version's statement only what every version has is held against it.
    """
    try:
        report = judged_again(contract, journal, strict=signed.strict)
    except UsageError as error:
        return other_judge, [Discrepancy(Part.JOURNAL, f"it cannot be judged ({error})")]
    findings = list(_other_header(report.header, signed))
    differing = differences(verdicts_of(report.judgement), signed.verdicts)
    if other_judge:
        said = f"it says something else on {named(differing)}" if differing else "it says the same"
        return f"{other_judge}; {said}", findings
    if absent := SUBJECTS - signed.files.keys():
        what = f"not among its subjects: {named(sorted(absent))}"
        findings.append(Discrepancy(Part.STATEMENT, what))
    if other := _other_configuration(report.header, signed):
        what = f"the run had another than was signed: {named(other)}"
        findings.append(Discrepancy(Part.CONFIGURATION, what))
    if lines_of(journal, signed.lines.count) != signed.lines:
        findings.append(
            Discrepancy(Part.PREDICATE, "its count of lines is not that of the journal")
        )
    if why := refusal(report):
        findings.append(Discrepancy(Part.RUN, f"{why}: such a run is not attested"))
    if differing:
        what = f"the judge comes to others than were signed on {named(differing)}"
        findings.append(Discrepancy(Part.VERDICTS, what))
    return "", findings


def _other_header(header: JournalHeader, signed: Facts) -> Iterator[Discrepancy]:
    """Contract and version in the header of the journal, where they are not those signed."""
    if header.contract != signed.contract:
        what = f"the run used {header.contract[:12]}, the statement says {signed.contract[:12]}"
        yield Discrepancy(Part.CONTRACT, what)
    if header.suite != signed.suite.version:
        what = f"the run was of version {header.suite}, the statement says {signed.suite.version}"
        yield Discrepancy(Part.PREDICATE, what)


def _other_configuration(header: JournalHeader, signed: Facts) -> list[str]:
    """What the statement says of the configuration other than the header of the journal."""
    configuration = configuration_of(header, strict=signed.strict)
    names = {**configuration, **signed.configuration}
    absent = object()
    return [
        name
        for name in sorted(names)
        if configuration.get(name, absent) != signed.configuration.get(name, absent)
    ]
