"""The comparison as JUnit XML: a test case for each cause and for what was not compared."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from conformance.compare.model import Cause, Comparison, Severity
from conformance.compare.report.wording import (
    coverage,
    headline,
    laxness,
    line,
    messages,
    note,
    patch,
    relation,
    statuses,
    title,
    weight,
    where,
    witness,
)


def junit_report(comparison: Comparison) -> str:
    """The comparison as JUnit XML, as CI systems read it."""
    root = ET.Element("testsuites", name="csbs-conformance")
    suite = ET.SubElement(root, "testsuite", name="compare")
    for cause in comparison.causes:
        suite.append(_case(comparison, cause))
    for obstacle in comparison.obstacles:
        case = _empty(f"not compared {line(obstacle.place.pointer or '/')}")
        told = {"message": line(obstacle.problem), "type": "inconclusive"}
        ET.SubElement(case, "error", told).text = where(obstacle.place)
        suite.append(case)
    case = _empty(f"operation {line(comparison.operation)}")
    told_last = [headline(comparison), coverage(comparison)]
    told_last += [f"laxer: {each.clause.id}: {laxness(each)}" for each in comparison.laxer]
    told_last += [f"note: {note(each)}" for each in comparison.notes]
    ET.SubElement(case, "system-out").text = "\n".join(told_last)
    suite.append(case)
    for element in (suite, root):
        for attribute, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            element.set(attribute, str(sum(1 for _ in element.iter(tag))))
        element.set("time", "0.000")
    del root.attrib["skipped"]  # Jenkins's schema has it for suites only
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode", xml_declaration=False)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _empty(name: str) -> ET.Element:
    return ET.Element("testcase", classname="csbs.compare", name=name, time="0.000")


def _case(comparison: Comparison, cause: Cause) -> ET.Element:
    first = cause.first
    place = line(first.place.pointer or "/")
    case = _empty(f"{title(cause)} {first.direction.value} {place}")
    text = "\n".join(
        [
            f"{first.clause.statement} ({first.clause.source})",
            f"{relation(first)}{statuses(cause)}",
            *messages(cause),
            f"witness: {witness(first)}",
            *(f"at {line(each.pointer or '/')}, {where(each)}" for each in cause.places),
            *(f"patch: {each}" for each in (patch(cause.patch) if cause.patch else ())),
            weight(first),
        ]
    )
    if cause.severity is Severity.ERROR or comparison.strict:
        told = {"message": messages(cause)[0], "type": cause.severity.value}
        ET.SubElement(case, "failure", told).text = text
    else:
        ET.SubElement(case, "system-out").text = f"warning: {text}"
    return case
