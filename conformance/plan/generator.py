"""Bodies that Schemathesis and Hypothesis draw from the contract; run in a process of its own.

Hypothesis draws constants from the user's modules that it finds imported, so what it generates
would depend on who imports it and on how this package was installed. This file is therefore run as
a plain script text (`python -c`), where nothing but libraries is imported; it must import nothing
of this package. It reads {"document", "seed", "count"} from standard input and writes one JSON
line a case: {"mode": "negative" | "positive", "body": ...}.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any


def operation(document: dict[str, Any]) -> Any:
    """The operation of the contract, reduced to its body: ids and tokens come from the fixtures."""
    import schemathesis

    (post,) = (path["post"] for path in document["paths"].values())
    reduced = {
        "openapi": document["openapi"],
        "info": {"title": "bodies", "version": "1"},
        "paths": {"/": {"post": {"requestBody": post["requestBody"], "responses": {}}}},
        "components": {
            "schemas": document["components"]["schemas"],
            "requestBodies": document["components"]["requestBodies"],
        },
    }
    for body in reduced["components"]["requestBodies"].values():
        for media_type in body["content"].values():
            media_type.pop("examples", None)
    for schema in reduced["components"]["schemas"].values():
        schema["additionalProperties"] = False  # unknown fields only where they are the point
    return schemathesis.openapi.from_dict(reduced)["/"]["POST"]


def draw(target: Any, mode: Any, seed: int, count: int) -> list[Any]:
    """`count` bodies of a mode, the same for the same arguments and library versions."""
    import hypothesis

    drawn: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(target.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        drawn.append(case.body)

    collect()
    return drawn


def main() -> None:
    """Read what to draw, and write what was drawn."""
    warnings.simplefilter("ignore")
    from schemathesis import GenerationMode

    order = json.load(sys.stdin)
    target = operation(order["document"])
    for mode in (GenerationMode.NEGATIVE, GenerationMode.POSITIVE):
        for body in draw(target, mode, order["seed"], order["count"]):
            try:
                case = json.dumps({"mode": mode.value, "body": body}, allow_nan=False)
            except (TypeError, ValueError):  # raw bytes, or a number JSON does not have
                continue
            sys.stdout.write(case + "\n")


if __name__ == "__main__":
    main()
