"""Which is ink: the light or the dark."""

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.background import extremes, opening

Grey = NDArray[np.float32]

# What the narrowness of ink counts, against corners and border; and in a shadow's half light.
NARROW = 0.25
SHADOW = 1.0


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
    corners = _corners(share)
    where_paper_is = 3 * sum(corners) / 4 + 0.5 * border
    shadow = max(corners) - min(corners) > 0.5 and float((abs(share) < 0.3).mean()) > 0.15
    weight = SHADOW if shadow else NARROW
    if abs(where_paper_is) > weight:
        return where_paper_is <= 0
    return where_paper_is - weight * _narrow(grey) <= 0


def _corners(share: Grey) -> list[float]:
    """Return the mean of each of the four corners."""
    tall, wide = (-(-side // 8) for side in share.shape)
    rows = (share[:tall], share[-tall:])
    return [float(part.mean()) for row in rows for part in (row[:, :wide], row[:, -wide:])]


def _narrow(grey: Grey) -> float:
    """Return from -1 to 1 whether narrow parts are dark or light."""
    light = float((np.square(grey - opening(grey, 8))).sum())
    dark = float((np.square(-grey - opening(-grey, 8))).sum())
    return (light - dark) / max(light + dark, 1e-6)
