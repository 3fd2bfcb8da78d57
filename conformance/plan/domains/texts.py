"""The body as bytes: no JSON, an extension of it, other encodings, and sizes (Table 2, 400)."""

from __future__ import annotations

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from html import escape
from urllib.parse import urlencode

from conformance.plan.domains.fields import without
from conformance.plan.domains.kind import Kind, Place, kinds
from conformance.plan.drafting import Drafts

DEEP = 10_000
EDGES = (8_192, 16_384, 1_024, 2_048, 32_768, 65_536)
"""Lengths at which buffers end, beside that of the valid request with white space."""
BEYOND = 65_537
"""One byte more than fits into any of the common buffers."""


def not_json(drafts: Drafts) -> Iterator[Kind]:
    """Bodies that are not JSON. One that was cut is asked for behind an execution (`again.py`)."""
    good = json.dumps(drafts.body(**drafts.full_parameters)).encode()
    small, form, xml = json.dumps(drafts.body()).encode(), _form(drafts), _xml(drafts)
    yaml = f"checkpoint:\n  plan_id: {drafts.plan_id}\n  parameters: {{}}\n".encode()
    planned = {
        "empty": b"",
        "blank": b" \n",
        "not UTF-8": small + b"\xff",
        "two values": small + small,
        "form": form,
        "XML": xml,
        "YAML": yaml,
        "zero byte": b"\0",
        "zero byte behind it": small + b"\0x",
        "behind a byte order mark": codecs.BOM_UTF8 + good[:-1],
    }
    drawn = {
        "truncated": [good[:-1]],
        "text": [b"checkpoint", b"undefined", b"True", b"---\n"],
        "not UTF-8": [b"\xed\xa0\x80"],
        "zero byte": [small + b"\0", b"\0" * 4 + small],
        "a bracket too many": [small + b"}", b"[" + small],
        "names without quotes": [small.replace(b'"checkpoint"', b"checkpoint")],
        "words of Python": [good.replace(b"true", word) for word in (b"True", b"None")],
        "numbers of JavaScript": [good.replace(b"true", word) for word in (b"0x1", b"01", b"+1")],
        "a guard in front": [b")]}',\n" + small, b"for(;;);" + small],
        "packed": [gzip.compress(small, mtime=0)],
        "a comment without an end": [small + b"/*"],
    }
    yield from kinds(Place.BODY, "S400.not-json", drafts.request, planned, drawn)
    formats = {
        "application/x-www-form-urlencoded": (form, 1),
        "application/xml": (xml, 1),
        "application/yaml": (yaml, 0),
    }
    for media_type, (body, planned_so) in formats.items():
        name = f"{media_type.rpartition('/')[2]} typed"
        request = drafts.request(body, media_type=media_type)
        yield Kind(Place.BODY, name, "S400.not-json", (request,), planned_so)


def _form(drafts: Drafts) -> bytes:
    """The request as a form, with brackets for objects and lists, as PHP and others read it."""
    fields = {"[plan_id]": drafts.plan_id, "[parameters][resources][]": drafts.servers[-1]}
    return urlencode({f"checkpoint{name}": value for name, value in fields.items()}).encode()


def _xml(drafts: Drafts) -> bytes:
    plan = escape(drafts.plan_id, quote=False)
    return f"<checkpoint><plan_id>{plan}</plan_id><parameters/></checkpoint>".encode()


def compressed(drafts: Drafts) -> Iterator[Kind]:
    """Bodies in a content coding, which few services expect, beside an unknown policy."""
    text = json.dumps(drafts.body({"plan_id": drafts.strange_id()})).encode()
    packed = {"gzip": gzip.compress(text, mtime=0), "deflate": zlib.compress(text)}
    requests = (
        drafts.request(body, more=[("Content-Encoding", coding)]) for coding, body in packed.items()
    )
    yield Kind(Place.BODY, "compressed", "S404.unknown-policy", tuple(requests))


def extensions(drafts: Drafts) -> Iterator[Kind]:
    """What readers take beside JSON, right and with a value that is wrong in it.

    NaN and Infinity stand among the values of a wrong type.
    """
    text, plan = json.dumps(drafts.body()), drafts.plan_id.encode()
    small = text.encode()
    as_text = json.dumps(drafts.body(auto_trigger="true")).encode()
    planned = {
        "comment": small[:-1] + b"/* all */}",
        "trailing comma": small[:-2] + b",}}",
        "single quotes": small.replace(b'"', b"'"),
        "UTF-16": text.encode("utf-16"),
        "not a number": small[:-2] + b', "note": NaN}}',
        "an escape that is none": small.replace(b'"checkpoint"', rb'"\checkpoint"'),
    }
    drawn = {
        "comment": [small + b"// all", small[:-1] + b"// all\n}"],
        "trailing comma": [small[:-1] + b",\n}"],
        "UTF-16": [text.encode("utf-16-le"), text.encode("utf-16-be")],
        "UTF-32": [text.encode("utf-32-le"), codecs.BOM_UTF32_BE + text.encode("utf-32-be")],
        "not UTF-8": [
            small[:-2] + b', "note": "\xe9\xff"}}',
            small[:-2] + b', "\xc3": 1}}',
        ],
        "a control character": [small[:-2] + b', "note": "\t"}}', small[:-2] + b', "a\n": 1}}'],
        "not a number": [small[:-2] + b', "note": -Infinity}}'],
    }
    yield from kinds(Place.BODY, "S400.extended-json", drafts.request, planned, drawn)
    no_text = drafts.request(small.replace(plan, b"\xff" + plan))
    yield Kind(Place.PLAN_ID, "no text", "S404.unknown-policy", (no_text,), 0)
    line_break = drafts.request(small.replace(b'",', b'\n",', 1))
    yield Kind(Place.PLAN_ID, "line break", "S404.unknown-policy", (line_break,))
    quoted = drafts.request(as_text.replace(b'"', b"'"))
    yield Kind(Place.AUTO_TRIGGER, "single quotes", "T4.auto_trigger.type", (quoted,))


def sizes(drafts: Drafts) -> Iterator[Kind]:
    """Bodies of odd lengths and depths, and a byte order mark, which all have to be read before it
    shows what is wrong. What is nested deeply comes as a list, since a body must be an object; the
    longest comes before it: where that is read, no other is closed for its size.
    """
    text = json.dumps(drafts.body({"plan_id": drafts.strange_id()})).encode()
    incomplete = json.dumps(without(drafts.body(), "plan_id")).encode()
    longest = drafts.request(incomplete.ljust(BEYOND))
    yield Kind(Place.BODY, "longer than a buffer", "T3.plan_id.mandatory", (longest,))
    edges = tuple(drafts.request(text.ljust(length)) for length in EDGES)
    yield Kind(Place.BODY, "as long as a buffer", "S404.unknown-policy", edges)
    marked = drafts.request(codecs.BOM_UTF8 + text)
    yield Kind(Place.BODY, "a byte order mark", "S404.unknown-policy", (marked,), 0)
    deep = drafts.request(b"[" * DEEP + b"]" * DEEP)
    yield Kind(Place.BODY, "deep", "T2.body.type", (deep,))
