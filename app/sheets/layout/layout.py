"""Layout of a form: a JSON document with the boxes and fields of its page."""

from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.images.json_image import invalid_json_error

# Largest numbers of boxes and fields, and of registration marks.
MAX_BOXES, MAX_MARKS = 2_000, 12

# Largest condition number of a transform: pixels in millions beside units of a page are below it.
MAX_CONDITION = 1e14

Name = Annotated[str, Field(min_length=1, max_length=100)]
Size = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Place = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Row = Annotated[list[Number], Field(min_length=3, max_length=3)]


class LayoutBox(BaseModel):
    """Box of a form: its left upper corner and size, and the digits that may be in it."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    x: Place
    y: Place
    width: Size
    height: Size
    digits: Annotated[str, Field(pattern="^[0-9]{1,10}$")] | None = None


class LayoutMark(BaseModel):
    """Registration mark of a form: its centre, and its side or diameter."""

    model_config = ConfigDict(extra="forbid")

    x: Place
    y: Place
    size: Size


class LayoutField(BaseModel):
    """Boxes that form a number, by their names."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    boxes: Annotated[list[Name], Field(min_length=1, max_length=MAX_BOXES)]


class Layout(BaseModel):
    """Layout of a form; the unit is arbitrary, like millimetres, points or pixels.

    ``edge`` says that ``width`` and ``height`` are those of the paper, from its left upper corner.
    ``transform`` is the homography, 3 rows of 3, from pixels of the page as sent to the layout's
    units: a page whose transform is known is not registered.
    """

    model_config = ConfigDict(extra="forbid")

    width: Size
    height: Size
    boxes: Annotated[list[LayoutBox], Field(min_length=1, max_length=MAX_BOXES)]
    fields: Annotated[list[LayoutField], Field(max_length=MAX_BOXES)] = []
    transform: Annotated[list[Row], Field(min_length=3, max_length=3)] | None = None
    marks: Annotated[list[LayoutMark], Field(max_length=MAX_MARKS)] = []
    edge: bool = False

    def outer_marks(self) -> tuple[int, int, int, int]:
        """Return the places of the marks nearest to the corners, clockwise from the top left."""
        turned = [(mark.x + mark.y, mark.y - mark.x) for mark in self.marks]
        places = range(len(turned))
        left, right = (pick(places, key=lambda n: turned[n][0]) for pick in (min, max))
        top, bottom = (pick(places, key=lambda n: turned[n][1]) for pick in (min, max))
        return left, top, right, bottom

    @model_validator(mode="after")
    def _check_marks(self) -> "Layout":
        if self.marks and len(set(self.outer_marks())) < 4:
            raise PydanticCustomError(
                "marks", "marks other than four at different corners, or more"
            )
        return self

    @model_validator(mode="after")
    def _check_names(self) -> "Layout":
        names = {box.name for box in self.boxes}
        if len(names) < len(self.boxes):
            raise PydanticCustomError("names", "boxes with different names")
        unknown = {name for field in self.fields for name in field.boxes} - names
        if unknown:
            raise PydanticCustomError(
                "unknown", "fields of known boxes, got {name}", {"name": min(unknown)}
            )
        return self

    @model_validator(mode="after")
    def _check_transform(self) -> "Layout":
        with np.errstate(all="ignore"):
            condition = 1.0 if self.transform is None else np.linalg.cond(np.array(self.transform))
        if not condition < MAX_CONDITION:
            raise PydanticCustomError("transform", "an invertible transform")
        return self


def parse_layout(text: str | bytes) -> Layout:
    """Return the layout of a JSON document.

    Raises: MalformedRequestError for any other text.
    """
    try:
        return Layout.model_validate_json(text)
    except ValidationError as error:
        raise invalid_json_error(error, "a layout", "layout") from None
