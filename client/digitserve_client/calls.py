"""Calls of the service: each request with the parser of its response.

The synchronous and the asyncio client send the same calls.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from digitserve_client.answers import Feedback, ImageAnswer, Model, ModelCard, Prediction, Sheet
from digitserve_client.images import ImageFile, ImageSource, read_image
from digitserve_client.options import (
    FeedbackOptions,
    Parameters,
    PredictionOptions,
    SheetOptions,
    query_parameters,
)
from digitserve_client.parsing import (
    parse_batch,
    parse_card,
    parse_feedback,
    parse_feedback_page,
    parse_models,
    parse_prediction,
    parse_sheet,
)

T = TypeVar("T")

_PREDICTIONS, _SHEETS, _MODELS = "/v1/predictions", "/v1/sheets", "/v1/models"
_FEEDBACK = "/v1/feedback"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """Request, and the parser of the document that answers it.

    Every call may be sent again: the service changes nothing, or stores the same once.
    """

    method: str
    path: str
    parse: Callable[[Any], T]
    parameters: Parameters = field(default_factory=list)
    content: bytes | None = None
    document: Any = None
    files: Sequence[tuple[str, ImageFile]] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


def predict(image: ImageSource, options: PredictionOptions) -> Call[Prediction]:
    """Return the call that classifies one image."""
    content = read_image(image).content
    return Call("POST", _PREDICTIONS, parse_prediction, query_parameters(options), content=content)


def predict_batch(
    images: Sequence[ImageSource | ImageFile], options: PredictionOptions
) -> Call[list[ImageAnswer]]:
    """Return the call that classifies a batch."""
    read = [one if isinstance(one, ImageFile) else read_image(one) for one in images]
    files = [("images", one) for one in read]
    path = f"{_PREDICTIONS}/batch"
    return Call("POST", path, parse_batch, query_parameters(options), files=files)


def read_sheet(
    document: ImageSource, layout: str | Mapping[str, Any] | None, options: SheetOptions
) -> Call[Sheet]:
    """Return the call that reads a sheet; ``layout`` is the name of one, or its document."""
    file, parameters = read_image(document), query_parameters(options)
    if layout is None:
        return Call("POST", _SHEETS, parse_sheet, parameters, content=file.content)
    text = layout if isinstance(layout, str) else json.dumps(layout)
    files, fields = [("image", file)], {"layout": text}
    return Call("POST", _SHEETS, parse_sheet, parameters, files=files, fields=fields)


def list_models() -> Call[list[Model]]:
    """Return the call that lists the models."""
    return Call("GET", _MODELS, parse_models)


def get_model(name: str, version: str | None) -> Call[ModelCard]:
    """Return the call that gets a model card."""
    parameters = [] if version is None else [("version", version)]
    return Call("GET", f"{_MODELS}/{quote(name, safe='')}", parse_card, parameters)


def is_ready() -> Call[bool]:
    """Return the call that asks whether the service is ready."""
    return Call("GET", "/readyz", lambda document: bool(document["status"] == "ready"))


def send_feedback(
    digit: int | None,
    *,
    image: ImageSource | None,
    request_id: str | None,
    index: int,
    source: str | None,
    options: FeedbackOptions,
) -> Call[Feedback]:
    """Return the call that stores the true digit of an image, or of one of a recent request.

    Raises: ValueError unless there is either an image or a request id.
    """
    if (image is None) == (request_id is None):
        raise ValueError("feedback: expected either image or request_id, got both or neither")
    if image is not None:
        picture: dict[str, Any] = {"image": b64encode(read_image(image).content).decode()}
    else:
        picture = {"request_id": request_id, "index": index}
    document = picture | {"digit": digit, "source": source}
    parameters = query_parameters(options)
    return Call("POST", _FEEDBACK, parse_feedback, parameters, document=document)


def list_feedback(after: int, limit: int) -> Call[tuple[list[Feedback], int | None]]:
    """Return the call that gets a page of the list of feedback."""
    parameters = [("after", str(after)), ("limit", str(limit))]
    return Call("GET", _FEEDBACK, parse_feedback_page, parameters)


def get_feedback(feedback_id: str) -> Call[Feedback]:
    """Return the call that gets one feedback with its picture."""
    return Call("GET", f"{_FEEDBACK}/{quote(feedback_id, safe='')}", parse_feedback)


def delete_feedback(feedback_id: str) -> Call[None]:
    """Return the call that deletes one feedback."""
    return Call("DELETE", f"{_FEEDBACK}/{quote(feedback_id, safe='')}", lambda _: None)
