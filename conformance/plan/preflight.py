"""The question that goes first: whether anything can be tested."""

from __future__ import annotations

from conformance.plan.domains.fields import without
from conformance.plan.drafting import Drafts, Probe


def first_question(drafts: Drafts) -> Probe:
    """The probe that goes first: whoever reads it refuses it with 400, and finds all else right."""
    incomplete = without(drafts.body(), "parameters")
    return Probe("T3.parameters.mandatory/minimal", drafts.request(incomplete))
