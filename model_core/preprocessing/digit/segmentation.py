"""Segmentation of the digit: threshold, connected components, and selection of the digit's."""

from dataclasses import dataclass, replace

import numpy as np

from model_core.preprocessing.digit.ink import Ink
from model_core.preprocessing.digit.selection import Selection, count_specks, select_components
from model_core.preprocessing.digit.surroundings.enclosures import looks_enclosed
from model_core.preprocessing.digit.surroundings.joining_strokes import (
    columns_without_joining_stroke,
)
from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.connected_components import label_components, pad_rows
from model_core.preprocessing.image_ops.types import Box, Mask
from model_core.preprocessing.steps import Kind, Removed

# Times the ink's threshold: a component of the digit has a pixel with at least this contrast.
# Chosen so that shading which just reaches the threshold is no digit.
MIN_PEAK_THRESHOLDS = 1.5

# Share of the ink's greatest contrast: the threshold where strokes may touch. Chosen so that the
# soft edges of two strokes a pixel apart are parted.
FIRM_SHARE = 0.5

# Components that were left out at most, if it is worth the time to look again: more are a pattern.
MAX_LEFT_OUT = 12

# Pixels of a dot at most: single wrong pixels, some of which touch.
MAX_DOT_AREA = 3

# Dots in a noisy picture at least: chosen so that specks of dust are fewer.
MIN_NOISE_DOTS = 12


@dataclass(frozen=True, slots=True)
class Digit:
    """Segmented digit: its mask (H, W) bool and bounding box, and what was left out.

    ``hidden``, (H, W) bool, are the things that were left out and called by what they are.
    ``noisy`` is whether there are dots all over the picture. Units: ``trust`` as in
    ``NormalisedImage``. The box is empty if there is no digit.
    """

    mask: Mask
    box: Box
    removed: tuple[Removed, ...] = ()
    hidden: Mask | None = None
    noisy: bool = False
    trust: float = 1.0

    @property
    def recognised(self) -> tuple[Removed, ...]:
        """The removals of things that are called by what they are: no strokes or specks."""
        return tuple(step for step in self.removed if step.kind not in (Kind.STROKE, Kind.SPECK))

    def count(self, kind: Kind) -> int:
        """Return the number of things of a kind that were removed."""
        return sum(step.count for step in self.removed if step.kind is kind)

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
    Where the digit may touch a circle, it is segmented again with a higher threshold.
    """
    digit = _cut(_segment_above(ink, ink.threshold, stop_if_noisy=stop_if_noisy))
    if not digit.found or ink.threshold > FIRM_SHARE * ink.peak:
        return digit
    crowded = sum(step.count for step in digit.removed) > MAX_LEFT_OUT
    if crowded or not looks_enclosed(digit.mask[digit.box]):
        return digit
    if not ((ink.contrast >= ink.threshold) & (ink.contrast < FIRM_SHARE * ink.peak)).any():
        return digit  # no soft edges: the higher threshold would change nothing
    firm = _segment_above(ink, FIRM_SHARE * ink.peak, stop_if_noisy=True)
    return firm if firm.count(Kind.ENCLOSURE) > digit.count(Kind.ENCLOSURE) else digit


def _segment_above(ink: Ink, threshold: float, *, stop_if_noisy: bool) -> Digit:
    """Segment the digit in what has at least the contrast ``threshold``."""
    padded = pad_rows(ink.contrast)
    runs = label_components(padded >= threshold, ink.contrast.shape)
    components = ComponentProperties(runs, padded)
    enough = components.count >= MIN_NOISE_DOTS  # the areas are asked for only then
    noisy = enough and int((components.area <= MAX_DOT_AREA).sum()) >= MIN_NOISE_DOTS
    if noisy and stop_if_noisy:
        empty = (slice(0, 0), slice(0, 0))
        return Digit(np.zeros_like(runs.mask), empty, noisy=True)
    chosen = select_components(components, MIN_PEAK_THRESHOLDS * ink.threshold)
    complete = bool(chosen.digit.all())
    named = chosen.enclosures | chosen.underlines | chosen.writing
    return Digit(
        mask=runs.mask_of(chosen.digit),
        box=components.bounding_box(chosen.digit),
        removed=() if complete else _left_out(components, chosen),
        hidden=None if complete or not named.any() else runs.mask_of(named),
        noisy=noisy,
        trust=chosen.trust,
    )


def _cut(digit: Digit) -> Digit:
    """Return a digit without a stroke that joins it to the next one."""
    if not digit.found or digit.noisy:
        return digit
    columns = digit.box[1]
    kept = columns_without_joining_stroke(digit.mask, digit.box)
    if kept == columns.stop:
        return digit
    mask = digit.mask.copy()
    mask[:, kept:] = False
    inked = np.flatnonzero(mask.any(axis=1))
    box = slice(int(inked[0]), int(inked[-1]) + 1), slice(columns.start, kept)
    cut_off = digit.mask & ~mask
    hidden = cut_off if digit.hidden is None else digit.hidden | cut_off
    removed = (*digit.removed, Removed(Kind.JOINING_STROKE, 1))
    return replace(digit, mask=mask, box=box, hidden=hidden, removed=removed)


def _left_out(components: ComponentProperties, chosen: Selection) -> tuple[Removed, ...]:
    """Return what was left out: specks and strokes by number, other things by what they are."""
    named = (
        (Kind.ENCLOSURE, int(np.count_nonzero(chosen.enclosures))),
        (Kind.UNDERLINE, int(np.count_nonzero(chosen.underlines))),
        (Kind.WRITING, int(chosen.writing.any())),
    )
    known = chosen.digit | chosen.enclosures | chosen.underlines | chosen.writing
    specks = count_specks(components, chosen.digit, known)
    strokes = components.count - int(np.count_nonzero(known)) - specks
    counts = (*named, (Kind.STROKE, strokes), (Kind.SPECK, specks))
    return tuple(Removed(kind, count) for kind, count in counts if count)
