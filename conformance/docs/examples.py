"""The examples of the contract, each held against the schema of the body that it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.contract import PATH, Contract
from conformance.contract.schema import ClauseSchema, resolved

Element = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """An example body: its name in the contract, what it shows, and the parsed JSON.

    `origin` says whether the page has it, and what was altered.
    """

    name: str
    summary: str
    origin: str
    value: Any

    @property
    def text(self) -> str:
        """The body as indented JSON."""
        return json.dumps(self.value, ensure_ascii=False, indent=2)


def request_examples(contract: Contract) -> tuple[Example, ...]:
    """The example requests. Raises ValueError where one breaks a clause of Tables 2 to 4."""
    operation = contract.document["paths"][PATH]["post"]
    return tuple(_examples(contract, operation["requestBody"], contract.request))


def answer_examples(contract: Contract) -> dict[str, tuple[Example, ...]]:
    """The example answers by status code. Raises ValueError where one breaks a clause."""
    responses = contract.document["paths"][PATH]["post"]["responses"]
    return {
        code: tuple(
            _examples(contract, response, contract.response if code == "200" else contract.error)
        )
        for code, response in responses.items()
    }


def _examples(contract: Contract, body: Element, schema: ClauseSchema) -> Iterator[Example]:
    (media,) = resolved(contract.document, body)["content"].values()
    for name, element in media["examples"].items():
        found = resolved(contract.document, element)
        example = Example(name, found["summary"], found["description"], found["value"])
        for breach in schema.breaches(example.value):
            raise ValueError(f"the example {name} breaks {breach.clause} at {breach.path}")
        yield example
