"""Pieces of thin strokes in small pictures are joined before the digit is searched."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.mnist_format import is_mnist_format
from model_core.preprocessing.steps import Change
from tests.model_core.preprocessing.reading import answer, predict

TWO = [(110, 130), (130, 90), (190, 60), (260, 80), (270, 130), (240, 190), (120, 330), (300, 330)]


def shrunk(offset: int, pen: int = 10) -> Grey8:
    """Return a two that was drawn on 400x400 and shrunk to 28x28 by nearest neighbour."""
    image = Image.new("L", (400, 400), 0)
    ImageDraw.Draw(image).line([(x + offset, y + 5) for x, y in TWO], fill=255, width=pen)
    return np.asarray(image.resize((28, 28), Image.Resampling.NEAREST))


@pytest.mark.parametrize("offset", [0, 3, 6, 9, 12])
def test_strokes_in_pieces_are_joined(cnn: Classifier, offset: int) -> None:
    """Wherever the pixels fell that were kept; in the negative, too."""
    for picture in (shrunk(offset), 255 - shrunk(offset)):
        image = normalise(picture)
        prediction = predict(cnn, image)

        assert Change.JOINED_STROKES in image.steps
        assert (prediction.digit, prediction.decision) == (2, "accept")


def test_strokes_in_pieces_are_not_mnist_format() -> None:
    """Though they may be within 20x20, and centred."""
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24:2, 14] = picture[5:24:2, 13] = 255

    assert not is_mnist_format(picture)


def test_strokes_with_soft_edges_are_in_no_pieces() -> None:
    """A thin ring with grey edges, of which no pixel was left out."""
    image = Image.new("L", (280, 280), 0)
    ImageDraw.Draw(image).ellipse((80, 50, 200, 230), outline=255, width=9)
    soft = np.asarray(image.resize((28, 28), Image.Resampling.BOX))

    assert Change.JOINED_STROKES not in normalise(soft).steps


def test_pieces_as_large_as_a_digit_are_one_at_the_most_doubtful(cnn: Classifier) -> None:
    """A four whose stem and bow have a gap of six pixels between them."""
    picture = np.zeros((28, 28), np.uint8)
    picture[5:14, 8] = picture[13, 8:11] = picture[5:23, 17] = 255

    assert normalise(picture).trust == 0.25
    assert answer(cnn, picture).digit == 4
