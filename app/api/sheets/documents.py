"""JSON documents of sheets."""

from typing import Any

from app.api.responses import input_document, prediction_document
from app.inference.registry import LoadedModel
from app.inference.sheets.types import PagePrediction
from app.inference.types import PredictionResult

# Characters of a field's text for a box without an accepted digit.
_ABSTAINED, _BLANK = "?", " "


def page_document(page: PagePrediction, model: LoadedModel, *, with_input: bool) -> dict[str, Any]:
    """Return the document of a page (schema: SheetPageDocument)."""
    found, transform = page.page, page.page.transform
    boxes = zip(found.boxes, page.results, strict=True)
    picture = {"picture": found.picture} if found.picture else {}
    return picture | {
        "width": found.width,
        "height": found.height,
        "transform": [list(transform[row : row + 3]) for row in (0, 3, 6)],
        "boxes": [
            {
                "corners": box.corners,
                "row": box.row,
                "col": box.col,
                "name": box.name,
                "prediction": prediction_document(result, model)
                | ({"input": input_document(result)} if with_input else {}),
            }
            for box, result in boxes
        ],
        "fields": [
            {
                "name": field.name,
                "boxes": field.boxes,
                "text": "".join(character(page.results[place]) for place in field.boxes),
            }
            for field in found.fields
        ],
    }


def character(result: PredictionResult) -> str:
    """Return the character of a box in the text of its field."""
    prediction = result.prediction
    if prediction.decision == "accept":
        return str(prediction.digit)
    return _BLANK if prediction.reason == "blank" else _ABSTAINED
