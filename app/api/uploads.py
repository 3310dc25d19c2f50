"""Extraction of the uploaded images from a request: raw body, form or JSON."""

from app.api.forms.reader import FormReader, Part
from app.api.forms.simple_form import read_simple_form
from app.api.messages import HttpRequest
from app.errors import MalformedRequestError, UnsupportedImageError
from app.images.json_image import JsonBody, decode_json_image
from app.settings import Settings

# Largest JSON body that is decoded in the event loop, in bytes; it takes half a millisecond.
_INLINE_JSON_BYTES = 64 * 1024


async def read_image(request: HttpRequest, settings: Settings) -> bytes:
    """Read the bytes of a request's single image; a large JSON body is returned as a JsonBody.

    Raises: MalformedRequestError for a broken body or one without an image; UnsupportedImageError
    for an unsupported content type.
    """
    header = request.header(b"content-type")
    content_type = media_type(header)
    if content_type == "multipart/form-data":
        images = await _read_form(request, header, "image", most=1, settings=settings)
        return images[0]
    if content_type == "application/json":
        body = await request.read()
        if len(body) > _INLINE_JSON_BYTES:
            return JsonBody(body)
        return decode_json_image(body, max_values=settings.max_json_values)
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
    content_type = media_type(header)
    if content_type != "multipart/form-data":
        raise MalformedRequestError(
            f"Content-Type: expected multipart/form-data, got {content_type or 'none'}"
        )
    return await _read_form(
        request, header, "images", most=settings.max_batch_images, settings=settings
    )


def media_type(header: str) -> str:
    """Return the media type of a Content-Type in lower case, without its parameters."""
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
    return files_of(await read_parts(request, reader, more=more), field)


async def read_parts(request: HttpRequest, reader: FormReader, *, more: bool = True) -> list[Part]:
    """Read the parts of a form, or the rest of them, if ``more`` of its body follows."""
    while more:
        chunk, more = await request.read_chunk()
        reader.feed(chunk)
    return reader.parts()


def files_of(parts: list[Part], field: str) -> list[bytes]:
    """Return the files of a form, which are all in one field.

    Raises: MalformedRequestError if there is no file, or one in another field.
    """
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
