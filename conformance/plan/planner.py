"""Puts a plan together: directed probes at once, generated ones when they have been drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from conformance.contract import Contract
from conformance.contract.clauses import MUST, Clause, Fixture, Table, is_selected
from conformance.credentials.placeholders import PLACEHOLDER
from conformance.model import Fixtures
from conformance.page.call import GUESSED, TokenState
from conformance.page.catalogue import concerns
from conformance.page.oracle import Duty, Oracle
from conformance.page.registry import REGISTRY
from conformance.plan.again import again, at_last, behind
from conformance.plan.domains.kind import Kind
from conformance.plan.domains.table import table
from conformance.plan.domains.while_left import BEFORE_OPEN_POINTS, while_left
from conformance.plan.drafting import Drafts, Probe
from conformance.plan.executions import (
    apart,
    choices,
    minimal,
    overlapping,
    valid,
)
from conformance.plan.generated import fitted
from conformance.plan.preflight import first_question

CORE = 5
"""How many of the valid requests, the first ones, hold every shape."""
ENOUGH = 2
"""Executions that decide what every execution shows, and what tells one from another."""
REFUSED = (Duty.REFUSE, Duty.NOT_EXECUTE)
OF_OBJECTS = frozenset({Fixture.PROJECT, Fixture.PLAN, Fixture.RESOURCE})
PROVIDER = Table(1, "provider_id")
"""What a target looks up, and may not find."""


OF_FIELDS = frozenset(Table(number).section for number in (2, 3, 4))
"""What the document says of the fields of a body, which a target may read without a check."""


class Profile(StrEnum):
    """How much a run sends."""

    SMOKE = "smoke"
    STANDARD = "standard"
    DEEP = "deep"


@dataclass(frozen=True, slots=True)
class Plan:
    """The probes of a run, in the order in which they are sent.

    `preflight` shows whether anything can be tested: a request that is among the refusals as
    well, and the list of policies. `refusals` can run side by side; `choices` and `valid` may
    be executed and go one by one. `behind` are refusals of which one goes right behind each of
    the first valid requests; `late` are those of objects that do not exist, and go behind the
    first; `in_a_row` are those of wrong tokens, and go behind the third; `again` go beside the
    others, and some of them were sent before; `while_left` go where requests are left.
    `overlapping` are valid requests that go at once, three and two. `spare` are valid requests
    sent only while executions are left: nothing depends on them. `apart` are valid requests sent
    only after a refusal that they explain (`exchange/explaining.py`). `looks` ask what became of
    the executions, now and then (`exchange/looking.py`): they test nothing.
    """

    refusals: tuple[Probe, ...]
    choices: tuple[Probe, ...]
    valid: tuple[Probe, ...]
    again: tuple[Probe, ...] = ()
    spare: tuple[Probe, ...] = ()
    preflight: tuple[Probe, ...] = ()
    overlapping: tuple[Probe, ...] = ()
    apart: tuple[Probe, ...] = ()
    looks: tuple[Probe, ...] = ()
    behind: tuple[Probe, ...] = ()
    late: tuple[Probe, ...] = ()
    in_a_row: tuple[Probe, ...] = ()
    while_left: tuple[Probe, ...] = ()

    @property
    def probes(self) -> tuple[Probe, ...]:
        """All that test something on a conforming target, in order."""
        first = (*self.refused, *self.while_left, *self.valid, *self.again)
        return (*first, *self.overlapping, *self.choices, *self.spare)

    @property
    def refused(self) -> tuple[Probe, ...]:
        """All that must be refused, but for what was sent before and is sent again."""
        return (*self.refusals, *self.behind, *self.late, *self.in_a_row)


class Planner:
    """Plans the run of one target; `left_out` says which drafts are in no plan, and why."""

    def __init__(
        self,
        contract: Contract,
        fixtures: Fixtures,
        *,
        profile: Profile,
        seed: int,
        only: tuple[str, ...] = (),
        max_executions: int,
    ) -> None:
        self.contract = contract
        self.fixtures = fixtures
        self.profile = profile
        self.only = only
        self.max_executions = max_executions
        self.oracle = Oracle(contract, fixtures)
        self.drafts = Drafts(fixtures, seed)
        self._minimal = minimal(self.drafts)
        self._given = {token.value for token in fixtures.tokens}
        self.left_out: dict[str, str] = {}
        self.directed = self._directed()
        for probe in (*self.directed.probes, *self.directed.apart):
            self.left_out.pop(probe.id, None)

    @property
    def is_generating(self) -> bool:
        """Whether the plan has generated probes as well."""
        return self.profile is not Profile.SMOKE

    def with_generated(self, drawn: list[dict[str, Any]]) -> Plan:
        """The whole plan: the directed probes and, from what was drawn, those that add to them."""
        plan = self.directed
        known = {probe.request.digest for probe in plan.probes}
        negative, positive = fitted(self.drafts, drawn, self.oracle, known)
        return replace(
            plan,
            refusals=(*plan.refusals, *self._selected(negative, *REFUSED)),
            spare=(*plan.spare, *self._selected(positive, Duty.EXECUTE, Duty.CHOOSE)),
        )

    def _directed(self) -> Plan:
        drafts = self.drafts
        kinds = tuple(table(drafts))
        probes = (probe for kind in kinds for probe in kind.probes)
        refused = self._in_rounds(self._selected(probes, *REFUSED))
        open_points = self._selected(choices(drafts, kinds), Duty.CHOOSE)
        executed = self._executed
        if self.profile is Profile.SMOKE:
            core = executed[: self.max_executions]
            first = tuple(Probe(f"{each.id}-repeated", each.request) for each in core[:1])
            refused = self._one_a_clause(refused)
            explaining = (*first, *self._apart)
            plan = Plan(refused, (), core, preflight=self._preflight, apart=explaining)
            return replace(plan, looks=self._looks)
        core, spare = executed[:CORE], executed[CORE:]
        repeated = self._selected(again(drafts, kinds, core[2:-1]), *REFUSED) if core else ()
        later = {probe.id for probe in repeated}
        refused = tuple(probe for probe in refused if probe.id not in later)
        late = tuple(self._late(refused)) if core else ()
        in_a_row = tuple(self._guessed(refused)) if core else ()
        refused = tuple(probe for probe in refused if probe not in (*late, *in_a_row))
        right_behind = self._selected(behind(drafts), *REFUSED) if core else ()
        pairs = tuple(overlapping(drafts, core)) if len(core) > 1 and not self.only else ()
        asked = self._preflight
        plan = Plan(refused, open_points, core, repeated, spare, asked, pairs, self._apart)
        more = self._selected(self._while_left(kinds), *REFUSED) if core else ()
        plan = replace(plan, late=late, in_a_row=in_a_row, while_left=more)
        return replace(plan, behind=right_behind, looks=self._looks)

    def _while_left(self, kinds: Iterable[Kind]) -> Iterator[Probe]:
        """What is refused while requests are left; behind the open points, first the last ones."""
        likely = while_left(kinds)
        yield from likely[:BEFORE_OPEN_POINTS]
        yield from at_last(self.drafts)
        yield from likely[BEFORE_OPEN_POINTS:]

    def _late(self, refused: Iterable[Probe]) -> Iterator[Probe]:
        """The requests that are refused for an object that they name.

        A target may remember that it did not find the object, or have begun with the request and
        keep a lock. What it refuses then is a wrong fixture, for all that is known, unless a valid
        request was executed before.
        """
        for probe in refused:
            refusing = self.oracle.expect(probe.request).refusing
            if refusing and all(map(_is_of_an_object, refusing)):
                yield probe

    def _guessed(self, refused: Iterable[Probe]) -> Iterator[Probe]:
        """All requests with a wrong token but the first of each sort.

        A target may lock out whoever guesses tokens, and then their owner: that is a wrong token,
        for all that is known, unless valid requests were executed before.
        """
        known: set[TokenState] = set()
        for probe in refused:
            token = self.oracle.expect(probe.request).call.token
            if token in known:
                yield probe
            elif token in GUESSED:
                known.add(token)

    @property
    def _looks(self) -> tuple[Probe, ...]:
        """The request for the list of backups, where a clause is wanted that it can show."""
        if not self._can_execute or not self._selects((*REGISTRY.backups, *REGISTRY.lists)):
            return ()
        return (Probe("backups", self.drafts.backups()),)

    @property
    def _preflight(self) -> tuple[Probe, ...]:
        """The first questions, where there is a token and a project to ask them with."""
        if self.fixtures.project_id is None or self.fixtures.login is None:
            return ()
        return first_question(self.drafts), Probe("policies", self.drafts.policies())

    @property
    def _executed(self) -> tuple[Probe, ...]:
        """The valid requests; of those that only show what any execution does, two suffice."""
        if not self._can_execute:
            return ()
        probes = tuple(valid(self.drafts))
        wanted = self._selected(probes, Duty.EXECUTE)
        if self.only and self._selects(concerns(self.contract).execution):
            enough = CORE if self._selects(REGISTRY.backups) else ENOUGH  # by what was asked for
            others = [probe for probe in probes if probe not in wanted]
            some = (*wanted, *others[: max(0, enough - len(wanted))])
            return tuple(probe for probe in probes if probe in some)
        return wanted

    @property
    def _apart(self) -> tuple[Probe, ...]:
        """What the first valid request holds at once, one thing in each."""
        return self._selected(apart(self.drafts), Duty.EXECUTE) if self._can_execute else ()

    @property
    def _can_execute(self) -> bool:
        fixtures = self.fixtures
        return bool(fixtures.project_id and fixtures.plan_id and fixtures.login)

    def _selected(self, drafted: Iterable[Probe], *duties: Duty) -> tuple[Probe, ...]:
        """The probes that can be sent, have one of `duties`, and decide a clause of `--only`.

        With odd fixtures, such as an id without a letter, a request may turn out to be another's.
        """
        return tuple(probe for probe in drafted if self._is_planned(probe, duties))

    def _is_planned(self, probe: Probe, duties: Collection[Duty]) -> bool:
        """Whether nothing speaks against a draft; what does is noted."""
        if why := self._why_not(probe, duties):
            self.left_out[probe.id] = why
        return not why

    def _why_not(self, probe: Probe, duties: Collection[Duty]) -> str:
        duty = self.oracle.expect(probe.request).duty
        if duty not in duties:
            return f"with these fixtures a target has to {duty.value}"
        if not self._has_tokens_for(probe):
            return "its token was not given"
        return "" if self._is_wanted(probe) else "--only asks for none of the clauses it decides"

    def _has_tokens_for(self, probe: Probe) -> bool:
        names = [
            match[1]
            for _, value in probe.request.headers
            if (match := PLACEHOLDER.fullmatch(value))
        ]
        return all(name in self._given for name in names)

    def _is_wanted(self, probe: Probe) -> bool:
        if not self.only:
            return True
        if probe.request == self._minimal:  # without it no refusal can be trusted
            return True
        return self._selects(self.decided_by(probe) - concerns(self.contract).execution)

    def _selects(self, clause_ids: Iterable[str]) -> bool:
        return any(is_selected(name, self.only) for name in clause_ids)

    def decided_by(self, probe: Probe) -> set[str]:
        """The clauses that the response to a probe may decide."""
        expectation = self.oracle.expect(probe.request)
        of = concerns(self.contract)
        broken = expectation.refusing or (breach.clause for breach in expectation.breaches)
        decided = {clause.id for clause in broken}
        if expectation.duty is Duty.NOT_EXECUTE:
            return decided
        decided |= of.response | of.refusal
        if expectation.may_execute:
            decided |= of.execution
        if expectation.duty is Duty.EXECUTE:
            decided |= of.valid | set(expectation.kept)
        return decided

    def _in_rounds(self, probes: Sequence[Probe]) -> tuple[Probe, ...]:
        """The probes in rounds: each clause is decided once before any is twice.

        In each round those come first that nearly every target refuses, whatever it makes of the
        fields of a body: in trouble with others they show that it serves. Then come those that
        break a must.
        """
        rounds: Counter[frozenset[str]] = Counter()
        ranked = []
        for probe in probes:
            expectation = self.oracle.expect(probe.request)
            rounds[expectation.kinds] += 1
            clauses = [breach.clause for breach in expectation.breaches]
            is_of_field = any(clause.source.section in OF_FIELDS for clause in clauses)
            is_minor = all(clause.level is not MUST for clause in clauses)
            ranked.append((rounds[expectation.kinds], is_of_field, is_minor, probe))
        return tuple(probe for *_, probe in sorted(ranked, key=lambda each: each[:-1]))

    def _one_a_clause(self, probes: Sequence[Probe]) -> tuple[Probe, ...]:
        """The first probe in which each clause is decisive."""
        first: dict[str, Probe] = {}
        for probe in probes:
            clause = self.oracle.expect(probe.request).decisive
            if clause is None:
                self.left_out[probe.id] = "--profile smoke: it decides no clause alone"
            elif (chosen := first.setdefault(clause.id, probe)) is not probe:
                self.left_out[probe.id] = f"--profile smoke: {chosen.id} decides {clause.id}"
        return tuple(first.values())


def _is_of_an_object(clause: Clause) -> bool:
    """Whether a clause is on an object that the URI or the body names."""
    is_named = bool(clause.needs) and OF_OBJECTS.issuperset(clause.needs)
    return is_named or (clause.source == PROVIDER and bool(clause.answers))
