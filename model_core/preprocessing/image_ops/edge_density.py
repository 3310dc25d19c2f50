"""Edge density: how many edges a picture has, as a measure of the work to normalise it."""

import numpy as np

from model_core.preprocessing.image_ops.types import Grey8

# Share of the range of grey levels; neighbouring pixels that differ by more are an edge.
EDGE_SHARE = 4


def edge_density(pixels: Grey8) -> float:
    """Return the number of edges between neighbouring pixels, divided by width + height.

    Shapes: ``pixels`` (H, W) uint8. A digit on clean paper has about 3 at any size, a page of ruled
    lines or noise more than 6.
    """
    least = (int(pixels.max()) - int(pixels.min())) // EDGE_SHARE
    levels = pixels.astype(np.int16)
    down, right = levels[1:] - levels[:-1], levels[:, 1:] - levels[:, :-1]
    edges = sum(np.count_nonzero(np.abs(steps, out=steps) > least) for steps in (down, right))
    return float(edges) / sum(pixels.shape)
