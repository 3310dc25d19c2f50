"""The OpenAPI document: generated requests, and what it says of access and of HEAD."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from pydantic import SecretStr
from schemathesis import Case
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from app.api.paths import is_for_admin, is_public
from app.inference.readiness import Readiness
from app.inference.registry import Registry, load_registry
from app.main import create_app
from app.settings import Settings
from tests.app.conftest import Client
from tests.support.databases import sqlite

ADMIN_KEY = "an-admin-key-for-the-tests"
schemathesis.serializer.alias("application/pdf", "application/octet-stream")
_FOLDER = tempfile.TemporaryDirectory(prefix="digits-openapi-")
_SETTINGS = Settings(
    max_body_bytes=200_000,
    admin_key=SecretStr(ADMIN_KEY),
    database_url=SecretStr(sqlite(Path(_FOLDER.name))),
    database_seconds=30,
)
_READINESS = Readiness()
_READINESS.ready = True
_APP = create_app(
    _SETTINGS,
    load_registry(_SETTINGS.weights_dir, default=_SETTINGS.default_model),
    _READINESS,
)
schema = schemathesis.openapi.from_asgi("/openapi.json", _APP)


@pytest.fixture(scope="module", autouse=True)
def _end() -> Iterator[None]:
    """Close the database, and delete it."""
    yield
    assert _APP.services.feedback is not None
    _APP.services.feedback.stop()
    _FOLDER.cleanup()


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_responses_are_as_documented(case: Case[Any]) -> None:
    """For valid and invalid generated requests, status, content type and schema are documented."""
    # a schema cannot express that a string is not an image
    excluded = [positive_data_acceptance]
    if case.operation.path.endswith("/batch"):  # a form sends any invalid value as a file
        excluded.append(negative_data_rejection)
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"} if is_for_admin(case.path) else None
    case.call_and_validate(excluded_checks=excluded, headers=headers)


@pytest.fixture
def keyed(registry: Registry, readiness: Readiness) -> Client:
    """Return a client without a key, of an application that has one."""
    keys = (SecretStr("a-key-for-the-tests"),)
    settings = Settings(api_keys=keys, admin_key=SecretStr(ADMIN_KEY))
    return Client(create_app(settings, registry, readiness))


def operations(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    """Return method, path and description of every documented operation."""
    paths = client.get("/openapi.json").json()["paths"]
    return [(method, path, one) for path, some in paths.items() for method, one in some.items()]


def filled(path: str) -> str:
    """Return a path with values for its parameters."""
    return path.format(name="cnn", version="stable", id="0" * 32)


def test_protected_operations_answer_401_and_document_it(keyed: Client) -> None:
    """Without a key, every operation that is not public gives 401, which its document says."""
    found = operations(keyed)

    assert len(found) > 5
    for method, path, operation in found:
        refused = keyed.request(method.upper(), filled(path)).status_code == 401
        assert refused == (not is_public(path)), path
        assert ("security" in operation) == ("401" in operation["responses"]) == refused, path


def test_every_get_route_answers_head(client: Client) -> None:
    """HEAD of each documented GET operation has the status of GET."""
    paths = [filled(path) for method, path, _ in operations(client) if method == "get"]

    assert len(paths) > 4
    for path in paths:
        assert client.request("HEAD", path).status_code == client.get(path).status_code, path
