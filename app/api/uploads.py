"""Extraction of the uploaded images from a request: raw body, form or JSON."""

import base64
import binascii

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.api.forms.reader import FormReader, Part
from app.api.forms.simple_form import read_simple_form
from app.api.messages import HttpRequest
from app.errors import MalformedRequestError, UnsupportedImageError
from app.settings import Settings


class JsonImage(BaseModel):
    """JSON body with one image."""

    model_config = ConfigDict(extra="forbid", strict=True)

    image: str = Field(description="The image file in base64, or a data: URL.")


async def read_image(request: HttpRequest, settings: Settings) -> bytes:
    """Read the bytes of a request's single image.

    Raises: MalformedRequestError for a broken body or one without an image; UnsupportedImageError
    for an unsupported content type.
    """
    header = request.header(b"content-type")
    content_type = _media_type(header)
    if content_type == "multipart/form-data":
        images = await _read_form(request, header, "image", most=1, settings=settings)
        return images[0]
    if content_type == "application/json":
        return _from_json(await request.read(), settings.max_json_values)
    if content_type in ("", "application/octet-stream") or content_type.startswith("image/"):
        return await request.read()
    raise UnsupportedImageError(
        "Content-Type: expected image/*, application/octet-stream, multipart/form-data or "
        f"application/json, got {content_type}"
    )


async def read_images(request: HttpRequest, settings: Settings) -> list[bytes]:
    """Read the bytes of all images in a form, in the order sent.

    Raises: MalformedRequestError for a broken form, one without images or with too many.
    """
    header = request.header(b"content-type")
    content_type = _media_type(header)
    if content_type != "multipart/form-data":
        raise MalformedRequestError(
            f"Content-Type: expected multipart/form-data, got {content_type or 'none'}"
        )
    return await _read_form(
        request, header, "images", most=settings.max_batch_images, settings=settings
    )


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


async def _read_form(
    request: HttpRequest, content_type: str, field: str, *, most: int, settings: Settings
) -> list[bytes]:
    chunk, more = await request.read_chunk()
    files = None if more else read_simple_form(chunk, content_type, field, most=most)
    if files:
        return files
    reader = FormReader(content_type, most=most, settings=settings)
    reader.feed(chunk)
    while more:
        chunk, more = await request.read_chunk()
        reader.feed(chunk)
    return _files_of(reader.parts(), field)


def _files_of(parts: list[Part], field: str) -> list[bytes]:
    wanted = [part for part in parts if part.name == field]
    files = [part for part in parts if part.is_file]
    kind = "a file" if field == "image" else "files"
    if not files or wanted != files:
        names = ", ".join(f"{part.name!r}" for part in parts) or "none"
        text = " as text" if wanted and not files else ""
        raise MalformedRequestError(f"form: expected {kind} in field {field!r}, got {names}{text}")
    if all(part.is_unset for part in files):
        raise MalformedRequestError(
            f"form: expected {kind} in field {field!r}, got an empty file input"
        )
    return [part.content for part in files]


def _from_json(body: bytes, most: int) -> bytes:
    if body.count(b",") > most:
        raise MalformedRequestError(
            f'body: expected {{"image": "<base64 or data: URL>"}}, got more than {most} values'
        )
    try:
        image = JsonImage.model_validate_json(body).image
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"])) or "body"
        raise MalformedRequestError(
            f'{where}: expected {{"image": "<base64 or data: URL>"}}, got: {problem["msg"]}'
        ) from None
    return _from_base64(image)


def _from_base64(text: str) -> bytes:
    if text[:5].lower() == "data:":
        head, comma, text = text.partition(",")
        if not comma or not head.lower().endswith(";base64"):
            raise MalformedRequestError(
                "image: expected data:<type>;base64,<data>, got another URL"
            )
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedRequestError(f"image: expected base64, got: {error}") from None
