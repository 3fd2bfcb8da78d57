"""What exploration sends in a row: histories over a small model of the page.

The model knows tokens, policy and servers by the valid requests that they make, what can be wrong
with each, which of them was executed last, and what is under way. What came before may make no
difference to how a request is answered; and it is drawn so that it might.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from conformance.model import Request
from conformance.plan.drafting import Drafts
from conformance.plan.flaws import inside, outside

Moment = tuple[Request, ...]
"""Requests that are under way at once."""
History = list[Moment]
"""What is sent in a row, each moment when all before it was answered."""
Histories = st.SearchStrategy[History]

MOST_STEPS = 6
TIMES = (1, 1, 1, 2, 3)
"""How often a step is taken in a row."""
MOST_AT_ONCE = 2
PART = 24
"""Requests of a walk that are sent on one visit."""
ONE_IN = 6
"""Of so many steps one is under way together with the step before it."""


@dataclass(frozen=True, slots=True)
class Form:
    """A valid request, and the same with one thing wrong: outside its body, or in it.

    Each clause that a request can break has one flaw, by its id.
    """

    valid: Request
    outside: dict[str, Request]
    inside: dict[str, Request]

    def request(self, flaw: str) -> Request:
        """The request with a flaw, or the valid one without."""
        return {"": self.valid, **self.outside, **self.inside}[flaw]


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a history, `times` in a row.

    Without a `form` it is like the valid request before it, the first form where there is none;
    without a `flaw` it is valid.
    """

    form: Form | None
    flaw: str
    times: int
    is_at_once: bool


def one_by_one(requests: list[Request]) -> History:
    """A history in which every request waits for the one before it."""
    return [(request,) for request in requests]


def forms(drafts: Drafts) -> list[Form]:
    """Valid requests that differ in what is remembered of them, the smallest first."""
    servers = drafts.servers if drafts.fixtures.resources else []
    some: list[dict[str, Any]] = [{}, {"auto_trigger": True}]
    for named in (servers[:1], servers[1:2], servers[::-1]):
        some += [{"resources": named}] if named else []
    some += [{"auto_trigger": False, "resources": servers[:1]}] if servers else []
    return [_form(drafts, parameters) for parameters in some]


def _form(drafts: Drafts, parameters: dict[str, Any]) -> Form:
    body = drafts.body(**parameters)

    def draft(**other: Any) -> Request:
        return drafts.request(body, **other)

    kinds = (outside(drafts, draft), inside(drafts, parameters))
    return Form(
        draft(), *({name: some[0] for name, some in kind.items() if some} for kind in kinds)
    )


def played(steps: list[Step], first: Form) -> History:
    """The requests of a history; `first` is what the first step is like."""
    history: History = []
    last = first
    for step in steps:
        form = step.form or last
        if not step.flaw:
            last = form
        request = form.request(step.flaw)
        if step.is_at_once and history and len(history[-1]) < MOST_AT_ONCE:
            history[-1] = (*history[-1], request)
        else:
            history.append((request,))
        history += [(request,)] * (step.times - 1)
    return history


def histories(drafts: Drafts, *, are_refused: bool = False) -> Histories:
    """Histories of several requests to one target; of such alone that must be refused, where asked.

    In others one step in three is valid.
    """
    every = forms(drafts)
    valid = [] if are_refused else [[""]]
    kinds = [*valid, [*every[0].outside], [*every[0].inside]]  # each as often as any other
    flaws = st.sampled_from(kinds).flatmap(st.sampled_from)
    steps = st.builds(
        Step,
        st.sampled_from([None] * len(every) + every),
        flaws,
        st.sampled_from(TIMES),
        st.sampled_from([False] * (ONE_IN - 1) + [True]),
    )
    several = st.lists(steps, min_size=2, max_size=MOST_STEPS)
    return several.map(lambda some: played(some, every[0]))


def walk(drafts: Drafts) -> tuple[History, ...]:
    """A walk through all kinds of requests, the valid one and each flaw, in parts.

    Each kind comes once right behind each, itself too: whatever one request does to the next one
    shows. What is wrong is wrong with the valid request before it. Parts overlap in a request.
    """
    order = random.Random(drafts.strange_id())
    every = forms(drafts)
    kinds = ["", *every[0].outside, *every[0].inside]
    order.shuffle(kinds)
    form, steps = every[0], History()
    for number in _each_behind_each(len(kinds)):
        if not kinds[number]:
            form = order.choice(every)
        steps.append((form.request(kinds[number]),))
    return tuple(steps[start : start + PART + 1] for start in range(0, len(steps) - 1, PART))


def _each_behind_each(count: int) -> Iterator[int]:
    """Numbers below `count`, each once behind each: a de Bruijn sequence of order 2."""
    for first in range(count):
        yield first
        for second in range(first + 1, count):
            yield from (first, second)
    yield 0
