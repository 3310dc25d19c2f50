"""OpenAPI document: what FastAPI cannot derive, because handlers parse bodies and queries."""

from app.api.openapi.bodies import (
    BATCH_BODY,
    CHANGE_BODY,
    INDEX_BODY,
    INFER_BODY,
    SHEET_BODY,
    SINGLE_BODY,
)
from app.api.openapi.examples import EXAMPLE_PNG
from app.api.openapi.parameters import QUERY, SHEET_QUERY, VERSION_PARAMETER
from app.api.openapi.responses import (
    INFER_RESPONSE,
    NOT_MODIFIED,
    Responses,
    problem_responses,
)

__all__ = [
    "BATCH_BODY",
    "CHANGE_BODY",
    "EXAMPLE_PNG",
    "INDEX_BODY",
    "INFER_BODY",
    "INFER_RESPONSE",
    "NOT_MODIFIED",
    "QUERY",
    "SHEET_BODY",
    "SHEET_QUERY",
    "SINGLE_BODY",
    "VERSION_PARAMETER",
    "Responses",
    "problem_responses",
]
