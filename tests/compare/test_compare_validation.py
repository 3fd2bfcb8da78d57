"""Remarks on a document that is no valid OpenAPI: notes with their lines, which decide nothing."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compare_documents import VERSIONS, Document, content, field, post, schemas

from conformance.compare.comparing import compare
from conformance.compare.model import Note
from conformance.compare.source import parse_source, read_source


def notes_of(document: Document) -> tuple[list[str], tuple[Note, ...]]:
    text = json.dumps(document, indent=1)
    comparison = compare(parse_source(text.encode(), "vendor.json"))
    assert comparison.differences == ()
    assert comparison.exit_code == 0
    return text.splitlines(), comparison.notes


def _no_title(document: Document) -> None:
    del document["info"]["title"]


def _wrong_type(document: Document) -> None:
    document["paths"]["/x"] = {"get": {"responses": {"200": {"description": 5}}}}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("change", "told", "name"),
    [(_no_title, "title", '"info"'), (_wrong_type, "5", "")],
)
def test_what_is_not_valid_is_a_note_with_its_line(
    version: str, change: Callable[[Document], None], told: str, name: str
) -> None:
    document = VERSIONS[version]()
    change(document)
    lines, notes = notes_of(document)
    assert notes
    assert f"not valid OpenAPI {version}" in notes[0].text
    assert told in notes[0].text
    assert notes[0].place is not None
    assert name in lines[notes[0].place.line - 1]


@pytest.mark.parametrize("version", ["3.0", "3.1", "3.2"])
def test_rules_that_no_schema_says_are_told_with_their_line(version: str) -> None:
    document = VERSIONS[version]()
    for method in ("get", "put"):
        document["paths"]["/x/{y}"] = document["paths"].get("/x/{y}", {}) | {
            method: {"operationId": "same", "responses": {"200": {"description": "Yes"}}}
        }
    field(document, "resource")["properties"]["more"] = {"type": "integer", "default": "none"}
    lines, notes = notes_of(document)
    told = {note.text: lines[note.place.line - 1] for note in notes if note.place}
    assert any("'same'" in text and '"put"' in line for text, line in told.items()), told
    assert any("'y'" in text for text in told)
    assert any("none" in text and "more" in line for text, line in told.items()), told


@pytest.fixture
def port() -> Any:
    """A port on which any connection is noted."""
    met: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def serve() -> None:
            while not met or met[-1] != "end":
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                except OSError:
                    return
                met.append(connection)
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], met
        met.append("end")
        thread.join(5)


def test_nothing_is_fetched(port: tuple[int, list[Any]], tmp_path: Path) -> None:
    number, met = port
    document = VERSIONS["3.1"]()
    url = f"http://127.0.0.1:{number}/x.json#/a"
    document["paths"]["/x"] = {"get": {"responses": {"200": {"$ref": url}}}}
    schemas(document)["elsewhere"] = {"$ref": url, "$id": f"http://127.0.0.1:{number}/y.json"}
    path = tmp_path / "vendor.json"
    path.write_text(json.dumps(document))
    comparison = compare(read_source(path))
    assert comparison.exit_code == 0
    assert any("not fetched" in note.text for note in comparison.notes), comparison.notes
    assert met == []


def test_a_document_with_files_of_its_own_has_no_remarks(tmp_path: Path) -> None:
    document = VERSIONS["3.0"]()
    inner = {"error": schemas(document).pop("error")}
    document["components"]["schemas"]["error"] = {"$ref": "more/errors.json#/error"}
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "errors.json").write_text(json.dumps(inner))
    (tmp_path / "v.json").write_text(json.dumps(document))
    comparison = compare(read_source(tmp_path / "v.json"))
    assert (comparison.exit_code, comparison.notes) == (0, ())


def identified(name: str) -> Document:
    document = VERSIONS["3.1"]()
    own = schemas(document)
    body, answer = content(document, "200"), own["checkpoint_resp"]
    match name:
        case "anchor":
            answer["$anchor"] = "checkpoint"
            own["response"]["properties"]["checkpoint"] = {"$ref": "#checkpoint"}
        case "id":
            own["response"]["$id"] = "https://csbs.cloud/schemas/response"
            body["schema"] = {"$ref": "https://csbs.cloud/schemas/response"}
            own["response"]["properties"]["checkpoint"] = {"$ref": "checkpoint"}
            answer["$id"] = "https://csbs.cloud/schemas/checkpoint"
            answer["$defs"] = {"plan": own["plan_resp"]}
            answer["properties"]["protection_plan"] = {"$ref": "#/$defs/plan"}
            own["plan_resp"]["properties"]["resources"]["items"] = own.pop("resource")
        case "id and anchor":
            answer["$id"] = "/checkpoint.json"
            answer["properties"]["status"]["$anchor"] = "status"
            answer["properties"]["protection_plan"] = own["plan_resp"]
            own["plan_resp"]["properties"]["resources"]["items"] = own.pop("resource")
            own["states"] = {"$ref": "checkpoint.json#status"}
            own["response"]["properties"]["checkpoint"] = {"$ref": "checkpoint.json"}
        case "dynamic":
            answer["$dynamicAnchor"] = "checkpoint"
            own["response"]["properties"]["checkpoint"] = {"$dynamicRef": "#checkpoint"}
        case "dialect":
            answer["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        case "pointer of the document":
            answer["$id"] = "https://csbs.cloud/schemas/checkpoint"
    return document


NAMES = ("anchor", "id", "id and anchor", "dynamic", "dialect", "pointer of the document")


@pytest.mark.parametrize("name", NAMES)
def test_identifiers_inside_the_document_are_followed(name: str) -> None:
    document = identified(name)
    comparison = compare(parse_source(json.dumps(document).encode(), "v"))
    assert (comparison.differences, comparison.obstacles) == ((), ())
    assert comparison.exit_code == 0
    is_told = any("read from the top" in note.text for note in comparison.notes)
    assert is_told == (name == "pointer of the document")
    status = schemas(document)["checkpoint_resp"]["properties"]["status"]
    status["enum"].append("more")
    again = compare(parse_source(json.dumps(document).encode(), "v"))
    assert [found.clause.id for found in again.differences] == ["T6.status.values"]


def test_identifiers_of_older_versions_are_no_keywords() -> None:
    document = VERSIONS["3.0"]()
    schemas(document)["checkpoint_resp"]["$id"] = "https://csbs.cloud/x"
    comparison = compare(parse_source(json.dumps(document).encode(), "v"))
    assert comparison.exit_code == 0
    assert any("`$id` is no keyword" in note.text for note in comparison.notes)


def test_another_dialect_is_named_and_inconclusive() -> None:
    document = VERSIONS["3.1"]()
    field(document, "checkpoint_resp")["$schema"] = "http://json-schema.org/draft-04/schema#"
    comparison = compare(parse_source(json.dumps(document).encode(), "v"))
    assert comparison.exit_code == 3
    assert "draft-04" in comparison.obstacles[0].problem
    assert post(document)


def test_what_the_library_cannot_take_in_is_told_without_its_words() -> None:
    """It looks for an anchor below the top of the document, and prints all that it looked at."""
    document = VERSIONS["3.1"]()
    schemas(document)["checkpoint_resp"]["properties"]["protection_plan"] = {"$ref": "#plan"}
    schemas(document)["plan_resp"]["$anchor"] = "plan"
    _, notes = notes_of(document)
    (told,) = [note.text for note in notes]
    assert told.startswith("not checked further as OpenAPI 3.1: openapi-spec-validator gave up (")
    assert len(told) < 100
