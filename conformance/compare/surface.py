"""Everything around the bodies: URL, parameters, media types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from conformance.compare.answers import Promise, compare_answers, promises
from conformance.compare.authentication import ANOTHER_PAGE, TOKEN_HEADER
from conformance.compare.findings import Findings
from conformance.compare.holding import VendorSchema
from conformance.compare.laxer import compare_refusals
from conformance.compare.matching import METHOD, PROJECT, PROVIDER, VERSION, Found
from conformance.compare.mending import Change, widening
from conformance.compare.model import Direction, Inconclusive, Part, Side, Witness
from conformance.compare.moments import compare_moments
from conformance.compare.operation import Body, Parameter
from conformance.compare.refusing import ONLY_EXAMPLES
from conformance.compare.requests import compare_requests
from conformance.compare.statuses import named
from conformance.compare.vendor import Node, Version
from conformance.contract import PATH
from conformance.page.error_codes import is_json_media_type
from conformance.page.status_codes import IS_EXECUTED

BESIDE_THE_PATH: Final = ("query", "querystring", "header", "cookie")
ALWAYS_SENT: Final = frozenset(
    (TOKEN_HEADER, "content-type", "content-length", "host", "accept", "user-agent",
     "accept-encoding", "connection", "date")
)  # fmt: skip
"""Headers that the contract asks for, or that any client sends."""
OF_OTHER_OBJECTS: Final = frozenset(("accept", "authorization", "content-type"))
"""Headers that no parameter describes since OpenAPI 3.0: it is ignored (Parameter Object)."""
REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


def example_url(findings: Findings) -> str:
    """The URL of a request that the contract allows."""
    parameters = findings.contract.document["components"]["parameters"]
    server = findings.contract.document["servers"][0]
    host = server["variables"]["endpoint"]["default"]
    path = PATH
    for name, parameter in parameters.items():
        path = path.replace(f"{{{name}}}", parameter["example"])
    return f"https://{host}{path}"


def compare_url(findings: Findings, found: Found) -> None:
    """Scheme, method and path."""
    node, url = found.operation.node, example_url(findings)
    if found.unlike:
        witness = Witness(Part.URL, f"{METHOD.upper()} {url}")
        findings.differs(REQUEST, "URI.post", node.pointer, found.unlike, witness)
    schemes = {base.scheme for base in found.bases}
    if schemes == {"http"}:
        told = "the servers are reached over http only"
        node = found.bases[0].node
        secure = f"https{node.text('url')[len('http') :]}"
        change = Change(node.pointer, {"url": secure}) if not found.operation.is_v2 else None
        witness = Witness(Part.URL, url)
        findings.differs(REQUEST, "URI.https", node.pointer, told, witness, change=change)


def compare_parameters(findings: Findings, found: Found) -> None:
    """Parameters of the path, and any other that a vendor insists on."""
    for parameter in found.operation.parameters:
        if parameter.where == "path" and parameter.name in found.variables:
            _path_value(findings, parameter, found.variables[parameter.name])
        elif parameter.where in BESIDE_THE_PATH and parameter.required:
            _required(findings, found, parameter)


OF_SEGMENTS: Final = {
    VERSION: "URI.post",
    PROJECT: IS_EXECUTED.id,
    PROVIDER: "T1.provider_id.value",
}
"""The clauses that a vendor breaks who does not allow the contract's value of a variable."""


def _path_value(findings: Findings, parameter: Parameter, segment: str) -> None:
    """The contract's value for a part of the path, which the vendor's schema must allow."""
    own = findings.contract.document["components"]["parameters"]
    value = own[segment.strip("{}")]["example"] if segment != VERSION else VERSION
    if mark := _mark(findings, parameter):
        told = f"the path parameter {parameter.name} begins with a mark: {mark}{value}"
        where = parameter.node.pointer
        witness = Witness(Part.URL, f"{METHOD.upper()} {example_url(findings)}")
        change = Change(where, {"style": "simple"})
        findings.differs(REQUEST, OF_SEGMENTS[segment], where, told, witness, change=change)
        return
    schema = findings.schema(parameter.schema, parameter.node.pointer, for_answers=False)
    if schema is None or schema.accepts(value):
        return
    refusal = schema.refusals(value)[0]
    # The page gives all but the project's id itself, and of the form of that an example.
    text = {"type": "string", "minLength": 1}
    is_open = segment == PROJECT and not schema.never_meets(text)
    findings.differs(
        REQUEST,
        OF_SEGMENTS[segment],
        refusal.pointer,
        f"the path parameter {parameter.name}: {refusal.message}",
        Witness(Part.PARAMETER, value, parameter.name, schema.pointer),
        warning=ONLY_EXAMPLES if is_open else "",
        change=widening(schema, refusal, "string", value),
    )


def _mark(findings: Findings, parameter: Parameter) -> str:
    """What stands before the value of a path parameter, by its style; usually nothing."""
    if findings.vendor.version is Version.V2:
        return ""
    marks = {"label": ".", "matrix": f";{parameter.name}="}
    return marks.get(parameter.node.text("style"), "")


def _required(findings: Findings, found: Found, parameter: Parameter) -> None:
    name = parameter.name.lower()
    is_header = parameter.where == "header"
    if is_header and not found.operation.is_v2 and name in OF_OTHER_OBJECTS:
        return
    if is_header and name in ALWAYS_SENT:
        if name == "content-type" and parameter.schema is not None:
            schema = findings.schema(parameter.schema, parameter.node.pointer, for_answers=False)
            if schema is not None and not _allows_json(schema):
                told = "the header Content-Type may not be application/json"
                witness = Witness(Part.HEADER, "Content-Type: application/json")
                findings.differs(REQUEST, IS_EXECUTED.id, parameter.node.pointer, told, witness)
        return
    told = f"the {parameter.where} parameter {parameter.name} is required; the page has none"
    witness = Witness(Part.URL, f"{METHOD.upper()} {example_url(findings)}", parameter.name)
    why = ANOTHER_PAGE if is_header and name in OF_OTHER_OBJECTS else ""
    where = parameter.node.pointer
    change = Change(where, {"required": False})
    findings.differs(REQUEST, IS_EXECUTED.id, where, told, witness, warning=why, change=change)


def _allows_json(schema: VendorSchema) -> bool:
    """Whether a Content-Type may be that of JSON, with or without a charset."""
    told = ("application/json", *(each for each in schema.constants if isinstance(each, str)))
    return any(schema.accepts(each) and is_plain_json(each.lower()) for each in told)


def compare_body(findings: Findings, found: Found) -> None:
    """The body of the request, and its media type."""
    body = found.operation.body
    if body is None:
        told = "the operation takes no body"
        witness = Witness(Part.MEDIA_TYPE, "application/json")
        findings.differs(REQUEST, IS_EXECUTED.id, found.operation.node.pointer, told, witness)
        return
    schemas = list(_json_schemas(body))
    if body.media and not any(map(is_plain_json, body.media)):
        told = f"a body is {', '.join(body.media)}, not application/json"
        witness = Witness(Part.MEDIA_TYPE, "application/json")
        findings.differs(REQUEST, IS_EXECUTED.id, body.node.pointer, told, witness)
    if body.node.value.get("required") is not True:
        told = "a request may leave out its body"
        witness = Witness(Part.BODY, "")
        pointer = body.node.pointer
        findings.differs(REQUEST, "S400.not-json", pointer, told, witness, only_in=Side.DOCUMENT)
    for node in schemas[:1]:
        schema = findings.schema(node, body.node.pointer, for_answers=False)
        if schema is not None:
            compare_requests(findings, schema)
            compare_refusals(findings, schema)


def _json_schemas(body: Body) -> Iterator[Node | None]:
    """The schemas of JSON bodies: first that of the media type the contract names."""
    order = sorted(body.media, key=lambda name: (_plain(name) != "application/json", "*" in name))
    seen: set[str | None] = set()
    for name in order:
        node = body.media[name]
        pointer = node.pointer if node else None
        if _may_be_json(name) and pointer not in seen:
            seen.add(pointer)
            yield node


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip()


def _may_be_json(media_type: str) -> bool:
    return is_plain_json(media_type) or is_json_media_type(_plain(media_type))


def is_plain_json(media_type: str) -> bool:
    """Whether a media type, or a range of them, has a place for `application/json`."""
    return _plain(media_type) in ("application/json", "*/*", "application/*")


def compare_answer_bodies(findings: Findings, found: Found) -> None:
    """The bodies of the responses: those with a checkpoint, and errors."""
    checkpoint, error = promises(findings)
    answers = dict(found.operation.answers)
    good = next((status for status in ("200", "2XX", "default") if status in answers), None)
    if good is not None and answers[good].is_known:
        body = answers[good]
        _kinds(findings, body, (good,), "T5.body.media-type", "T5.body.json")
        for node in _json_schemas(body):
            schema = findings.schema(node, body.node.pointer, for_answers=True)
            fits_error = schema is not None and _fits(schema, error)
            if good == "default" and schema is not None and _fits(schema, checkpoint):
                answers.pop(good, None)  # it describes the success
                if fits_error:
                    findings.cannot(schema.pointer, ONLY_DEFAULT)
                    break
            if schema is not None:
                compare_answers(findings, schema, checkpoint, (good,))
                compare_moments(findings, schema, checkpoint, (good,))
    _compare_errors(findings, found, answers, error)


ONLY_DEFAULT: Final = (
    "`default` alone describes the status 200 and errors, with a schema for both; "
    "describe the status 200 by itself"
)


def _fits(schema: VendorSchema, promise: Promise) -> bool:
    return any(map(schema.accepts, promise.examples))


def _compare_errors(
    findings: Findings, found: Found, answers: Mapping[str, Body], error: Promise
) -> None:
    shared: dict[str, tuple[Node | None, Body, list[str]]] = {}
    for status, body in answers.items():
        is_error = status == "default" or any(code >= 400 for code in named(status))
        if is_error and body.is_known:
            _kinds(findings, body, (status,), "EC.body.json", "EC.body.json")
            for node in _json_schemas(body):
                place = _target(found, node) if node else body.node.pointer
                shared.setdefault(place, (node, body, []))[2].append(status)
    for node, body, statuses in shared.values():
        schema = findings.schema(node, body.node.pointer, for_answers=True)
        if schema is not None:
            compare_answers(findings, schema, error, tuple(statuses))


def _target(found: Found, node: Node) -> str:
    try:
        return found.operation.vendor.follow(node).pointer
    except Inconclusive:
        return node.pointer


OF_SEVERAL: Final = "the response may be {}, as a client asks for it; only JSON was compared"


def _kinds(
    findings: Findings, body: Body, statuses: tuple[str, ...], kind: str, nothing: str
) -> None:
    """Note a response that is not JSON, or that has no body at all.

    Of several media types, and of a range of them, a client gets what it asks for: the document
    says of none that it is sent otherwise, as little as a range of statuses does.
    """
    where = body.node.pointer
    if not body.media:
        told = "the response has no body"
        witness = Witness(Part.BODY, None, "no body")
        findings.differs(RESPONSE, nothing, where, told, witness, statuses=statuses)
    elif not any(map(_may_be_json, body.media)):
        name = next(iter(body.media))
        told = f"the response may be {name}"
        witness = Witness(Part.MEDIA_TYPE, name)
        findings.differs(RESPONSE, kind, where, told, witness, statuses=statuses)
    elif any("*" in _plain(name) or not _may_be_json(name) for name in body.media):
        findings.note(OF_SEVERAL.format(", ".join(map(_plain, body.media))), where)
