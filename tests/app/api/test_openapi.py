"""Property-based test of the service against its OpenAPI document."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from app.inference.readiness import Readiness
from app.inference.registry import load_registry
from app.main import create_app
from app.settings import Settings

_SETTINGS = Settings(max_body_bytes=200_000)
_READINESS = Readiness()
_READINESS.start()
_APP = create_app(
    _SETTINGS,
    load_registry(_SETTINGS.weights_dir, default=_SETTINGS.default_model),
    _READINESS,
)
schema = schemathesis.openapi.from_asgi("/openapi.json", _APP)


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_responses_are_as_documented(case: Case[Any]) -> None:
    """For valid and invalid generated requests, status, content type and schema are documented."""
    # a schema cannot express that a string is not an image
    excluded = [positive_data_acceptance]
    if case.operation.path.endswith("/batch"):  # a form sends any invalid value as a file
        excluded.append(negative_data_rejection)
    case.call_and_validate(excluded_checks=excluded)
