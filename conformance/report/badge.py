"""`badge.json` and `badge.svg`: the verdict in a few words, for a page that shows badges.

The JSON is what an endpoint of shields.io answers. Nothing of what the target said is in either.
"""

from __future__ import annotations

import json
from typing import Final

from conformance.judge.verdicts import Verdict
from conformance.report.labels import Label, excuses_in_words, fails_by, labelled, verdict_label
from conformance.report.model import Report
from conformance.text import counted

NAME: Final = "CSBS conformance"
COLOURS: Final = {
    Label.PASSED: ("brightgreen", "#2e7d52"),
    Label.FAILED: ("red", "#b3261e"),
    Label.INCONCLUSIVE: ("lightgrey", "#5d626c"),
    Label.WAIVED: ("orange", "#a85b00"),
    Label.KNOWN: ("orange", "#a85b00"),
}
"""The name that shields.io has for a colour, and the one in the picture."""
HEIGHT, BESIDE, NARROW, WIDE = 20, 6, 4, 7
"""Pixels: of the picture, beside a text, and of the characters of Verdana at size 11, about."""


def badge_json(report: Report) -> str:
    """The badge as the JSON of a shields.io endpoint."""
    badge = {
        "schemaVersion": 1,
        "label": NAME,
        "message": message(report),
        "color": COLOURS[verdict_label(report)][0],
        "isError": verdict_label(report) is not Label.PASSED,  # its colour is not overridden
    }
    return json.dumps(badge, indent=1) + "\n"


def message(report: Report) -> str:
    """The verdict, and how many clauses are broken; what is excused is said to be."""
    verdict = report.judgement.verdict
    if verdict is not Verdict.VIOLATES:
        return "; ".join(filter(None, (verdict.value, fails_by(report))))
    broken = len(labelled(report, Label.FAILED))
    if broken:
        return f"violates {counted(broken, 'clause')}"
    return f"violates, {excuses_in_words(report)}"


def badge_svg(report: Report) -> str:
    """The badge as a picture that loads nothing; a text is fitted to its width in any font."""
    told, colour = message(report), COLOURS[verdict_label(report)][1]
    left, right = _width(NAME), _width(told)
    width = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" '
        f'role="img" aria-label="{NAME}: {told}">\n'
        f"<title>{NAME}: {told}</title>\n"
        f'<clipPath id="r"><rect width="{width}" height="{HEIGHT}" rx="3"/></clipPath>\n'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{HEIGHT}" fill="#1f2126"/>'
        f'<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{colour}"/></g>\n'
        '<g fill="#fff" text-anchor="middle" font-size="11" '
        'font-family="Verdana,Geneva,DejaVu Sans,sans-serif">\n'
        f"{_text(NAME, left / 2, left)}\n{_text(told, left + right / 2, right)}\n</g>\n</svg>\n"
    )


def _width(text: str) -> int:
    return sum(NARROW if letter in "iljft1 ,.:" else WIDE for letter in text) + 2 * BESIDE


def _text(text: str, middle: float, width: int) -> str:
    return f'<text x="{middle:g}" y="14" textLength="{width - 2 * BESIDE}">{text}</text>'
