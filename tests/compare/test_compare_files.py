"""Documents of several files, through the real command: read below the directory, nowhere else."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compare_documents import Document, field, post, required_parameter, schemas, v31, v32
from test_compare_command import run

OWN = "#/components/schemas/"
MARKER = "marker-that-no-report-may-quote"


def write(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
    return path


def split(document: Document, folder: Path) -> Path:
    """The document with its operation, responses and each of its schemas in files of their own."""
    parts = document["components"]
    for name, schema in parts.pop("schemas").items():
        text = json.dumps(schema).replace(OWN, "").replace('"$ref": "', '"$ref": "./')
        own = json.loads(text)
        write(folder / f"schemas/{name}.yaml", {"Schema": _renamed(own)})
    text = json.dumps(parts.pop("responses"))
    write(folder / "answers.yaml", json.loads(_with_files(text, "schemas/")))
    ((path, item),) = document["paths"].items()
    text = json.dumps(item).replace("#/components/responses/", "../answers.yaml#/")
    text = text.replace('"#/components/', '"../api/../openapi.yaml#/components/')
    (folder / "api").mkdir()
    write(folder / "paths/checkpoints.yaml", json.loads(_with_files(text, "../schemas/")))
    document["paths"] = {path: {"$ref": "paths/checkpoints.yaml"}}
    text = _with_files(json.dumps(document), "schemas/")
    return write(folder / "openapi.yaml", json.loads(text))


def _renamed(value: Any) -> Any:
    """References such as `./name` as references to the schema in that file."""
    if isinstance(value, dict):
        return {
            key: f"{inner}.yaml#/Schema" if key == "$ref" else _renamed(inner)
            for key, inner in value.items()
        }
    return [_renamed(inner) for inner in value] if isinstance(value, list) else value


def _with_files(text: str, folder: str) -> str:
    for name in schemas(v31()):
        text = text.replace(f'"{OWN}{name}"', f'"{folder}{name}.yaml#/Schema"')
    return text


def test_a_document_in_many_files_is_what_it_is_in_one(tmp_path: Path) -> None:
    split(v31(), tmp_path)
    outcome = run("openapi.yaml", cwd=tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[-1].startswith("✓ Compatible: no difference")


def test_a_difference_is_shown_at_its_line_of_its_file(tmp_path: Path) -> None:
    document = v31()
    field(document, "checkpoint_resp", "status")["enum"].append("running")
    split(document, tmp_path / "vendor")
    kinds = [part for kind in ("json", "sarif") for part in ("-o", f"{kind}:{kind}")]
    outcome = run("vendor/openapi.yaml", *kinds, cwd=tmp_path)
    assert outcome.code == 1
    assert "vendor/schemas/checkpoint_resp.yaml:" in outcome.out
    (cause,) = json.loads((tmp_path / "json").read_text())["causes"]
    (found,) = cause["differences"]
    place = found["place"]
    assert place["file"] == "vendor/schemas/checkpoint_resp.yaml"
    assert place["pointer"] == "/Schema/properties/status"
    assert found["witness"]["schema"].startswith("vendor/answers.yaml#/executed/")
    line = (tmp_path / place["file"]).read_text().splitlines()[place["line"] - 1]
    assert line.strip() == "status:"
    (result,) = json.loads((tmp_path / "sarif").read_text())["runs"][0]["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == place["file"]


def with_reference(folder: Path, reference: str) -> None:
    document = v31()
    schemas(document)["checkpoint_resp"]["properties"]["status"] = {"$ref": reference}
    write(folder / "v.yaml", document)


def test_files_that_refer_to_each_other_and_to_themselves_come_to_an_end(tmp_path: Path) -> None:
    with_reference(tmp_path, "a.yaml#/A")
    status = {"enum": ["protecting", "deleting", "available", "error"]}
    tree = {"type": "object", "properties": {"up": {"$ref": "a.yaml#/A"}, "me": {"$ref": "#"}}}
    write(tmp_path / "a.yaml", {"A": {"type": "string", **status, "not": {"$ref": "b.yaml"}}})
    write(tmp_path / "b.yaml", tree)
    assert run("v.yaml", cwd=tmp_path).code == 0
    write(tmp_path / "a.yaml", {"A": {"$ref": "b.yaml#/B"}})
    write(tmp_path / "b.yaml", {"B": {"$ref": "a.yaml#/A"}})
    outcome = run("v.yaml", cwd=tmp_path)
    assert outcome.code == 3
    assert "without an end" in " ".join(outcome.out.split())


def test_a_link_is_followed_below_the_directory_only(tmp_path: Path) -> None:
    inside, status = tmp_path / "inside", {"type": "string"}
    secret = write(tmp_path / "secret.yaml", {"S": {"type": "string", "const": MARKER}})
    for reference, code in (("link.yaml#/S", 3), ("folder/secret.yaml#/S", 3), ("good.yaml#/S", 1)):
        with_reference(inside, reference)
        write(inside / "real.yaml", {"S": status})
        for name, target in (
            ("link.yaml", secret),
            ("folder", tmp_path),
            ("good.yaml", "real.yaml"),
        ):
            (inside / name).unlink(missing_ok=True)
            (inside / name).symlink_to(target)
        outcome = run("inside/v.yaml", cwd=tmp_path)
        assert outcome.code == code, outcome
        assert MARKER not in outcome.out + outcome.err
        assert code == 1 or "is not below inside" in " ".join(outcome.out.split())


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("https://192.0.2.1/s.yaml#/S", "nothing is fetched; bundle the document"),
        ("//192.0.2.1/s.yaml", "nothing is fetched; bundle the document"),
        ("file:///etc/hostname", "nothing is fetched; bundle the document"),
        ("s.yaml?raw=1", "nothing is fetched; bundle the document"),
        ("//[", "nothing is fetched; bundle the document"),
        ("../outside.yaml#/S", "not below"),
        ("%2e%2e/outside.yaml#/S", "not below"),
        ("/etc/hostname", "not below"),
        ("a\0b.yaml", "the reference to"),
        ("nowhere.yaml#/S", "no file that can be read"),
        ("pipe#/S", "no file that can be read"),
        ("circle#/S", "no file that can be read"),
        (".", "no file that can be read"),
        ("x" * 5000, "no file that can be read"),
        ("\x1b[31m\n::error::.yaml", "no file that can be read"),
        ("text.yaml#/S", "neither JSON nor YAML"),
        ("list.yaml#/0", "an object is expected"),
        ("deep.yaml#/S", "nested too deep"),
        ("many/0.yaml#/S", "the files together are too large"),
    ],
)
def test_what_is_not_read_is_told_with_its_place(tmp_path: Path, reference: str, told: str) -> None:
    folder = tmp_path / "inside"
    with_reference(folder, reference)
    write(tmp_path / "outside.yaml", {"S": {"type": "string"}})
    os.mkfifo(folder / "pipe")
    (folder / "circle").symlink_to("circle")
    (folder / "text.yaml").write_text(f"{{ {MARKER}")
    (folder / "list.yaml").write_text("[{type: string}]")
    (folder / "deep.yaml").write_text("S: " + "[" * 5000)
    (folder / "many").mkdir()
    for number in range(3):
        lists = [f"a{step}: &a{step} [{', '.join([f'*a{step - 1}'] * 10)}]" for step in range(1, 5)]
        whole = [f'S: {{allOf: [{{$ref: "{number + 1}.yaml#/S"}}]}}', "a0: &a0 1", *lists]
        (folder / f"many/{number}.yaml").write_text("\n".join([*whole, f"b: [{'*a4, ' * 60}]"]))
    outcome = run("inside/v.yaml", "-o", "json:json", cwd=tmp_path)
    assert outcome.code == 3, outcome
    (obstacle,) = json.loads((tmp_path / "json").read_text())["not_compared"]
    assert told in obstacle["problem"]
    assert obstacle["place"]["pointer"].endswith(("/properties/status", "/S/allOf/0"))
    assert obstacle["place"]["line"] > 0
    assert all(line.isprintable() for line in outcome.out.splitlines())


def test_other_paths_may_be_where_nothing_is_read(tmp_path: Path) -> None:
    document = v31()
    document["paths"]["/other"] = {"$ref": "https://192.0.2.1/other.yaml"}
    write(tmp_path / "v.yaml", document)
    assert run("v.yaml", cwd=tmp_path).code == 0
    ((path, _), _) = document["paths"].items()
    document["paths"] = {path: {"$ref": "https://192.0.2.1/checkpoints.yaml"}}
    write(tmp_path / "v.yaml", document)
    outcome = run("v.yaml", cwd=tmp_path)
    assert outcome.code == 2
    assert re.match(
        r"csbs-conformance: v\.yaml, line \d+: the reference to .* bundle the document", outcome.err
    )
    document["paths"][path]["post"] = v31()["paths"][path]["post"]
    write(tmp_path / "v.yaml", document)
    assert run("v.yaml", cwd=tmp_path).code == 3


@pytest.mark.parametrize("reference", ["https://192.0.2.1/e.yaml", "nowhere.yaml", "#/nowhere"])
def test_a_difference_beside_what_is_not_read_is_found(tmp_path: Path, reference: str) -> None:
    document = v31()
    post(document)["responses"]["400"] = {"$ref": reference}
    write(tmp_path / "v.yaml", document)
    assert run("v.yaml", cwd=tmp_path).code == 3
    post(document)["responses"]["201"] = post(document)["responses"]["200"]
    write(tmp_path / "v.yaml", document)
    outcome = run("v.yaml", cwd=tmp_path)
    assert (outcome.code, "S.listed" in outcome.out) == (1, True), outcome


def test_what_only_openapi_3_2_has_is_read_or_named(tmp_path: Path) -> None:
    document = v32()
    (item,) = document["paths"].values()
    item["query"] = item["additionalOperations"] = {}
    write(tmp_path / "v.yaml", document)
    outcome = run("v.yaml", cwd=tmp_path)
    assert (outcome.code, "OpenAPI 3.2" in outcome.out) == (0, True), outcome

    post(document)["parameters"] = [required_parameter("querystring", "all", document)]
    write(tmp_path / "v.yaml", document)
    outcome = run("v.yaml", cwd=tmp_path)
    assert outcome.code == 1
    assert "the querystring parameter all is required" in " ".join(outcome.out.split())

    document = v32()
    document["components"]["mediaTypes"]["error"] = {"itemSchema": {"type": "object"}}
    write(tmp_path / "v.yaml", document)
    outcome = run("v.yaml", cwd=tmp_path)
    assert outcome.code == 3
    assert "itemSchema is not compared" in outcome.out

    document = v32()
    document["$self"] = "https://192.0.2.1/openapi.yaml"
    schemas(document)["response"] = {"$ref": "response.yaml"}
    write(tmp_path / "response.yaml", {"type": "object"})
    write(tmp_path / "v.yaml", document)
    outcome = run("v.yaml", cwd=tmp_path)
    assert (outcome.code, "$self" in outcome.out) == (3, True), outcome
