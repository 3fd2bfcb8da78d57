"""The order of fields in what must be refused: of each clause, every other request has another.

A target that reads a body as a stream, say, may look at a value only where it comes behind another.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from conformance.model import Request
from conformance.plan.domains.kind import Kind
from conformance.plan.drafting import as_json


def in_both_orders(kinds: Iterable[Kind]) -> Iterator[Kind]:
    """The kinds; of what is planned and must be refused, every other has `parameters` first."""
    seen = Counter[str]()
    for kind in kinds:
        if kind.alone is None and kind.planned:
            planned = [
                _reversed(request) if (seen[kind.clause] + place) % 2 else request
                for place, request in enumerate(kind.drafted[: kind.planned])
            ]
            seen[kind.clause] += kind.planned
            yield replace(kind, drafted=(*planned, *kind.drafted[kind.planned :]))
        else:
            yield kind


def _reversed(request: Request) -> Request:
    """A request with the fields of its checkpoint in the other order, where they were written as
    the suite writes JSON.
    """
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return request
    if not isinstance(body, dict) or as_json(body) != request.body:
        return request
    fields = body.get("checkpoint")
    if not isinstance(fields, dict):
        return request
    return replace(request, body=as_json({**body, "checkpoint": dict(reversed(fields.items()))}))
