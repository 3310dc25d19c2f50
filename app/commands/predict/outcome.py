"""Outcome of a picture: the service's document, or a problem; and its rows in a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple

from app.errors import STATUS, AppError, kind

Document = dict[str, Any]

# What a row without a prediction counts as, beside "accept" and the reasons to abstain.
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of one file: ``document`` is a prediction, a sheet, or ``{"error": problem}``."""

    file: str
    document: Document

    @property
    def model(self) -> str:
        """Return the model and version that gave the answer, like ``cnn:5``, or an empty text."""
        model = self.document.get("model")
        return f"{model['name']}:{model['version']}" if model else ""


class Row(NamedTuple):
    """Row of a table: a picture, or a box of a sheet, with its prediction or ``error``."""

    prediction: Document | None
    error: str = ""
    page: int | None = None
    row: int | None = None
    col: int | None = None
    name: str | None = None


def rows(outcome: Outcome) -> Iterator[Row]:
    """Yield the rows of an outcome: one for a picture, one for each box and bad page of a sheet."""
    document = outcome.document
    if "error" in document:
        yield Row(None, document["error"]["detail"])
    elif "pages" not in document:
        yield Row(document)
    else:
        for number, page in enumerate(document["pages"], start=1):
            yield from _page_rows(number, page)


def _page_rows(number: int, page: Document) -> Iterator[Row]:
    if "error" in page:
        yield Row(None, page["error"]["detail"], number)
        return
    for box in page["boxes"]:
        yield Row(box["prediction"], "", number, box["row"], box["col"], box["name"])


def app_problem(error: AppError) -> Document:
    """Return the problem of an error, as the service has it, without a request id."""
    status = STATUS[type(error)]
    return problem(str(error), kind(error), HTTPStatus(status).phrase, status)


def problem(detail: str, name: str, title: str, status: int) -> Document:
    """Return the document of a picture that could not be read."""
    urn = f"urn:digitserve:problem:{name}"
    return {"error": {"type": urn, "title": title, "status": status, "detail": detail}}


def file_problem(error: OSError) -> Document:
    """Return the problem of a file that the system cannot read."""
    detail = f"file: expected one that can be read, got: {error.strerror or error}"
    return problem(detail, "unreadable-file", "Unreadable file", 422)


def internal_problem(error: Exception) -> Document:
    """Return the problem of an unexpected exception."""
    detail = f"internal error: {type(error).__name__}: {error}"
    return problem(detail, "internal-error", HTTPStatus.INTERNAL_SERVER_ERROR.phrase, 500)
