"""Image in a JSON body, as base64."""

import base64
import binascii
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import MalformedRequestError


class JsonImage(BaseModel):
    """JSON body with one image."""

    model_config = ConfigDict(extra="forbid", strict=True)

    image: str = Field(description="The image file in base64, or a data: URL.")


AnyImage = TypeVar("AnyImage", bound=JsonImage)


class JsonBody(bytes):
    """JSON body that is too large for the event loop: the decoder process decodes it."""

    __slots__ = ()


def decode_json_image(body: bytes, *, max_values: int) -> bytes:
    """Return the image of a JSON body.

    Raises: MalformedRequestError for another document, one of more than ``max_values`` values, or
    invalid base64.
    Source: RFC 8259; RFC 4648, section 4; RFC 2397.
    """
    return decode_base64(read_json(JsonImage, body, max_values=max_values).image)


def read_json(kind: type[AnyImage], body: bytes, *, max_values: int) -> AnyImage:
    """Return the document of a JSON body.

    Raises: MalformedRequestError for another document, or one of more than ``max_values`` values.
    """
    if body.count(b",") > max_values:
        raise MalformedRequestError(
            f'body: expected {{"image": "<base64 or data: URL>"}}, got more than {max_values} '
            "values"
        )
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise invalid_json_error(error, '{"image": "<base64 or data: URL>"}') from None


def invalid_json_error(error: ValidationError, expected: str, *path: str) -> MalformedRequestError:
    """Create the error for a document that does not match its schema: its first problem.

    ``path`` is where the document is in another one.
    """
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, (*path, *problem["loc"]))) or "body"
    return MalformedRequestError(f"{where}: expected {expected}, got: {problem['msg']}")


def decode_base64(text: str, name: str = "image") -> bytes:
    """Return the bytes of a text in base64, or of a data: URL; ``name`` is for errors.

    Raises: MalformedRequestError for another text.
    """
    if text[:5].lower() == "data:":
        head, comma, text = text.partition(",")
        if not comma or not head.lower().endswith(";base64"):
            raise MalformedRequestError(
                f"{name}: expected data:<type>;base64,<data>, got another URL"
            )
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedRequestError(f"{name}: expected base64, got: {error}") from None
