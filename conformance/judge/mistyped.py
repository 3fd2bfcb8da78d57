"""Which fixture a refusal may speak of: a wrong one, or an id that was never shown to exist."""

from __future__ import annotations

from conformance.judge.observations import Observations
from conformance.judge.persistence import Attempts
from conformance.model import Exchange
from conformance.page.call import Call
from conformance.page.hindrance import Hindrance, is_signed, wrong_fixture
from conformance.page.ids import canonical

UNKNOWN_ID_STATUSES = frozenset({400, 404})
"""Statuses that an id which names nothing may get."""


def fixtures_are_doubtful(seen: Observations) -> bool:
    """Whether all that is known of valid requests could come from a wrong fixture."""
    if seen.fixtures_work:
        return False
    refused = seen.refused.requests.values()
    return all(fixture_to_blame(seen, attempts) for attempts in refused if not attempts.unread)


def fixture_to_blame(seen: Observations, attempts: Attempts) -> str:
    """Which fixture a refusal of a valid request may speak of; empty where it speaks of none."""
    met = wrong_fixture(attempts.last.response)
    if met is Hindrance.PATH and seen.reached:
        met = Hindrance.OBJECT
    if met is Hindrance.TOKEN and is_signed(attempts.last.request):
        met = Hindrance.KEYS
    return str(met.value) if met else ""


def untrusted(seen: Observations, refusal: Exchange, call: Call) -> str:
    """Which id of a refused request was never shown to exist, so that it may be mistyped.

    Only an execution shows that one exists; a list of policies may be of other days, or wrong.
    """
    if refusal.response is None or refusal.response.status not in UNKNOWN_ID_STATUSES:
        return ""
    unshown = [each for each in call.named_servers if canonical(each) not in seen.shown]
    if unshown:
        return f"no execution has shown that the server {unshown[0]} exists; check --resource"
    if isinstance(call.plan_id, str) and canonical(call.plan_id) not in seen.shown:
        return "no execution has shown that the policy exists; check --plan-id and --project-id"
    return ""
