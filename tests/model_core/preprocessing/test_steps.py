"""Steps as values, and their words."""

from typing import get_args

import pytest

from model_core.preprocessing.steps import (
    Change,
    Cropped,
    DecodedSmaller,
    Decoding,
    Kind,
    Removed,
    Scaled,
    Step,
    Turned,
    describe,
)

WORDS = {
    Decoding.PLACED_ON_BLACK: "placed on black",
    Decoding.USED_COLOURS: "used the colours of most contrast",
    Change.INVERTED: "inverted",
    Change.KEPT_THIN_STROKES: "kept thin strokes",
    Change.EVENED_OUT_BACKGROUND: "evened out the background",
    Change.EVENED_OUT_SPOTS: "evened out spots of light",
    Change.REMOVED_RULED_LINES: "removed ruled lines",
    Change.REMOVED_NOISE: "removed noise",
    Change.JOINED_STROKES: "joined the pieces of thin strokes",
    Change.THICKENED_STROKES: "thickened the strokes",
    Change.FOUND_NO_INK: "found no ink",
    Removed(Kind.BORDER_BAND, 1): "removed 1 line at the border",
    Removed(Kind.BORDER_BAND, 4): "removed 4 lines at the border",
    Removed(Kind.ENCLOSURE, 1): "removed the circle or box around the digit",
    Removed(Kind.ENCLOSURE, 2): "removed 2 circles or boxes around the digit",
    Removed(Kind.UNDERLINE, 1): "removed the underline",
    Removed(Kind.UNDERLINE, 2): "removed 2 underlines",
    Removed(Kind.WRITING, 1): "removed the small writing beside the digit",
    Removed(Kind.JOINING_STROKE, 1): "cut off the stroke that leads to the next digit",
    Removed(Kind.STROKE, 1): "removed 1 stroke beside the digit",
    Removed(Kind.STROKE, 2): "removed 2 strokes beside the digit",
    Removed(Kind.SPECK, 1): "removed 1 speck",
    Removed(Kind.SPECK, 12): "removed 12 specks",
    Cropped(27, 39): "cropped to 27x39",
    Scaled((27, 39), (14, 20)): "scaled from 27x39 to 14x20",
    DecodedSmaller(2): "decoded at 1/2 of its size",
    Turned(90, 1): "turned clockwise by 90 degrees",
    Turned(0, 4): "best of 4 turns: as it was",
    Turned(270, 4): "best of 4 turns: clockwise by 270 degrees",
}


@pytest.mark.parametrize("step", WORDS)
def test_each_step_has_its_words(step: Step) -> None:
    """The texts that the service answers with stay as they are."""
    assert describe(step) == WORDS[step]


def test_no_step_is_without_words() -> None:
    """Every change, every kind, and every type of step is in the table above."""
    assert {step for step in WORDS if isinstance(step, Change)} == set(Change)
    assert {step for step in WORDS if isinstance(step, Decoding)} == set(Decoding)
    assert {step.kind for step in WORDS if isinstance(step, Removed)} == set(Kind)
    assert {type(step) for step in WORDS} == set(get_args(Step))
