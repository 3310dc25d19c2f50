"""Schemas of sheets: query parameters and the response."""

from typing import Literal

from pydantic import Field

from app.api.response_document import ResponseDocument
from app.api.schemas import ImagePrediction, ImageProblem, ModelQuery, ModelReference


class SheetQuery(ModelQuery):
    """Query parameters of the route of sheets."""

    layout: str | None = Field(
        None,
        description="Layout of the form in JSON, or the name of a saved one: the boxes have its "
        "names. A sheet that does not fit it is refused. A form can have it as the field `layout`.",
    )
    page: int | None = Field(
        None, ge=1, description="Only this page of a document, from 1; default: all pages."
    )
    include: list[Literal["input", "picture"]] = Field(
        [],
        description="`input` adds each box's model input and preprocessing steps, `picture` each "
        "page's picture, for clients that cannot display a PDF or TIFF.",
    )


class LayoutSummary(ResponseDocument):
    """A saved layout."""

    name: str = Field(description="Value of the parameter `layout` of `POST /v1/sheets`.")


class LayoutList(ResponseDocument):
    """List of the saved layouts, by name."""

    layouts: list[LayoutSummary]


class SheetBoxDocument(ResponseDocument):
    """Box of a page, and the prediction for its content."""

    corners: list[list[float]] = Field(
        description="Four points [x, y] in pixels of the page, its EXIF orientation applied, "
        "clockwise from the corner that is at the top left when the digits are upright."
    )
    row: int = Field(description="Row in reading order, from 0.")
    col: int = Field(description="Column in reading order, from 0.")
    name: str | None = Field(description="Name in the layout; null without a layout.")
    prediction: ImagePrediction


class SheetFieldDocument(ResponseDocument):
    """Neighbouring boxes that form a number."""

    name: str | None = Field(description="Name in the layout; null without a layout.")
    boxes: list[int] = Field(description="Places of its boxes in `boxes`, from 0, in order.")
    text: str = Field(
        description="A character for each box: the digit, `?` if the model abstains, a space if "
        "the box is blank.",
        examples=["2?04"],
    )


class SheetPageDocument(ResponseDocument):
    """Page of a sheet."""

    width: int = Field(description="Pixels; of a PDF, of the page as it was rendered.")
    height: int
    transform: list[list[float]] = Field(
        description="Homography, 3 rows of 3: from pixels of the page to the upright, rectified "
        "page; with a layout, to its units."
    )
    boxes: list[SheetBoxDocument] = Field(description="In reading order, or as in the layout.")
    fields: list[SheetFieldDocument]
    picture: str | None = Field(
        None,
        description="Only with include=picture: the page as a JPEG in a data: URL, its longer side "
        "at most 1600 pixels.",
    )


class SheetResponse(ResponseDocument):
    """Response with the boxes of all pages."""

    model: ModelReference
    request_id: str
    pages: list[SheetPageDocument | ImageProblem] = Field(
        description="In order, or the one that was asked for; a page of several that cannot be "
        "read has an error in its place."
    )
