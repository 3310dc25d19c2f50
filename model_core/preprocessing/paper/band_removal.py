"""Removal of border bands: their level is brought to the paper's, and bare ones are cut off."""

from model_core.preprocessing.image_ops.types import Box, Grey32
from model_core.preprocessing.paper.border_bands import BorderBands
from model_core.preprocessing.paper.side_bands import SideBands

# Share of the ink's contrast between the bands: a pixel of a band above it is ink. Chosen so that
# the noise of a band is none.
MIN_INK_LEVEL = 0.3

# Share of a band's pixels: a band with more ink is kept, as a digit reaches into it. Chosen so that
# the rest of a band's soft edge is less.
MAX_BARE_INK_SHARE = 0.05


def remove_border_bands(grey: Grey32, bands: BorderBands) -> tuple[Grey32, Box]:
    """Return light ink on even paper, and the box that is left when bare bands are cut off.

    Shapes: ``grey`` (H, W) float32, light ink -> the same. Within a band, ink is whatever differs
    from the band.
    """
    flattened, columns = _flatten_columns(grey, bands.columns)
    within = bands.columns.inner
    transposed, rows = _flatten_columns(flattened[:, within].T, bands.rows)
    flattened[:, within] = transposed.T
    return flattened, (rows, columns)


def _flatten_columns(grey: Grey32, bands: SideBands) -> tuple[Grey32, slice]:
    """Return the picture with flattened columns, and the columns that are left."""
    flattened = grey.copy()
    where = bands.columns
    flattened[:, where] = bands.paper + abs(grey[:, where] - bands.medians[where])
    start, stop = bands.inner.start, bands.inner.stop
    ink = float(flattened[:, bands.inner].max()) - bands.paper
    limit = bands.paper + MIN_INK_LEVEL * ink
    if start and (flattened[:, :start] > limit).mean() > MAX_BARE_INK_SHARE:
        start = 0
    if stop < grey.shape[1] and (flattened[:, stop:] > limit).mean() > MAX_BARE_INK_SHARE:
        stop = grey.shape[1]
    return flattened, slice(start, stop)
