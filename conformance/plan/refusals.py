"""Directed probes that must be refused, in the order of the document."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.plan.domains.fields import without
from conformance.plan.domains.table import table
from conformance.plan.drafting import Drafts, Probe


def refusals(drafts: Drafts) -> Iterator[Probe]:
    """Every directed request that a conforming implementation refuses, with a name for it."""
    for kind in table(drafts):
        yield from kind.probes


def first_question(drafts: Drafts) -> Probe:
    """The probe that goes first: whoever reads it refuses it with 400, and finds all else right."""
    incomplete = without(drafts.body(), "parameters")
    return Probe("T3.parameters.mandatory/minimal", drafts.request(incomplete))
