"""The OpenAPI document as generators of clients read it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from app.api.schemas import BatchPredictionResponse, PredictionResponse
from app.api.sheets.schemas import SheetResponse
from tests.app.conftest import Client


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    """Return the document of a service without API keys."""
    result: dict[str, Any] = client.get("/openapi.json").json()
    return result


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the description of every operation."""
    return [one for path in document["paths"].values() for one in path.values()]


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Yield each JSON object in a document, at whatever depth."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from objects(child)


def test_operation_ids_are_short_and_unique(document: dict[str, Any]) -> None:
    """They are in camelCase, and become the names of methods."""
    ids = [one["operationId"] for one in operations(document)]

    assert len(ids) == len(set(ids)) > 20
    assert {"predict", "predictBatch", "readSheet", "listModels", "getModel", "infer"} <= set(ids)
    for one in ids:
        assert re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", one), one
        assert len(one) <= 25, one


def test_files_have_both_notations(document: dict[str, Any]) -> None:
    """Wherever a file is sent or received, it has `format: binary` and `contentMediaType`."""
    files = [one for one in objects(document) if one.get("format") == "binary"]
    by_type = [one for one in objects(document) if "contentMediaType" in one]

    assert len(files) == len(by_type) >= 8
    assert all(one["contentMediaType"] == "application/octet-stream" for one in files)
    batch = document["components"]["schemas"]["ImagesForm"]["properties"]["images"]
    assert batch["items"]["format"] == "binary"


def test_every_error_refers_to_the_schema_of_a_problem(document: dict[str, Any]) -> None:
    """Each 4xx and 5xx has one type of content, whose schema is a reference to Problem."""
    for operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                (content,) = response["content"].values()
                assert content == {"schema": {"$ref": "#/components/schemas/Problem"}}


def test_every_reference_leads_to_a_component(document: dict[str, Any]) -> None:
    """No schema refers to definitions of its own, and none is left over."""
    references = {one["$ref"] for one in objects(document) if "$ref" in one}
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert references == schemas


def test_statuses_that_are_not_sent_are_left_out(document: dict[str, Any]) -> None:
    """Without keys nothing but changes of models answers 401; FastAPI's own 422 is sent nowhere."""
    refused = {one["operationId"] for one in operations(document) if "401" in one["responses"]}

    assert "HTTPValidationError" not in str(document)
    assert refused == {"loadModel", "loadModelVersion", "unloadModel", "unloadModelVersion"}
    assert "422" not in document["paths"]["/v1/models"]["get"]["responses"]


def test_optional_parameters_are_not_null(document: dict[str, Any]) -> None:
    """A parameter of a URL or a header is left out, never null."""
    parameters = [one for each in operations(document) for one in each.get("parameters", [])]

    assert len(parameters) > 20
    assert "null" not in str([one["schema"] for one in parameters])


def test_every_tag_is_described(document: dict[str, Any]) -> None:
    """Each operation has one tag of the document's list, and each of them is used."""
    described = {tag["name"] for tag in document["tags"] if tag["description"]}

    assert {tuple(one["tags"]) for one in operations(document)} == {(one,) for one in described}
    assert document["servers"][0]["url"] == "/"


def test_the_example_responses_have_the_documented_form(document: dict[str, Any]) -> None:
    """Each validates against the schema of its response, null included."""
    schemas: dict[str, type[BaseModel]] = {
        "/v1/predictions": PredictionResponse,
        "/v1/predictions/batch": BatchPredictionResponse,
        "/v1/sheets": SheetResponse,
    }
    for path, schema in schemas.items():
        content = document["paths"][path]["post"]["responses"]["200"]["content"]
        example = content["application/json"]["example"]
        assert schema.model_validate(example).model_dump(exclude_unset=True) == example
