"""The service against its own OpenAPI document, with generated requests."""

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
def test_every_answer_is_as_documented(case: Case[Any]) -> None:
    """Generated requests, sound and unsound: no 500, documented statuses, types and shapes."""
    # that a string is not an image is nothing that a schema can say
    excluded = [positive_data_acceptance]
    if case.operation.path.endswith("/batch"):  # whatever was not a string is a file once sent
        excluded.append(negative_data_rejection)
    case.call_and_validate(excluded_checks=excluded)
