"""Which is ink: the light or the dark."""

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.background import extremes, opening

Grey = NDArray[np.float32]

# What the narrowness of ink counts, against the corners and the border.
NARROW = 0.25


def is_light_on_dark(grey: Grey) -> bool:
    """Tell whether the light parts are the ink.

    The corners are paper, even of a digit that fills the frame; the border mostly is; and ink
    is narrow, while paper and shadows are not.
    """
    low, high = extremes(grey)
    share = np.clip((grey - low) / max(high - low, 1e-6), 0, 1) - 0.5
    border = (
        sum(float(part.mean()) for part in (share[0], share[-1], share[:, 0], share[:, -1])) / 4
    )
    where_paper_is = 3 * _corners(share) + 0.5 * border
    if abs(where_paper_is) > NARROW:
        return where_paper_is <= 0
    return where_paper_is - NARROW * _narrow(grey) <= 0


def _corners(share: Grey) -> float:
    """Return the mean of the four corners."""
    tall, wide = (-(-side // 8) for side in share.shape)
    rows = (share[:tall], share[-tall:])
    return sum(float(part.mean()) for row in rows for part in (row[:, :wide], row[:, -wide:])) / 4


def _narrow(grey: Grey) -> float:
    """Return from -1 to 1 whether narrow parts are dark or light."""
    light = float((np.square(grey - opening(grey))).sum())
    dark = float((np.square(-grey - opening(-grey))).sum())
    return (light - dark) / max(light + dark, 1e-6)
