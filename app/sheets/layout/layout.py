"""Layout of a form: a JSON document with the boxes and fields of its page."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.errors import MalformedRequestError

# Largest numbers of boxes and fields.
MAX_BOXES = 2_000

Name = Annotated[str, Field(min_length=1, max_length=100)]
Size = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Place = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]


class LayoutBox(BaseModel):
    """Box of a form: its left upper corner and size, and the digits that may be in it."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    x: Place
    y: Place
    width: Size
    height: Size
    digits: Annotated[str, Field(pattern="^[0-9]{1,10}$")] | None = None


class LayoutField(BaseModel):
    """Boxes that form a number, by their names."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    boxes: Annotated[list[Name], Field(min_length=1, max_length=MAX_BOXES)]


class Layout(BaseModel):
    """Layout of a form; the unit is arbitrary, like millimetres, points or pixels."""

    model_config = ConfigDict(extra="forbid")

    width: Size
    height: Size
    boxes: Annotated[list[LayoutBox], Field(min_length=1, max_length=MAX_BOXES)]
    fields: Annotated[list[LayoutField], Field(max_length=MAX_BOXES)] = []

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


def parse_layout(text: str | bytes) -> Layout:
    """Return the layout of a JSON document.

    Raises: MalformedRequestError for any other text.
    """
    try:
        return Layout.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, ("layout", *problem["loc"])))
        raise MalformedRequestError(f"{where}: expected a layout, got: {problem['msg']}") from None
