"""Bodies of responses: what the vendor's schema allows must keep the clauses of the contract.

For each clause a value is looked for that the vendor allows and that breaks just this clause: first
among valid answers changed in one place, then by generating from the vendor's schema and the
contract's with the clause broken. Where the library can prove that no such value exists, it does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from conformance.compare.breaking import Breakable, breakables, broken, broken_somehow, inlined
from conformance.compare.findings import Findings
from conformance.compare.generating import NothingFound, drawn
from conformance.compare.holding import (
    Path,
    VendorSchema,
    canonical_form,
    covers,
)
from conformance.compare.mending import narrowing
from conformance.compare.model import Direction, Part, Witness
from conformance.contract.schema import ClauseSchema, SchemaBreach
from conformance.lazily import lazily

OF_EVERY_KIND: Final[tuple[Any, ...]] = (
    None, False, True, 0, 1, 0.5, "", "x", "2016-12-06T21:20:29.898823", "2016-12-06", [], {},
    [None], [""], [{}],
)  # fmt: skip
"""Values that stand for their types and boundaries."""
NOWHERE: Final = object()
MOST_MENDED: Final = 5
"""Places of an example that are changed until the vendor allows it."""


@dataclass(frozen=True)
class Promise:
    """A schema of the contract, and examples of values that keep it."""

    schema: ClauseSchema
    name: str
    examples: tuple[Any, ...]

    @lazily
    def plain(self) -> dict[str, Any]:
        """The schema without references and remarks."""
        return inlined(self.schema, {"$ref": f"#/components/schemas/{self.name}"})

    @lazily
    def clauses(self) -> tuple[Breakable, ...]:
        """What can be broken."""
        root = {"$ref": f"#/components/schemas/{self.name}"}
        return tuple(breakables(self.schema, root))

    @lazily
    def canonical(self) -> Any:
        """The canonical form of the schema."""
        return canonical_form(self.plain)


def compare_answers(
    findings: Findings, schema: VendorSchema, promise: Promise, statuses: tuple[str, ...]
) -> None:
    """Note every clause of `promise` that a response may break which the vendor's schema allows."""
    if schema.never_meets({}):
        findings.cannot(schema.pointer, "the schema allows no answer at all; correct it")
        return
    if covers(promise.canonical, schema.canonical):
        findings.proved |= {breakable.clause for breakable in promise.clauses}
        return
    choices = schema.alternatives()
    others = {
        each.pointer
        for each in choices
        if _Answers(findings, schema.within([each]), promise, statuses).is_another(each.pointer)
    }
    kept = [each for each in choices if each.pointer not in others]
    if not others:
        _Answers(findings, schema, promise, statuses).compare()
    elif kept and covers(promise.canonical, schema.any_of(kept).canonical):
        findings.proved |= {breakable.clause for breakable in promise.clauses}
    elif kept:
        _Answers(findings, schema.within(kept), promise, statuses).compare()


class _Answers:
    def __init__(
        self,
        findings: Findings,
        schema: VendorSchema,
        promise: Promise,
        statuses: tuple[str, ...],
    ) -> None:
        self.findings = findings
        self.schema = schema
        self.promise = promise
        self.statuses = statuses
        self.can_draw = True

    def compare(self) -> None:
        bases = self._bases()
        if not bases:
            return
        for breakable in self.promise.clauses:
            value = self._changed(breakable, bases)
            if value is NOWHERE:
                value = self._generated(breakable)
            if value is not NOWHERE:
                self._note(breakable, value)

    def is_another(self, pointer: str) -> bool:
        """Whether an alternative, at a pointer, is another thing than what is promised.

        It goes without the one field that is promised, and says nothing of what stands there. That
        is one difference: what else is wrong where the field stands has the same cause.
        """
        if len(self.promise.plain.get("required", ())) != 1:
            return False
        outer = next(each for each in self.promise.clauses if each.keyword == "required")
        value = self._generated(outer)
        if not isinstance(value, dict):
            return False
        name = outer.path[0]
        is_closed = self.schema.never_meets({"required": [name]})
        kinds = ({**value, name: each} for each in OF_EVERY_KIND)
        if not is_closed and not all(map(self.schema.accepts, kinds)):
            return False
        self._note(outer, value, pointer)
        return True

    def _bases(self) -> list[Any]:
        """Answers that the vendor allows, such as keep the contract first.

        Where there is none the comparison is given up, and the reason noted.
        """
        own = [value for value in self.promise.examples if self.schema.accepts(value)]
        if own:
            return own
        mended = self._mended(self.promise.examples[0])
        keeps = not self.schema.never_meets(self.promise.plain)
        if mended is not NOWHERE and not (keeps and self._breaches(mended)):
            return [mended]
        problem = ""
        for wanted in (self.promise.plain, {}):
            try:
                return [drawn(self.schema, wanted, lambda value: True)]
            except NothingFound as failure:
                problem = str(failure)
                if failure.is_unsupported:
                    break
        told = f"no answer could be generated from this schema: {problem}"
        self.findings.cannot(self.schema.pointer, told)
        return []

    def _mended(self, value: Any) -> Any:
        """An example with what the vendor refuses exchanged for what is allowed; else `NOWHERE`."""
        for _ in range(MOST_MENDED):
            refusals = self.schema.refusals(value)
            if not refusals:
                return value
            choices = (
                with_value(value, (*refusals[0].path, *refusals[0].names[:1]), each)
                for each in (*self.schema.constants, *OF_EVERY_KIND)
            )
            fewer = (
                choice
                for choice in choices
                if choice is not NOWHERE and len(self.schema.refusals(choice)) < len(refusals)
            )
            value = next(fewer, NOWHERE)
            if value is NOWHERE:
                break
        return NOWHERE

    def _breaches(self, value: Any) -> list[SchemaBreach]:
        return self.promise.schema.breaches(value)

    def _changed(self, breakable: Breakable, bases: list[Any]) -> Any:
        """A valid answer changed in one place, so that it breaks one clause; else `NOWHERE`."""
        for base in bases:
            for value in neighbours(base, breakable, self.schema.constants):
                if self.schema.accepts(value):  # which is told at less cost than the breaches
                    broken_clauses = [breach.clause for breach in self._breaches(value)]
                    if broken_clauses == [breakable.clause]:
                        return value
        return NOWHERE

    def _generated(self, breakable: Breakable) -> Any:
        """A response drawn from the vendor's schema that breaks a clause; else `NOWHERE`."""
        path, keyword = breakable.path, breakable.keyword

        def breaks(value: Any) -> bool:
            return breakable.clause in [breach.clause for breach in self._breaches(value)]

        if self.schema.never_meets(broken_somehow(self.promise.plain, path, keyword)):
            self.findings.proved.add(breakable.clause)
            return NOWHERE
        for break_it in (broken, broken_somehow) if self.can_draw else ():
            try:
                return drawn(self.schema, break_it(self.promise.plain, path, keyword), breaks)
            except NothingFound as failure:
                if failure.is_unsupported:
                    told = f"no answer could be generated from this schema: {failure}"
                    self.findings.cannot(self.schema.pointer, told)
                    self.can_draw = False
                    break
        where = self.schema.spot(path) if self.can_draw else self.schema.pointer
        self.findings.tried.setdefault(breakable.clause, where)
        return NOWHERE

    def _note(self, breakable: Breakable, value: Any, alternative: str = "") -> None:
        breach = next(b for b in self._breaches(value) if b.clause == breakable.clause)
        is_missing = breakable.keyword == "required"
        around = breakable.path[:-1] if is_missing else breakable.path
        self.findings.differs(
            Direction.RESPONSE,
            breakable.clause,
            alternative or self.schema.spot(around),
            expectation(breach),
            Witness(Part.BODY, value, breach.path, self.schema.pointer),
            statuses=self.statuses,
            change=None
            if alternative
            else narrowing(
                self.schema,
                breakable.path,
                breakable.keyword,
                breakable.element,
                value,
            ),
        )


def expectation(breach: SchemaBreach) -> str:
    """What the contract expects at a spot, and what the document allows there."""
    spot = breach.path or "the body"
    return f"{spot}: the contract expects {breach.expected}; the document allows {breach.received}"


def neighbours(base: Any, breakable: Breakable, constants: tuple[Any, ...]) -> Iterator[Any]:
    """`base` with one spot changed: the field left out, or another value in its place."""
    path = breakable.path
    if breakable.keyword == "required":
        if (copy := with_value(base, path, NOWHERE)) is not NOWHERE:
            yield copy
        return
    for value in (*OF_EVERY_KIND, *constants):
        copy = with_value(base, path, value)
        if copy is NOWHERE:
            return
        yield copy


def with_value(base: Any, path: Path, value: Any) -> Any:
    """A copy of `base` with `value` at `path`, or without it; `NOWHERE` if it has no such path."""
    if not path:
        return value
    step, *rest = path
    is_field = isinstance(base, dict) and isinstance(step, str) and (step in base or not rest)
    is_item = isinstance(base, list) and isinstance(step, int) and step < len(base)
    if not is_field and not is_item:
        return NOWHERE
    inner = with_value(base[step], tuple(rest), value) if rest else value
    if rest and inner is NOWHERE:
        return NOWHERE
    copy = base.copy()
    copy[step] = inner
    if inner is NOWHERE:
        del copy[step]
    return copy


def promises(findings: Findings) -> tuple[Promise, Promise]:
    """What the contract says of a response with a checkpoint, and of an error."""
    contract = findings.contract
    examples = contract.document["components"]["examples"]
    answer = examples["response_protecting"]["value"]
    fewest = json.loads(json.dumps(answer))
    del fewest["checkpoint"]["extra_info"]
    for listed in fewest["checkpoint"]["protection_plan"]["resources"]:
        listed.pop("extra_info", None)
    errors = tuple(each["value"] for name, each in examples.items() if name.startswith("error_"))
    return (
        Promise(contract.response, "response", (fewest, answer)),
        Promise(contract.error, "error", errors[:1]),
    )
