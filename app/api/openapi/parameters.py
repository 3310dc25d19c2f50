"""Query and path parameters of the OpenAPI document."""

from typing import Any

from pydantic import BaseModel

from app.api.feedback.schemas import FeedbackListQuery, FeedbackQuery
from app.api.schemas import PredictionQuery
from app.api.sheets.schemas import SheetQuery


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an optional parameter without null, which a URL cannot express."""
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if rest.get("default", ...) is None:
        del rest["default"]
    if not choices:
        return rest
    return rest | (choices[0] if len(choices) == 1 else {"anyOf": choices})


def _query(model: type[BaseModel]) -> dict[str, Any]:
    """Return the fields of a pydantic model as optional query parameters."""
    properties = model.model_json_schema()["properties"]
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": schema.pop("description"),
                "schema": without_null(schema),
            }
            for name, schema in properties.items()
        ]
    }


QUERY = _query(PredictionQuery)
SHEET_QUERY = _query(SheetQuery)
FEEDBACK_QUERY = _query(FeedbackQuery)
FEEDBACK_LIST_QUERY = _query(FeedbackListQuery)

VERSION_PARAMETER: dict[str, Any] = {
    "parameters": [
        {
            "name": "version",
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "description": "A version of the model, `stable` or `canary`.",
        }
    ]
}
