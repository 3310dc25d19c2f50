"""Reading of a page in the decoder process."""

from app.inference.sheets.page_reader import PageReader, SheetLimits
from app.inference.sheets.types import PageTask
from app.sheets.documents.page import DocumentLimits
from tests.support.documents import sheet
from tests.support.pictures import encode


def test_samples_for_the_orientation_have_no_steps() -> None:
    """Only the boxes have these: reading them takes time in the event loop."""
    reader = PageReader(SheetLimits(DocumentLimits(1, 10**6, 50), 100, 16))
    reading = reader.read(encode(sheet(["22", "2 "])), PageTask())

    assert [len(row) for row in reading.samples] == [3] * 4
    assert all(not image.steps for row in reading.samples for image in row)
    assert reading.images[0].steps
