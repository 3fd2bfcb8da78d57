"""Requests of a run as a script in Python (httpx), and as a `.http` file that editors send.

Secrets are taken from the environment, `CSBS_TOKEN` and `CSBS_FORBIDDEN_TOKEN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import indent
from typing import Final

from conformance.credentials.braces import plain, plain_body
from conformance.credentials.placeholders import (
    DERIVATIONS,
    PLACEHOLDER,
    RESEMBLED,
    Derivation,
)
from conformance.errors import UsageError
from conformance.judge.verdicts import Groups
from conformance.model import Exchange, Request
from conformance.report.curl import VARIABLES
from conformance.report.evidence import exchange_named
from conformance.text import visible, visible_line, without_login

LEFT_TO_CLIENT: Final = frozenset({"content-length", "transfer-encoding"})
HELPERS: Final = {
    "changed": """
def changed(token, quarters):
    place = len(token) * quarters // 4
    return token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :]
""",
    "transposed": """
def transposed(token):
    for place in range(len(token) - 3, -1, -1):
        if token[place] != token[place + 1]:
            return token[:place] + token[place + 1] + token[place] + token[place + 2 :]
    return changed(token, 2)
""",
    "other_case": """
def other_case(token):
    other = token[:-1].swapcase() + token[-1:]
    return other if other != token else changed(token, 2)
""",
}
"""Functions in Python that some near-misses of a token need; the last two need the first."""
MADE: Final = {
    Derivation.EXTENDED: 'token + "AAAA"',
    Derivation.PRECEDED: '"Bearer " + token',
    Derivation.TRUNCATED: "token[: -max(1, len(token) // 4)]",
    Derivation.HALVED: "token[: len(token) // 2]",
    Derivation.BEHEADED: "token[max(1, len(token) // 4) :]",
    Derivation.EARLY_CHANGED: "changed(token, 1)",
    Derivation.MIDDLE_CHANGED: "changed(token, 2)",
    Derivation.LATE_CHANGED: "changed(token, 3)",
    Derivation.TRANSPOSED: "transposed(token)",
    Derivation.SYMBOL_INSERTED: 'token[: len(token) // 2] + "*" + token[len(token) // 2 :]',
    Derivation.SPACED: 'token[: len(token) // 2] + " " + token[len(token) // 2 :]',
    Derivation.BYTE_INSERTED: 'token[: len(token) // 2] + "\\xe9" + token[len(token) // 2 :]',
    Derivation.QUOTED: "'\"' + token + '\"'",
    Derivation.LISTED: "token + ', AAAA'",
    Derivation.DOUBLED: "token + token",
    Derivation.OTHER_CASE: "other_case(token)",
}
"""How each near-miss of a token is made in Python, of the one in the variable `token`."""
_BETWEEN = re.compile(r"^###", re.MULTILINE)
_TOKEN = re.compile(r"\btoken\b")
_DOTS = re.compile(r"/\.{1,2}(?=[/?#]|$)")


def python_script(groups: Groups) -> str:
    """A script that sends exchanges again; it needs httpx. Raises UsageError for what it cannot."""
    body = "\n\n".join(_python_group(group) for group in groups)
    tokens = [f'{_name(name)} = os.environ["{name}"]' for name in _variables(groups)]
    needed = [name for name in HELPERS if f"{name}(" in body]
    if needed and "changed" not in needed:
        needed.insert(0, "changed")
    lines = [
        *(["from concurrent.futures import ThreadPoolExecutor"] if "pool.map(" in body else []),
        *(["import os"] if tokens else []),
        "",
        "import httpx",
        *(HELPERS[name] for name in needed),
        "",
        *tokens,
        "client = httpx.Client(timeout=60)",
        "client.headers.clear()",
        "",
        body,
    ]
    return visible("\n".join(lines).lstrip("\n"))


def _python_group(group: Sequence[Exchange]) -> str:
    comments = "\n".join(_comment(each) for each in group)
    requests = [_python_request(each.request) for each in group]
    shown = ["print(response.status_code, dict(response.headers))", "print(response.text)"]
    if len(requests) == 1:
        return "\n".join([comments, f"response = client.send({requests[0]})", *shown])
    listed = indent(",\n".join(requests), "    ")
    at_once = [
        "with ThreadPoolExecutor() as pool:",
        "    for response in pool.map(client.send, requests):",
        *(f"        {line}" for line in shown),
    ]
    return "\n".join([comments, f"requests = [\n{listed},\n]", *at_once])


def _python_request(request: Request) -> str:
    _check(request)
    url = plain(without_login(request.url))
    if _DOTS.search(url):
        raise UsageError("httpx removes the dot segments of this URL; see --curl")
    headers = [
        f"        ({plain(name)!r}, {_header_value(value)}),"
        for name, value in request.headers
        if name.lower() not in LEFT_TO_CLIENT
    ]
    content = [f"    content={plain_body(request.body)!r},"] if request.body else []
    return "\n".join(
        [
            "client.build_request(",
            f"    {request.method!r},",
            f"    {url!r},",
            *("    headers=[", *headers, "    ],"),
            *content,
            ")",
        ]
    )


def _header_value(stored: str) -> str:
    """The value of a header as an expression; httpx takes what is not ASCII as bytes."""
    expression = _expression(stored)
    marks = (Derivation.BYTE_INSERTED.of(token) for token in RESEMBLED)
    is_ascii = stored.isascii() and not any(mark in stored for mark in marks)
    return expression if is_ascii else f'({expression}).encode("latin-1", "replace")'


def _expression(stored: str) -> str:
    """A stored text as an expression in Python. Raises UsageError for a secret of unknown make."""
    parts = [_made(secret) if secret else repr(plain(text)) for text, secret in _pieces(stored)]
    return " + ".join(parts) or "''"


def _made(placeholder: re.Match[str]) -> str:
    name = _name(_variable(placeholder))
    if placeholder[2] in DERIVATIONS:
        return _TOKEN.sub(name, MADE[DERIVATIONS[placeholder[2]]])
    return name


def http_file(groups: Groups) -> str:
    """A `.http` file with the requests of exchanges. Raises UsageError for what it cannot say."""
    lines = [f"@{_name(name)} = {{{{$processEnv {name}}}}}" for name in _variables(groups)]
    for group in groups:
        note = ["# These were sent at once."] if len(group) > 1 else []
        for exchange in group:
            lines += ["", f"##{_comment(exchange)}", *note, *_http_request(exchange.request)]
    return visible("\n".join(lines).lstrip("\n"))


def _http_request(request: Request) -> Iterator[str]:
    _check(request)
    yield f"{request.method} {plain(without_login(request.url))}"
    for name, value in request.headers:
        if name.lower() in LEFT_TO_CLIENT:
            continue
        parts = [f"{{{{{_http_name(s)}}}}}" if s else plain(text) for text, s in _pieces(value)]
        yield f"{plain(name)}: {''.join(parts)}"
    if not request.body:
        return
    text = plain_body(request.body).decode("utf-8", "replace")
    is_text = text.replace("\n", "").replace("\t", "").isprintable() and "�" not in text
    if not is_text or "{{" in text or _BETWEEN.search(text):
        raise UsageError("a .http file cannot hold the body of this request; see --curl")
    yield ""
    yield text


def _http_name(placeholder: re.Match[str]) -> str:
    if placeholder[2]:
        raise UsageError("a .http file cannot make a near-miss of a token; see --curl or --python")
    return _name(_variable(placeholder))


def _check(request: Request) -> None:
    """Raise UsageError for a request that is not known in full."""
    if not request.whole or not request.all_headers:
        raise UsageError("this request was not recorded in full; it cannot be sent again")


def _pieces(stored: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """The parts of a stored text: text between, and placeholders of secrets."""
    end = 0
    for found in PLACEHOLDER.finditer(stored):
        if found[0] == "{{open}}":
            continue
        if stored[end : found.start()]:
            yield stored[end : found.start()], None
        yield "", found
        end = found.end()
    if stored[end:]:
        yield stored[end:], None


def _variable(placeholder: re.Match[str]) -> str:
    """The environment variable that holds a secret. Raises UsageError where there is none."""
    if placeholder[1] not in VARIABLES or (placeholder[2] and placeholder[2] not in DERIVATIONS):
        raise UsageError("this request has a secret that nothing but the run can make; see --curl")
    return VARIABLES[placeholder[1]]


def _variables(groups: Groups) -> list[str]:
    values = [value for group in groups for each in group for _, value in each.request.headers]
    found = (secret for value in values for _, secret in _pieces(value) if secret)
    return sorted({_variable(secret) for secret in found})


def _name(variable: str) -> str:
    """The name of a token in a script: `token` or `forbidden_token`."""
    return variable.removeprefix("CSBS_").lower()


def _comment(exchange: Exchange) -> str:
    return visible_line(f"# {exchange_named(exchange)}: the response was {exchange.outcome}")
