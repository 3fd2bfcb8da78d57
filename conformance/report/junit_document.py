"""JUnit XML from suites of cases, whatever they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal
from xml.etree import ElementTree as ET

from msgspec import Struct

COUNTED = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))


class Outcome(Struct, frozen=True):
    """Why a test case did not simply pass."""

    tag: Literal["failure", "error", "skipped"]
    message: str
    type: str = ""
    text: str = ""


class Case(Struct, frozen=True):
    """A test case: it passes where it has no `outcome`."""

    class_name: str
    name: str
    seconds: float = 0.0
    outcome: Outcome | None = None
    output: str = ""


class Suite(Struct, frozen=True):
    """Test cases under a name; `started` is a local time, empty where there is none."""

    name: str
    cases: Sequence[Case]
    started: str = ""


def junit_document(suites: Iterable[Suite], seconds: float = 0.0) -> str:
    """The suites as JUnit XML, as CI systems read it. All took `seconds` together."""
    root = ET.Element("testsuites", name="csbs-conformance")
    for suite in suites:
        element = ET.SubElement(root, "testsuite", name=suite.name)
        if suite.started:
            element.set("timestamp", suite.started)
        element.extend(map(_case, suite.cases))
        _summarise(element, sum(round(case.seconds, 3) for case in suite.cases))
    _summarise(root, seconds)
    del root.attrib["skipped"]  # Jenkins's schema has it for suites only
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode", xml_declaration=False)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _summarise(element: ET.Element, seconds: float) -> None:
    element.set("tests", str(sum(1 for _ in element.iter("testcase"))))
    for attribute, tag in COUNTED:
        element.set(attribute, str(sum(1 for _ in element.iter(tag))))
    element.set("time", f"{seconds:.3f}")


def _case(case: Case) -> ET.Element:
    element = ET.Element(
        "testcase", classname=case.class_name, name=case.name, time=f"{case.seconds:.3f}"
    )
    if case.outcome is not None:
        outcome = ET.SubElement(element, case.outcome.tag, message=case.outcome.message)
        if case.outcome.type:
            outcome.set("type", case.outcome.type)
        outcome.text = case.outcome.text or None
    if case.output:
        ET.SubElement(element, "system-out").text = case.output
    return element
