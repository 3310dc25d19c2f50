"""Content of a box: without its frame, with all of its ink."""

import numpy as np
import pytest

from app.inference.registry import Registry
from app.sheets.cropping.crop import crop_box
from app.sheets.page import Box
from benchmarks.predict import predict
from benchmarks.sheets.layouts import Rectangle, grid
from model_core.preprocessing import normalise
from tests.support.forms import Form, as_boxes, draw_form, row, shaded, table, turned, write_two

STYLES = ["solid", "broken", "dotted", "dashed", "rounded"]


def answers(form: Form, registry: Registry) -> list[str]:
    """Return what the shipped model reads in each box: a digit, "blank", or "?"."""
    images = [normalise(crop_box(form.picture, box)) for box in as_boxes(form)]
    predictions = predict(images, registry.get("cnn").classifier)
    return [
        str(one.digit) if one.decision == "accept" else "blank" if one.reason == "blank" else "?"
        for one in predictions
    ]


@pytest.mark.parametrize("style", STYLES)
def test_empty_boxes_give_an_even_patch(style: str) -> None:
    """Nothing of the frame is left."""
    form = draw_form(row(gap=14), style=style, filled=0)

    for box in as_boxes(form):
        assert np.ptp(crop_box(form.picture, box)) == 0


@pytest.mark.parametrize("style", STYLES)
def test_digits_in_boxes_are_read(style: str, registry: Registry) -> None:
    """A two in each third box is a two, and the others are blank."""
    form = draw_form(row(gap=14), style=style)

    expected = ["2", "blank", "blank", "2", "blank", "blank", "2", "blank"]
    assert answers(form, registry) == expected


@pytest.mark.parametrize("rule", [(240, 150, 140), (245, 180, 120), (150, 215, 165), (30, 30, 30)])
def test_coloured_frames_vanish(rule: tuple[int, int, int], registry: Registry) -> None:
    """In drop-out colours and in black."""
    form = draw_form(table(), rule=rule, width=3)

    assert answers(form, registry) == ["2", "blank", "blank"] * 10


def test_ink_across_the_frame_is_kept(registry: Registry) -> None:
    """A digit that is higher than its box is read as a whole."""
    form = draw_form(row(gap=14), size=1.12)

    assert answers(form, registry)[::3] == ["2", "2", "2"]


def test_ink_of_the_neighbour_is_removed(registry: Registry) -> None:
    """What reaches in from the next box is not read."""
    boxes = row()
    form = draw_form(boxes, filled=0)
    page = form.picture.astype(np.float32)
    write_two(page, boxes[3], 0.8, shift=(0.42, 0))
    crossed = form._replace(picture=page.clip(0, 255).astype(np.uint8))

    assert answers(crossed, registry)[2] == "blank"


def test_turned_boxes_are_cropped_upright(registry: Registry) -> None:
    """The patch has the box's own directions, whatever those in the picture are."""
    form = shaded(draw_form(table()))
    for degrees in (0, 25, 90, 200):
        assert answers(turned(form, degrees, tilt=0.2), registry)[::3] == ["2"] * 10


@pytest.mark.parametrize("side", [19.0, 60.0, 200.0])
def test_patches_have_about_the_same_size(side: float) -> None:
    """Small boxes are enlarged, and large ones reduced."""
    form = draw_form(grid(60, 60, [side], [side]))
    [box] = as_boxes(form)

    assert 60 <= min(crop_box(form.picture, box).shape) <= 130


@pytest.mark.parametrize("shift", [-700.0, -590.0, 590.0, 10_000.0])
def test_boxes_beyond_the_picture_are_empty(shift: float) -> None:
    """A box that a layout places outside gives no error."""
    form = draw_form([Rectangle(300, 200, 44, 44)])
    [box] = as_boxes(form)

    patch = crop_box(form.picture, Box(box.corners + shift, 0, 0))

    assert patch.ndim == 2
