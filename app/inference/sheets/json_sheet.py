"""Sheet in a JSON body: its image, and its layout if there is one."""

import json
from pathlib import Path
from typing import Any

from pydantic import Field

from app.errors import MalformedRequestError
from app.images.json_image import JsonImage, decode_base64, read_json
from app.sheets.layout.directory import resolve_layout
from app.sheets.layout.layout import MAX_BOXES

# Values of the largest layout: a box has six, and its name is in a field.
LAYOUT_VALUES = 8 * MAX_BOXES


class JsonSheet(JsonImage):
    """JSON body with a sheet."""

    layout: str | dict[str, Any] | None = Field(
        None, description="Layout of the form, or the name of a saved one."
    )


def decode_json_sheet(
    body: bytes, layout: str, layouts_dir: Path | None, *, max_values: int
) -> tuple[bytes, str]:
    """Return the image of a JSON body, and its layout in JSON; ``layout`` is that of the query.

    The layout may have LAYOUT_VALUES in addition to ``max_values``.

    Raises: MalformedRequestError as ``decode_json_image`` and ``resolve_layout``, or for two
    layouts.
    """
    sheet = read_json(JsonSheet, body, max_values=max_values + LAYOUT_VALUES)
    if sheet.layout is not None:
        if layout:
            raise MalformedRequestError("layout: expected it in the query or the body, got both")
        named = sheet.layout if isinstance(sheet.layout, str) else json.dumps(sheet.layout)
        layout = resolve_layout(named, layouts_dir).model_dump_json()
    return decode_base64(sheet.image), layout
