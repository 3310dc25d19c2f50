"""Parsers of the service's JSON documents. Fields that they do not know are ignored."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from digitserve_client.answers import (
    Box,
    Feedback,
    FeedbackAnswer,
    ImageAnswer,
    Model,
    ModelCard,
    ModelInput,
    ModelReference,
    ModelVersion,
    Page,
    PageAnswer,
    Prediction,
    Sheet,
    SheetField,
)
from digitserve_client.problems import problem_error

T = TypeVar("T")
Document = Mapping[str, Any]


def _pick(kind: type[T], document: Document, **converted: Any) -> T:
    """Create a value from the fields of a document; ``converted`` replaces some of them."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    given = {name: document[name] for name in names if name in document}
    return kind(**given | converted)


def parse_prediction(document: Document, origin: Document | None = None) -> Prediction:
    """Parse a prediction; ``origin`` is the document that has its model and request id."""
    origin = origin or document
    model_input, explanation = document.get("input"), document.get("explanation")
    return _pick(
        Prediction,
        document,
        probabilities={int(label): p for label, p in document["probabilities"].items()},
        model=_pick(ModelReference, origin["model"]),
        request_id=origin["request_id"],
        input=model_input and _pick(ModelInput, model_input),
        relevance=explanation and explanation["relevance"],
    )


def parse_batch(document: Document) -> list[ImageAnswer]:
    """Parse the predictions of a batch, in the order sent."""
    return [
        problem_error(one["error"]) if "error" in one else parse_prediction(one, document)
        for one in document["predictions"]
    ]


def parse_sheet(document: Document) -> Sheet:
    """Parse the pages of a sheet."""
    pages = [_parse_page(one, document) for one in document["pages"]]
    return Sheet(pages, _pick(ModelReference, document["model"]), document["request_id"])


def _parse_page(page: Document, origin: Document) -> PageAnswer:
    if "error" in page:
        return problem_error(page["error"])
    boxes = [
        _pick(Box, one, prediction=parse_prediction(one["prediction"], origin))
        for one in page["boxes"]
    ]
    return _pick(Page, page, boxes=boxes, fields=[_pick(SheetField, one) for one in page["fields"]])


def parse_models(document: Document) -> list[Model]:
    """Parse the list of models, the default first."""
    return [
        _pick(Model, one, versions=[_pick(ModelVersion, each) for each in one["versions"]])
        for one in document["models"]
    ]


def parse_card(document: Document) -> ModelCard:
    """Parse a model card."""
    return _pick(ModelCard, document)


def parse_feedback(document: Document) -> Feedback:
    """Parse stored feedback."""
    answer = document["answer"]
    return _pick(
        Feedback,
        document,
        answer=_pick(FeedbackAnswer, answer, model=_pick(ModelReference, answer["model"])),
        created=datetime.fromisoformat(document["created"]),
        updated=datetime.fromisoformat(document["updated"]),
    )


def parse_feedback_page(document: Document) -> tuple[list[Feedback], int | None]:
    """Parse a page of the list of feedback, and the place where the next page begins."""
    return [parse_feedback(one) for one in document["feedback"]], document["next"]
