"""Where the image is in a request: raw, in a form, or in JSON."""

import base64
import binascii
from collections.abc import AsyncGenerator

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from app.errors import MalformedRequestError, UnsupportedImageError

# A form may have so many fields of text beside its files; they are counted, then ignored.
_MAX_FIELDS = 16
_MAX_FIELD_BYTES = 64 * 1024


class JsonImage(BaseModel):
    """An image as JSON carries it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    image: str = Field(description="The image file in base64, or a data: URL.")


class _InMemoryParser(MultiPartParser):
    """Keeps files in memory: the body limit bounds them, and a container has no disk to spare."""

    spool_max_size = 0
    _closed = False

    def on_end(self) -> None:
        """Take notice of the boundary that closes the form."""
        self._closed = True

    async def parse(self) -> FormData:
        """Return the form, if it came to its end; the parent takes any part for the whole."""
        self.stream = self._to_the_end(self.stream)
        return await super().parse()

    async def _to_the_end(self, stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        async for chunk in stream:
            yield chunk
        if not self._closed:
            raise MultiPartException("a body cut off before its end")


async def read_image(request: Request) -> bytes:
    """Return the bytes of the one image in a request.

    Raises: MalformedRequestError if there is none or the body is broken; UnsupportedImageError for
    a content type that carries no image.
    """
    content_type = _content_type(request)
    if content_type == "multipart/form-data":
        images = await _read_form(request, "image", most=1)
        return images[0]
    if content_type == "application/json":
        return _from_json(await _read_body(request))
    if content_type in ("", "application/octet-stream") or content_type.startswith("image/"):
        return await _read_body(request)
    raise UnsupportedImageError(
        "Content-Type: expected image/*, application/octet-stream, multipart/form-data or "
        f"application/json, got {content_type}"
    )


async def read_images(request: Request, *, most: int) -> list[bytes]:
    """Return the bytes of the images in a form, in the order sent.

    Raises: MalformedRequestError if there is none or more than ``most``, or the form is broken.
    """
    content_type = _content_type(request)
    if content_type != "multipart/form-data":
        raise MalformedRequestError(
            f"Content-Type: expected multipart/form-data, got {content_type or 'none'}"
        )
    return await _read_form(request, "images", most=most)


def _content_type(request: Request) -> str:
    for name, value in request.scope["headers"]:
        if name == b"content-type":
            return str(value.decode("latin-1").partition(";")[0].strip().lower())
    return ""


async def _read_body(request: Request) -> bytes:
    """Return the body; mostly it has come whole, and Starlette's own way is longer."""
    chunks = []
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _read_form(request: Request, field: str, *, most: int) -> list[bytes]:
    parser = _InMemoryParser(
        request.headers,
        request.stream(),
        max_files=most,
        max_fields=_MAX_FIELDS,
        max_part_size=_MAX_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        reason = getattr(error, "message", type(error).__name__)
        raise MalformedRequestError(f"form: expected multipart/form-data, got: {reason}") from None
    try:
        return [await file.read() for file in _files(form, field)]
    finally:
        await form.close()


def _files(form: FormData, field: str) -> list[UploadFile]:
    values = form.getlist(field)
    files = [value for value in values if isinstance(value, UploadFile)]
    if not files or len(files) != len(values) or len(files) != len(_all_files(form)):
        kind = "a file" if field == "image" else "files"
        names = ", ".join(f"{name!r}" for name, _ in form.multi_items()) or "none"
        text = " as text" if values and not files else ""
        raise MalformedRequestError(f"form: expected {kind} in field {field!r}, got {names}{text}")
    return files


def _all_files(form: FormData) -> list[UploadFile]:
    return [value for _, value in form.multi_items() if isinstance(value, UploadFile)]


def _from_json(body: bytes) -> bytes:
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
