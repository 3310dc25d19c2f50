"""Parser of the query strings of the prediction and sheet routes."""

from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from app.api.schemas import PredictionQuery
from app.errors import MalformedRequestError

# Largest number of parameters; each invalid one is named in the error.
_MAX_PARAMETERS = 16

Query = TypeVar("Query", bound=BaseModel)

# Parsed query strings that are cached: clients use few different ones.
_CACHED = 256


@lru_cache(_CACHED)
def read_query(text: bytes) -> PredictionQuery:
    """Parse and validate the query string of a prediction.

    Raises: MalformedRequestError, which names each invalid parameter.
    """
    return read_query_as(PredictionQuery, text)


def read_query_as(schema: type[Query], text: bytes) -> Query:
    """Parse and validate a query string; only ``include`` may be repeated.

    Raises: MalformedRequestError, which names each invalid parameter.
    """
    values: dict[str, list[str]] = {}
    if text.count(b"&") >= _MAX_PARAMETERS:
        raise MalformedRequestError(
            f"query: expected at most {_MAX_PARAMETERS} parameters, got more"
        )
    for name, value in parse_qsl(text.decode("latin-1"), keep_blank_values=True):
        values.setdefault(name, []).append(value)
    for name, given in values.items():
        if len(given) > 1 and name != "include":
            raise MalformedRequestError(
                f"query parameter {name}: expected it once, got it {len(given)} times"
            )
    single = {name: given if name == "include" else given[0] for name, given in values.items()}
    try:
        return schema.model_validate(single)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        raise MalformedRequestError(
            "; ".join(_describe_error(schema, dict(one)) for one in problems)
        ) from None


def _describe_error(schema: type[BaseModel], problem: dict[str, Any]) -> str:
    name = problem["loc"][0]
    if problem["type"] == "extra_forbidden":
        names = ", ".join(schema.model_fields)
        return f"query parameter {name}: expected one of {names}, got an unknown name"
    expected = problem.get("ctx", {}).get("expected", problem["msg"])
    return f"query parameter {name}: expected {expected}, got {problem['input']!r}"
