"""What an oracle remembers goes with it, at once: a worker tests one target after another."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from emulated import emulated_fixtures

from conformance.contract import load_contract
from conformance.limits import LIMITS
from conformance.model import Fixtures
from conformance.page import oracle as module
from conformance.page.oracle import Oracle
from conformance.plan.drafting import Drafts

FIXTURES: Fixtures = emulated_fixtures()
DRAFTS = Drafts(FIXTURES, 1)
BODIES = {
    "valid": DRAFTS.body(),
    "too deep": b"[" * (LIMITS.nesting + 1) + b"]" * (LIMITS.nesting + 1),
    "much too deep": b"[" * 100_000 + b"]" * 100_000,
    "no JSON": b"{",
    "no UTF-8": b"\xff",
}


@pytest.fixture
def without_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collection")
@pytest.mark.parametrize("name", BODIES)
def test_no_circle_keeps_an_oracle(name: str) -> None:
    oracle = Oracle(load_contract(), FIXTURES)
    expectation = oracle.expect(DRAFTS.request(BODIES[name]))
    assert expectation.call.json is not None
    gone = weakref.ref(oracle)
    del oracle, expectation
    assert gone() is None


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    oracle = Oracle(load_contract(), FIXTURES)
    requests = [DRAFTS.request(DRAFTS.body(number=number)) for number in range(5)]
    first = [oracle.expect(request) for request in requests]
    assert len(oracle._remembered) == 3
    assert [oracle.expect(request) for request in requests] == first
