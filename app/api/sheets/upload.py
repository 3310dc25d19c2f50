"""Extraction of a sheet from a request: its bytes, and the layout if the form has one."""

from typing import NamedTuple

from app.api.forms.reader import FormReader
from app.api.messages import HttpRequest
from app.api.uploads import files_of, media_type, read_image, read_parts
from app.errors import MalformedRequestError
from app.images.json_image import JsonBody
from app.settings import Settings

_LAYOUT = "layout"


class SheetUpload(NamedTuple):
    """A sheet as it was sent, and the value of the form's field ``layout``, if there is one."""

    data: bytes
    layout: str | None = None


async def read_sheet(request: HttpRequest, settings: Settings) -> SheetUpload:
    """Read the sheet of a request: a raw body, a form with the field ``image``, or JSON.

    Raises: as ``read_image``.
    """
    content_type = request.header(b"content-type")
    kind = media_type(content_type)
    if kind == "multipart/form-data":
        return await _read_form(request, content_type, settings)
    if kind == "application/json":
        return SheetUpload(JsonBody(await request.read()))  # also small ones: it has a layout
    if kind == "application/pdf":
        return SheetUpload(await request.read())
    return SheetUpload(await read_image(request, settings))


async def _read_form(request: HttpRequest, content_type: str, settings: Settings) -> SheetUpload:
    reader = FormReader(content_type, most=1, settings=settings, kept={_LAYOUT})
    parts = await read_parts(request, reader)
    layouts = [part for part in parts if part.name == _LAYOUT and not part.is_file]
    if len(layouts) > 1:
        raise MalformedRequestError(f"form: expected {_LAYOUT} once, got it {len(layouts)} times")
    layout = layouts[0].content.decode("utf-8", "replace") if layouts else None
    return SheetUpload(files_of(parts, "image")[0], layout)
