"""`junit.xml`: a test suite for each section of the document, a test case for each clause."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from conformance.contract.clauses import Level
from conformance.judge.verdicts import ClauseVerdict, Status
from conformance.report.evidence import verdict_text
from conformance.report.labels import Label, by_section, excuse, label_in
from conformance.report.model import Report
from conformance.text import rfc3339, seconds, visible_line

_NO_WORD = re.compile(r"[^a-z0-9]+")


def junit_report(report: Report) -> str:
    """The report as JUnit XML, as CI systems read it."""
    root = ET.Element("testsuites", name="csbs-conformance")
    started = rfc3339(report.header.started_at).removesuffix("Z")
    for section, verdicts in by_section(report.judgement.clauses).items():
        suite = ET.SubElement(root, "testsuite", name=visible_line(section), timestamp=started)
        for verdict in verdicts:
            suite.append(_case(report, verdict, _class_name(section)))
        _summarise(suite, suite.iter("testcase"))
    if (waivers := _unneeded(report)) is not None:
        _summarise(waivers, waivers.iter("testcase"))
        root.append(waivers)
    _summarise(root, root.iter("testcase"))
    del root.attrib["skipped"]  # Jenkins's schema has it for suites only
    elapsed = seconds(report.footer.finished_at - report.header.started_at)
    root.set("time", f"{elapsed:.3f}")
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _class_name(section: str) -> str:
    return f"csbs.{_NO_WORD.sub('-', section.lower()).strip('-') or 'other'}"


def _summarise(suite: ET.Element, cases: Iterable[ET.Element]) -> None:
    cases = list(cases)
    suite.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")


def _unneeded(report: Report) -> ET.Element | None:
    """The waivers that fail a strict run because their clauses are kept; None for none."""
    unneeded = report.gate.unneeded if report.gate and report.strict else ()
    if not unneeded:
        return None
    suite = ET.Element("testsuite", name="Waivers")
    for name in unneeded:
        case = ET.SubElement(suite, "testcase", classname="csbs.waivers", name=name, time="0.000")
        message = "the waiver is no longer needed: the clause passed"
        ET.SubElement(case, "failure", message=message, type="unneeded")
    return suite


def _case(report: Report, verdict: ClauseVerdict, class_name: str) -> ET.Element:
    """A clause as a test case; its time is that of the exchanges that broke it."""
    clause = verdict.clause
    exchanges = {finding.exchange.id: finding.exchange for finding in verdict.evidence}
    took = sum(seconds(exchange.duration) for exchange in exchanges.values())
    case = ET.Element(
        "testcase", classname=class_name, name=visible_line(clause.id), time=f"{took:.3f}"
    )
    match label_in(report, verdict):
        case Label.FAILED:
            failure = _outcome(case, "failure", verdict, type=clause.level.value)
            failure.text = verdict_text(verdict)
        case Label.WARNING:
            ET.SubElement(case, "system-out").text = f"warning: {verdict_text(verdict)}"
        case Label.INCONCLUSIVE if clause.level is Level.MUST:
            error = _outcome(case, "error", verdict, type=Status.INCONCLUSIVE.value)
            error.text = verdict_text(verdict)
        case Label.INCONCLUSIVE | Label.NOT_EXERCISED:
            _outcome(case, "skipped", verdict)
        case Label.WAIVED | Label.KNOWN:
            message = visible_line(excuse(report, verdict))
            ET.SubElement(case, "skipped", message=message).text = verdict_text(verdict)
    return case


def _outcome(case: ET.Element, tag: str, verdict: ClauseVerdict, **more: str) -> ET.Element:
    message = verdict.reason or verdict.clause.statement
    if verdict.unlock and verdict.unlock not in message:
        message += f" (unlock with {verdict.unlock})"
    return ET.SubElement(case, tag, {"message": visible_line(message), **more})
