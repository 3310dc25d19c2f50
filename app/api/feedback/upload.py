"""Extraction of feedback from a request: JSON, or a form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.api.feedback.schemas import FeedbackBody
from app.api.forms.reader import FormReader, Part
from app.api.messages import HttpRequest
from app.api.uploads import media_type, read_parts
from app.errors import BodyTooLargeError, MalformedRequestError
from app.feedback.types import NO_DIGIT, Label
from app.images.json_image import decode_base64, invalid_json_error
from app.settings import Settings

# Largest JSON body, in bytes: it is parsed in the event loop, in a few milliseconds.
MAX_JSON_BYTES = 1_000_000

_TEXTS = frozenset({"request_id", "index", "digit", "source"})
_DIGITS: dict[str, int | None] = {str(digit): digit for digit in range(10)} | {NO_DIGIT: None}


@dataclass(frozen=True, slots=True)
class GivenFeedback:
    """Feedback as it was sent: a label for a picture, or for that of a recent request.

    ``image`` is None if ``request_id`` names the picture.
    """

    label: Label
    request_id: str
    index: int
    image: bytes | None


async def read_feedback(request: HttpRequest, settings: Settings) -> GivenFeedback:
    """Read the feedback in a request.

    Raises: MalformedRequestError for a broken body, one without a digit, or one that has not
    either a picture or a request id; BodyTooLargeError for too much JSON.
    """
    content_type = request.header(b"content-type")
    kind = media_type(content_type)
    if kind == "multipart/form-data":
        return await _read_form(request, content_type, settings)
    if kind != "application/json":
        raise MalformedRequestError(
            f"Content-Type: expected application/json or multipart/form-data, got {kind or 'none'}"
        )
    body = await request.read()
    if len(body) > MAX_JSON_BYTES:
        raise BodyTooLargeError(
            f"body: expected at most {MAX_JSON_BYTES} bytes of JSON, got {len(body)}; send a "
            "larger picture in a form"
        )
    given = _validate(lambda: FeedbackBody.model_validate_json(body))
    image = decode_base64(given.image) if "image" in given.model_fields_set else None
    return _check(given, image)


async def _read_form(request: HttpRequest, content_type: str, settings: Settings) -> GivenFeedback:
    reader = FormReader(content_type, most=1, settings=settings, kept=_TEXTS)
    parts = await read_parts(request, reader)
    values = _form_values(parts)
    given = _validate(lambda: FeedbackBody.model_validate(values))
    files = [part for part in parts if part.is_file and not part.is_unset]
    if files and files[0].name != "image":
        raise MalformedRequestError(
            f"form: expected a file in field 'image', got {files[0].name!r}"
        )
    return _check(given, files[0].content if files else None)


def _form_values(parts: list[Part]) -> dict[str, Any]:
    """Return the text fields of a form as the values of JSON."""
    values: dict[str, Any] = {}
    for part in parts:
        if part.is_file or part.name not in _TEXTS:
            continue
        if part.name in values:
            raise MalformedRequestError(f"form: expected {part.name} once, got it twice")
        values[part.name] = part.content.decode("utf-8", "replace")
    if "digit" in values:
        if values["digit"] not in _DIGITS:
            raise MalformedRequestError(f"digit: expected 0 to 9 or none, got {values['digit']!r}")
        values["digit"] = _DIGITS[values["digit"]]
    if "index" in values:
        text = values["index"]
        values["index"] = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else text
    return values


def _validate(parse: Callable[[], FeedbackBody]) -> FeedbackBody:
    try:
        return parse()
    except ValidationError as error:
        expected = '{"digit": 0-9 or null, "request_id" or "image": text}'
        raise invalid_json_error(error, expected) from None


def _check(body: FeedbackBody, image: bytes | None) -> GivenFeedback:
    names_request = "request_id" in body.model_fields_set
    if names_request == (image is not None):
        got = "both" if names_request else "neither"
        raise MalformedRequestError(f"body: expected either request_id or image, got {got}")
    label = Label(body.digit, body.source)
    return GivenFeedback(label, body.request_id, body.index, image)
