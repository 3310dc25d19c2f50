"""Segmentation of the digit: threshold, connected components, and selection of the digit's."""

from dataclasses import dataclass

import numpy as np

from model_core.preprocessing.digit.ink import Ink
from model_core.preprocessing.digit.selection import count_specks, select_components
from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.connected_components import label_components, pad_rows
from model_core.preprocessing.image_ops.types import Box, Mask

# Times the ink's threshold: a component of the digit has a pixel with at least this contrast.
# Chosen so that shading which just reaches the threshold is no digit.
MIN_PEAK_THRESHOLDS = 1.5

# Pixels of a dot at most: single wrong pixels, some of which touch.
MAX_DOT_AREA = 3

# Dots in a noisy picture at least: chosen so that specks of dust are fewer.
MIN_NOISE_DOTS = 12


@dataclass(frozen=True, slots=True)
class Digit:
    """Segmented digit: its mask (H, W) bool and bounding box, and what was left out.

    Units: ``specks`` and ``strokes`` are numbers of components; ``noisy`` is whether there are dots
    all over the picture. The box is empty if there is no digit.
    """

    mask: Mask
    box: Box
    specks: int
    strokes: int
    noisy: bool

    @property
    def found(self) -> bool:
        """Tell whether there is a digit."""
        return bool(self.box[0].stop > 0)

    @property
    def sides(self) -> tuple[int, int]:
        """The height and width of the bounding box in pixels."""
        rows, columns = self.box
        return rows.stop - rows.start, columns.stop - columns.start

    @property
    def borders(self) -> int:
        """The number of sides of the picture (0..4) that the bounding box reaches."""
        ends = zip(self.box, self.mask.shape, strict=True)
        return sum((side.start == 0) + (side.stop == length) for side, length in ends)


def segment_digit(ink: Ink, *, stop_if_noisy: bool = False) -> Digit:
    """Segment the digit: the box is empty if all ink is specks and border objects.

    With ``stop_if_noisy`` it is empty in a noisy picture, too: to select takes half of the time.
    """
    padded = pad_rows(ink.contrast)
    runs = label_components(padded >= ink.threshold, ink.contrast.shape)
    components = ComponentProperties(runs, padded)
    noisy = _is_noisy(components)
    if noisy and stop_if_noisy:
        empty = (slice(0, 0), slice(0, 0))
        return Digit(np.zeros_like(runs.mask), empty, specks=0, strokes=0, noisy=True)
    digit = select_components(components, MIN_PEAK_THRESHOLDS * ink.threshold)
    specks = count_specks(components, digit)
    return Digit(
        mask=runs.mask_of(digit),
        box=components.bounding_box(digit),
        specks=specks,
        strokes=runs.count - int(np.count_nonzero(digit)) - specks,
        noisy=noisy,
    )


def _is_noisy(components: ComponentProperties) -> bool:
    """Tell whether there are dots all over the picture."""
    if components.count < MIN_NOISE_DOTS:
        return False
    return int(np.count_nonzero(components.area <= MAX_DOT_AREA)) >= MIN_NOISE_DOTS
