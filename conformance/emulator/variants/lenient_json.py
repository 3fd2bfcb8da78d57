"""Readers that take more than JSON (RFC 8259, section 9), which a should advises against.

What they read in it is held against the tables like anything else.
"""
# ruff: noqa: D102

import ast
import json
import re

from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant


@variant("lenient-not-a-number")
class NotANumber(Service):
    """NaN and Infinity are read as numbers, as readers do when nobody forbids it."""

    def not_a_number(self, constant: str) -> float:
        return float(constant)


@variant("lenient-names-in-any-case")
class NamesInAnyCase(Service):
    """Names of fields are compared without regard to case, as in Go and ASP.NET."""

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        return super().fields([(name.lower(), value) for name, value in pairs])


@variant("lenient-not-utf-8")
class NotUtf8(Service):
    """Bytes that are no UTF-8 are replaced, as in Node.js and Go."""

    def decode_text(self, body: bytes) -> str:
        return body.decode("utf-8", "replace")


@variant("lenient-comments")
class Comments(Service):
    """Comments are skipped."""

    def parse_json(self, text: str) -> object:
        return super().parse_json(re.sub(r"/\*.*?\*/", "", text))


@variant("lenient-trailing-commas")
class TrailingCommas(Service):
    """A comma before a closing bracket is skipped."""

    def parse_json(self, text: str) -> object:
        return super().parse_json(re.sub(r",\s*([}\]])", r"\1", text))


@variant("lenient-single-quotes")
class SingleQuotes(Service):
    """What begins with single quotes is read as a literal of a programming language."""

    def parse_json(self, text: str) -> object:
        return ast.literal_eval(text) if text.startswith("{'") else super().parse_json(text)


@variant("lenient-control-characters")
class ControlCharacters(Service):
    """Strings may hold control characters as they are."""

    def parse_json(self, text: str) -> object:
        try:
            return json.loads(
                text,
                strict=False,
                parse_constant=self.not_a_number,
                object_pairs_hook=self.fields,
            )
        except (ValueError, RecursionError):
            raise self.malformed_body("syntax") from None
