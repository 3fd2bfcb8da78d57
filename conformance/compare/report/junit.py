"""The comparison as JUnit XML: a test case for each difference and for what was not compared."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from conformance.compare.model import Comparison, Difference, Severity
from conformance.compare.report.wording import (
    PROMISES,
    coverage,
    headline,
    line,
    statuses,
    weight,
    where,
    witness,
)


def junit_report(comparison: Comparison) -> str:
    """The comparison as JUnit XML, as CI systems read it."""
    root = ET.Element("testsuites", name="csbs-conformance")
    suite = ET.SubElement(root, "testsuite", name="compare")
    for found in comparison.differences:
        suite.append(_case(comparison, found))
    for obstacle in comparison.obstacles:
        case = _empty(f"not compared {line(obstacle.place.pointer or '/')}")
        told = {"message": line(obstacle.problem), "type": "inconclusive"}
        ET.SubElement(case, "error", told).text = where(obstacle.place)
        suite.append(case)
    case = _empty(f"operation {line(comparison.operation)}")
    told_last = f"{headline(comparison)}\n{coverage(comparison)}"
    ET.SubElement(case, "system-out").text = told_last
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


def _case(comparison: Comparison, found: Difference) -> ET.Element:
    place = line(found.place.pointer or "/")
    case = _empty(f"{found.clause.id} {found.direction.value} {place}")
    text = "\n".join(
        [
            f"{found.clause.statement} ({found.clause.source})",
            f"{found.direction.value}: {PROMISES[found.direction]}{statuses(found)}",
            line(found.message),
            f"witness: {witness(found, 2000)}",
            f"at {place}, {where(found.place)}",
            weight(found),
        ]
    )
    if found.severity is Severity.ERROR or comparison.strict:
        told = {"message": line(found.message), "type": found.severity.value}
        ET.SubElement(case, "failure", told).text = text
    else:
        ET.SubElement(case, "system-out").text = f"warning: {text}"
    return case
