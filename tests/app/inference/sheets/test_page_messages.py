"""Messages about a page between the server and its decoder process."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from app.errors import SheetTooLargeError
from app.inference.decoder.messages import HEAD, error_reply
from app.inference.decoder.page_messages import (
    TASK,
    page_reply,
    read_page_reply,
)
from app.inference.sheets.types import PageMap, PageReading, PageTask, SheetBox, SheetField
from model_core.preprocessing import NormalisedImage
from model_core.preprocessing.steps import Change

CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
BOXES = (SheetBox(CORNERS, 0, 0, "a"), SheetBox(CORNERS, 0, 1))
PAGE = PageMap(3, 20, 30, (1.0,) * 9, BOXES, (SheetField((0, 1), "f"),), 1.5, 0.25, 0.5, 0.125)
PIXELS = np.random.default_rng(0).integers(0, 256, (6, 28, 28), np.uint8)
IMAGES = [NormalisedImage(pixels, (Change.INVERTED,), 0.5) for pixels in PIXELS]
READING = PageReading(PAGE, IMAGES[:2], (0, 2), [IMAGES[2:4], IMAGES[4:]], "a warning")


def sent(reading: PageReading, *, most: int = 10) -> PageReading:
    """Return a reading as the server gets it."""
    return read_page_reply(page_reply(reading)[HEAD.size :], max_boxes=most)


def test_a_task_arrives_as_it_was_sent() -> None:
    """Page, turns and layout."""
    for task in (PageTask(), PageTask(3, 2, '{"a": 1}')):
        assert TASK.validate_json(TASK.dump_json(task)) == task


def test_a_page_arrives_as_it_was_sent() -> None:
    """Boxes, fields, pictures and samples."""
    got = sent(READING)

    assert (got.page, got.turns, got.warning) == (PAGE, (0, 2), "a warning")
    images = [*got.images, *got.samples[0], *got.samples[1]]
    assert_array_equal([image.pixels for image in images], PIXELS)
    assert all(image.steps == (Change.INVERTED,) and image.trust == 0.5 for image in images)


def test_an_error_is_raised() -> None:
    """The AppError of the decoder process."""
    reply = error_reply(SheetTooLargeError("sheet: too large"))[HEAD.size :]

    with pytest.raises(SheetTooLargeError, match="sheet: too large"):
        read_page_reply(reply, max_boxes=10)


@pytest.mark.parametrize(
    "reading",
    [
        replace(READING, page=replace(PAGE, fields=(SheetField((0, 2)),))),
        replace(READING, page=replace(PAGE, transform=(1.0,) * 8)),
        replace(READING, images=IMAGES[:1], samples=[], turns=()),
        replace(READING, turns=(0, 4)),
        replace(READING, samples=[IMAGES[2:4], IMAGES[4:5]]),
        replace(READING, samples=[IMAGES * 5, IMAGES * 5]),
    ],
)
def test_a_reply_of_another_form_is_refused(reading: PageReading) -> None:
    """A decoder that a file has taken over cannot make the server read beyond its lists."""
    with pytest.raises(ValueError, match="reply: expected"):
        sent(reading)
