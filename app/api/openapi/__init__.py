"""OpenAPI document: what FastAPI cannot derive, because handlers parse bodies and queries."""

from app.api.openapi.bodies import (
    BATCH_BODY,
    CHANGE_BODY,
    FEEDBACK_BODY,
    INDEX_BODY,
    INFER_BODY,
    SHEET_BODY,
    SINGLE_BODY,
)
from app.api.openapi.examples import EXAMPLE_PNG
from app.api.openapi.parameters import (
    FEEDBACK_LIST_QUERY,
    FEEDBACK_QUERY,
    QUERY,
    SHEET_QUERY,
    VERSION_PARAMETER,
)
from app.api.openapi.responses import (
    FEEDBACK_STORED,
    INFER_RESPONSE,
    NOT_MODIFIED,
    Responses,
    problem_responses,
)

__all__ = [
    "BATCH_BODY",
    "CHANGE_BODY",
    "EXAMPLE_PNG",
    "FEEDBACK_BODY",
    "FEEDBACK_LIST_QUERY",
    "FEEDBACK_QUERY",
    "FEEDBACK_STORED",
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
