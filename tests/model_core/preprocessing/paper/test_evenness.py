"""Even paper has a level; paper with a shadow, or with light that falls off, has none."""

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.types import Grey32
from model_core.preprocessing.paper.evenness import even_paper_level, plain_paper_level


def stroke(paper: Grey32 | float) -> GreyImage:
    """Return a light stroke on paper of 40x40 pixels."""
    grey = np.zeros((40, 40), np.float32) + np.float32(paper)
    grey[10:30, 18:22] = 220
    return GreyImage(grey)


def test_even_paper_has_its_level() -> None:
    """The median of what is dark."""
    assert even_paper_level(stroke(30)) == 30


def test_light_that_falls_off_is_uneven() -> None:
    """Levels from one side to the other differ by a third of the contrast."""
    slope = np.linspace(20, 90, 40, dtype=np.float32)

    assert even_paper_level(stroke(slope)) is None
    assert 20 < plain_paper_level(stroke(slope)) < 90


def test_a_shadow_along_the_border_is_uneven() -> None:
    """A large square, lighter than the paper and darker than the ink."""
    image = stroke(20)
    image.pixels[:14, 24:] = 140

    assert even_paper_level(image) is None
