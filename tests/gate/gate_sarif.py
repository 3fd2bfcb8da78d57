"""The rules of SARIF 2.1.0 for the objects that this suite writes, in the words of a schema.

The names that an object may have are those of the standard that are used here: every object of
the published schema is closed.
"""

from __future__ import annotations

from typing import Any


def closed(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    names = {name.replace("S_", "$"): schema for name, schema in properties.items()}
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": names,
    }


def listed(items: Any, *, unique: bool = False) -> dict[str, Any]:
    return {"type": "array", "items": items, "uniqueItems": unique}


TEXT = {"type": "string"}
POSITIVE = {"type": "integer", "minimum": 1}
INDEX = {"type": "integer", "minimum": 0}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
BAG = {"type": "object"}
MESSAGE = closed(("text",), text={"type": "string", "minLength": 1})
ARTIFACT_LOCATION = closed(("uri",), uri={"type": "string", "pattern": "^[!-~]+$"})
REGION = closed(("startLine",), startLine=POSITIVE)
LOCATION = closed(
    ("physicalLocation", "logicalLocations"),  # GitHub refuses a log without the first
    physicalLocation=closed(
        ("artifactLocation", "region"), artifactLocation=ARTIFACT_LOCATION, region=REGION
    ),
    logicalLocations=listed(closed(fullyQualifiedName=TEXT, kind=TEXT), unique=True),
)
RULE = closed(
    ("id", "shortDescription", "fullDescription", "help"),  # GitHub asks for the last three
    id=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=closed(level=LEVEL),
    properties=BAG,
)
SUPPRESSION = closed(
    ("kind",),
    kind={"enum": ["inSource", "external"]},
    status={"enum": ["accepted", "underReview", "rejected"]},
    justification=TEXT,
)
RESULT = closed(
    ("message", "ruleId", "ruleIndex", "locations", "partialFingerprints"),
    ruleId=TEXT,
    ruleIndex=INDEX,
    kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
    level=LEVEL,
    message=MESSAGE,
    locations={**listed(LOCATION), "minItems": 1},  # GitHub asks for one
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    baselineState={"enum": ["new", "unchanged", "updated", "absent"]},
    suppressions=listed(SUPPRESSION, unique=True),
    properties=BAG,
)
INVOCATION = closed(
    ("executionSuccessful",),
    executionSuccessful={"type": "boolean"},
    exitCode={"type": "integer"},
    startTimeUtc=MOMENT,
    endTimeUtc=MOMENT,
    toolExecutionNotifications=listed(closed(("message",), level=LEVEL, message=MESSAGE)),
)
RUN = closed(
    ("tool", "results"),
    tool=closed(
        ("driver",),
        driver=closed(
            ("name",),
            name=TEXT,
            semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
            rules=listed(RULE, unique=True),
        ),
    ),
    invocations=listed(INVOCATION),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    properties=BAG,
    results=listed(RESULT),
)
LOG = closed(
    ("version", "runs"),
    S_schema={"type": "string", "format": "uri"},
    version={"const": "2.1.0"},
    runs=listed(RUN),
)
