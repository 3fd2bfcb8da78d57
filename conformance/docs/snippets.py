"""How to send an example: a curl command, and a client in Python without dependencies.

What differs from caller to caller is taken from environment variables; the rest is the contract's.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.contract import PATH, Contract
from conformance.contract.schema import resolved
from conformance.docs.examples import Example

ENDPOINT, TOKEN = "CSBS_ENDPOINT", "CSBS_TOKEN"


@dataclass(frozen=True, slots=True)
class Caller:
    """What every snippet has in common, read from the contract.

    `settings` are the variables a caller sets, with the values of the contract's examples; `path`
    holds the names of those variables in braces.
    """

    settings: Mapping[str, str]
    path: str
    token_header: str
    media_type: str


def caller(contract: Contract) -> Caller:
    """The caller that the contract describes."""
    document = contract.document
    operation = document["paths"][PATH]["post"]
    (scheme,) = document["components"]["securitySchemes"].values()
    (media_type,) = resolved(contract.document, operation["requestBody"])["content"]
    server = document["servers"][0]
    address = server["url"]
    for name, variable in server["variables"].items():
        address = address.replace(f"{{{name}}}", variable["default"])
    settings = {ENDPOINT: address, TOKEN: "..."}
    path = PATH
    for element in operation["parameters"]:
        parameter = resolved(contract.document, element)
        name, schema = parameter["name"], parameter["schema"]
        variable = f"CSBS_{name.upper()}"
        if "const" not in schema:
            settings[variable] = parameter["example"]
        path = path.replace(f"{{{name}}}", schema.get("const", f"{{{variable}}}"))
    return Caller(settings, path, scheme["name"], media_type)


def exports(who: Caller) -> str:
    """The commands that set the variables of a caller."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in who.settings.items())


def curl(who: Caller, example: Example) -> str:
    """The command that sends an example and prints the response."""
    path = who.path.replace("{", "$").replace("}", "")
    return " \\\n  ".join(
        [
            "curl --silent --show-error --fail-with-body",
            f'--request POST "${ENDPOINT}{path}"',
            f'--header "{who.token_header}: ${TOKEN}"',
            f"--header {shlex.quote(f'Content-Type: {who.media_type}')}",
            f"--data {shlex.quote(example.text)}",
        ]
    )


def python(who: Caller, example: Example) -> str:
    """A program that sends an example and prints the id and status of the checkpoint."""
    path = who.path.replace("{", "{os.environ['").replace("}", "']}")
    return f"""\
import json
import os
import urllib.request

url = (
    os.environ["{ENDPOINT}"]
    + f"{path}"
)
body = {_literal(example.value)}
request = urllib.request.Request(
    url,
    data=json.dumps(body).encode(),
    headers={{
        "{who.token_header}": os.environ["{TOKEN}"],
        "Content-Type": "{who.media_type}",
    }},
    method="POST",
)
with urllib.request.urlopen(request, timeout=30) as answer:
    checkpoint = json.load(answer)["checkpoint"]
print(checkpoint["id"], checkpoint["status"])"""


def _literal(value: Any, indent: int = 0) -> str:
    """Parsed JSON as a Python literal over several lines."""
    pad = " " * indent
    match value:
        case dict() if value:
            pairs = (f"{pad}    {_literal(k)}: {_literal(v, indent + 4)}" for k, v in value.items())
            return "{\n" + ",\n".join(pairs) + f",\n{pad}}}"
        case list() if value:
            items = (f"{pad}    {_literal(item, indent + 4)}" for item in value)
            return "[\n" + ",\n".join(items) + f",\n{pad}]"
        case str():
            literal = repr(value)
            return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal else literal
        case _:
            return repr(value)
