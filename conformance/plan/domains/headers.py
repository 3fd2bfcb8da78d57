"""Headers that clients add by themselves, which change nothing about a request."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.plan.domains.kind import Kind, Place
from conformance.plan.drafting import Drafts

ADDED = {
    "Expect": "100-continue",
    "Accept-Language": "de-CH, de;q=0.9, *;q=0.5",
    "Cache-Control": "no-cache",
    "X-Openstack-Request-Id": "req-0af76519-16cd-43dd-8448-eb211c80319c",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
"""What clients add (RFC 9110, 10.1.1 and 12.5.4; RFC 9111; W3C Trace Context)."""


def headers(drafts: Drafts) -> Iterator[Kind]:
    """All of them beside an unknown policy, and each of them."""
    body = drafts.body({"plan_id": drafts.strange_id()})
    each = (drafts.request(body, more=[header]) for header in ADDED.items())
    requests = (drafts.request(body, more=ADDED.items()), *each)
    yield Kind(Place.HEADERS, "of other clients", "S404.unknown-policy", requests)
