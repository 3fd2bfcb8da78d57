"""What exploration sends in a row: histories over a small model of the page.

The model knows tokens, policy and servers by the valid requests that they make, what can be wrong
with each, which of them was executed last, and what is under way. What came before may make no
difference to how a request is answered; and it is drawn so that it might.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
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
MOST_FORMS, MOST_FLAWS = 2, 3
"""How many forms of valid requests, and how many flaws, one history has to choose from: so few that
some of them come twice, and in more than one order."""
ONE_IN = 6
"""Of so many steps one is under way together with the step before it."""


@dataclass(frozen=True, slots=True)
class Form:
    """A valid request, and the same with one thing wrong: outside its body, or in it."""

    valid: Request
    outside: tuple[Request, ...]
    inside: tuple[Request, ...]

    def request(self, flaw: Flaw | None) -> Request:
        """The valid request, or the one with that flaw."""
        if flaw is None:
            return self.valid
        return self.inside[flaw.number] if flaw.is_inside else self.outside[flaw.number]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong: the same number is the same flaw in every form."""

    is_inside: bool
    number: int


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a history, `times` in a row.

    Without a `form` it is like the valid request before it, the first form where there is none.
    """

    form: Form | None
    flaw: Flaw | None
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

    without, within = outside(drafts, draft), inside(drafts, parameters)
    return Form(draft(), *(tuple(chain(*flaws.values())) for flaws in (without, within)))


def played(steps: list[Step], first: Form) -> History:
    """The requests of a history; `first` is what the first step is like."""
    history: History = []
    last = first
    for step in steps:
        form = step.form or last
        if step.flaw is None:
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

    In others as many steps are valid as are not.
    """
    every = forms(drafts)
    flaws = [
        st.builds(Flaw, st.just(is_inside), st.integers(0, count - 1))
        for is_inside, count in ((False, len(every[0].outside)), (True, len(every[0].inside)))
    ]
    some_flaws = st.lists(st.one_of(flaws), min_size=1, max_size=MOST_FLAWS, unique=True)
    some_forms = st.lists(st.sampled_from(every), max_size=MOST_FORMS, unique=True)

    @st.composite
    def drawn(draw: st.DrawFn) -> History:
        wrong, right = draw(some_flaws), draw(some_forms)
        valid = [] if are_refused else [None] * len(wrong)
        step = st.builds(
            Step,
            st.sampled_from([None, *right]),
            st.sampled_from([*valid, *wrong]),
            st.sampled_from(TIMES),
            st.sampled_from([False] * (ONE_IN - 1) + [True]),
        )
        return played(draw(st.lists(step, min_size=2, max_size=MOST_STEPS)), every[0])

    return drawn()
