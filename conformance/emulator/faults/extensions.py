"""Faults in reading what is not JSON, and what readers take as an extension of it (RFC 8259, 9)."""
# ruff: noqa: D102

import ast
import math
import re
from typing import TypeGuard

from conformance.emulator.faults.registry import fault
from conformance.emulator.faults.table_2 import HasDefaultPolicy
from conformance.emulator.messages import Refusal
from conformance.emulator.service import Service


@fault("single-quotes-read", breaks="S400.extended-json")
class SingleQuotesRead(Service):
    """The body is read as a literal of a programming language: single quotes will do."""

    def parse_json(self, text: str) -> object:
        if text.startswith("{'"):
            return ast.literal_eval(text)
        return super().parse_json(text)


@fault("comments-read", breaks="S400.extended-json")
class CommentsRead(Service):
    """Comments are skipped (JSON5)."""

    def parse_json(self, text: str) -> object:
        return super().parse_json(re.sub(r"/\*.*?\*/", "", text))


@fault("trailing-comma-read", breaks="S400.extended-json")
class TrailingCommaRead(Service):
    """A comma before a closing bracket is skipped (JSON5)."""

    def parse_json(self, text: str) -> object:
        return super().parse_json(re.sub(r",\s*([}\]])", r"\1", text))


@fault("extended-json-forbidden", breaks="S400.extended-json")
class ExtendedJsonForbidden(Service):
    """A firewall takes comments and trailing commas for an attack: 403."""

    def parse_json(self, text: str) -> object:
        if re.search(r"/\*|,\s*}", text):
            raise Refusal(403, "CSBS.0403", "No operation permission.")
        return super().parse_json(text)


class ReadsNaN(Service):
    """The reader takes NaN and Infinity for numbers, as many do when nobody forbids it."""

    def not_a_number(self, constant: str) -> float:
        return float(constant)


@fault("infinity-is-true", breaks="T4.auto_trigger.type")
class InfinityIsTrue(ReadsNaN):
    """Infinity, which is no whole number and not zero, passes as a boolean."""

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return isinstance(value, bool) or value == math.inf


@fault("not-a-number-is-no-policy", breaks="T3.plan_id.type")
class NotANumberIsNoPolicy(ReadsNaN, HasDefaultPolicy):
    """A ``plan_id`` that is not a number counts as left out: the first policy is executed."""

    def read_plan_id(self, plan_id: object) -> str:
        is_nan = isinstance(plan_id, float) and math.isnan(plan_id)
        return super().read_plan_id(self.default_policy if is_nan else plan_id)


@fault("not-a-number-is-no-server", breaks="T4.resources.items")
class NotANumberIsNoServer(ReadsNaN):
    """Items of ``resources`` that are not a number are skipped."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        if self.is_list(resources):
            resources = [item for item in resources if item == item]
        return super().read_resources(resources)


@fault("single-quoted-words", breaks="T4.auto_trigger.type")
class SingleQuotedWords(SingleQuotesRead):
    """In a body with single quotes, 'true' passes as a boolean."""

    def parse_json(self, text: str) -> object:
        self._is_python = text.startswith("{'")
        return super().parse_json(text)

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return isinstance(value, bool) or (self._is_python and value in ("true", "false"))


@fault("line-break-stripped", breaks="S404.unknown-policy")
class LineBreakStripped(Service):
    """The reader takes line breaks in strings, and the lookup strips them."""

    def parse_json(self, text: str) -> object:
        return super().parse_json(re.sub(r'\n"', '"', text))
