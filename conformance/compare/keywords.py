"""The keywords of schemas in the versions of OpenAPI, by what becomes of them."""

from __future__ import annotations

from typing import Final

PLAIN: Final = frozenset(
    [
        "type",
        "enum",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "required",
        "format",
    ]
)
LATER_PLAIN: Final = frozenset(["const", "minContains", "maxContains", "dependentRequired"])
SINGLE: Final = frozenset(("items", "additionalProperties", "not"))
LATER_SINGLE: Final = frozenset(
    ["propertyNames", "contains", "if", "then", "else", "unevaluatedItems", "unevaluatedProperties"]
)
LISTS: Final = frozenset(("allOf", "anyOf", "oneOf"))
MAPS: Final = frozenset(("properties",))
LATER_MAPS: Final = frozenset(("patternProperties", "dependentSchemas", "$defs"))
IDENTIFIERS: Final = frozenset(("$id", "$anchor", "$dynamicAnchor"))
"""Keywords that are taken into account where a reference is followed."""
NOT_UNDERSTOOD: Final = frozenset(("$recursiveRef", "$recursiveAnchor"))
NOT_MONOTONE: Final = frozenset(("not", "oneOf", "if", "contains"))
"""Keywords by which a schema may allow less where what stands under them allows more."""
SHAPING: Final = frozenset(("properties", "patternProperties", "prefixItems", "minContains"))
"""Keywords without which a schema may allow less: what stands beside them speaks of more then."""
UNEVALUATED: Final = frozenset(("unevaluatedItems", "unevaluatedProperties"))
DIALECTS: Final = (
    "https://json-schema.org/draft/2020-12/schema",
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://spec.openapis.org/oas/3.1/dialect/",
    "https://spec.openapis.org/oas/3.2/dialect/",
)
"""How the URIs of dialects begin by which schemas are read."""
LATER: Final = LATER_PLAIN | LATER_SINGLE | LATER_MAPS | {"prefixItems"}
ABSENT_IN_V2: Final = LATER | {"anyOf", "oneOf", "not"}
FORMATS: Final = frozenset(
    [
        "date-time",
        "date",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uuid",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
    ]
)
"""Formats that restrict a value; the others are remarks."""
ANNOTATIONS: Final = frozenset(
    [
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "xml",
        "externalDocs",
        "discriminator",
        "nullable",
        "$comment",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "name",
        "in",
        "allowEmptyValue",
        "collectionFormat",
        "style",
        "explode",
        "allowReserved",
        "schema",
        "content",
    ]
)
KNOWN: Final = (
    PLAIN | SINGLE | LISTS | MAPS | LATER | NOT_UNDERSTOOD | IDENTIFIERS | ANNOTATIONS
    | {"$ref", "$dynamicRef", "$schema"}
)  # fmt: skip
