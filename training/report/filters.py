"""The weights of the first layer as pictures."""

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from model_core.classifier import Classifier
from model_core.layers import Conv2d, Linear
from model_core.parameter import Array
from training.report.canvas import new_figure, style_axes
from training.report.theme import Theme

MOST = 36  # with more of them each would be too small


@dataclass(frozen=True, slots=True)
class Filters:
    """Pictures (N, height, width) of weights; ``what`` names the unit that one belongs to."""

    what: str
    pictures: Array
    total: int


def first_filters(classifier: Classifier) -> Filters:
    """Return the filters of the first layer with weights; of many, those of largest norm."""
    kinds = (Conv2d, Linear)
    layer = next(layer for layer in classifier.network.layers if isinstance(layer, kinds))
    if isinstance(layer, Conv2d):
        what, pictures = "kernel", layer.weight.value.reshape(-1, *layer.weight.value.shape[2:])
    else:
        what, pictures = "hidden unit", layer.weight.value.T.reshape(-1, *classifier.input_shape)
    total = len(pictures)
    if total > MOST:
        norms = np.square(pictures).sum(axis=(1, 2))
        pictures = pictures[np.sort(np.argsort(-norms, kind="stable")[:MOST])]
    return Filters(what, pictures, total)


def draw_filters(filters: Filters, theme: Theme) -> Figure:
    """Draw the filters on one colour scale; 0 has the colour of the page."""
    tiles = _tiles(filters.pictures)
    figure = new_figure(56 + 300 * len(tiles) // tiles.shape[1], theme)
    axes = figure.subplots()
    axes.set_axis_off()
    colors = LinearSegmentedColormap.from_list("", [theme.wrong, theme.page, theme.right])
    limit = float(np.abs(filters.pictures).max()) or 1.0
    image = axes.imshow(tiles, cmap=colors, vmin=-limit, vmax=limit, interpolation="nearest")
    bar = figure.colorbar(image, ax=axes, location="bottom", shrink=0.6, aspect=30, pad=0.03)
    bar.outline.set_visible(False)
    bar.set_ticks([-limit, 0, limit], labels=[f"{-limit:.2f}", "0", f"+{limit:.2f}"])
    style_axes(bar.ax, theme, grid=False)
    return figure


def _tiles(pictures: Array) -> Array:
    """Arrange the enlarged pictures in a grid, separated by NaN.

    Shapes: ``pictures`` (N, height, width) -> (rows, columns) in points.
    """
    columns = 4 if len(pictures) <= 16 else 6
    height, width = pictures.shape[1:]
    enlarge = max(1, 42 // max(height, width))
    large = pictures.repeat(enlarge, axis=1).repeat(enlarge, axis=2)
    gap = 5
    padded = np.pad(large, ((0, 0), (0, gap), (0, gap)), constant_values=np.nan)
    missing = np.full((-len(padded) % columns, *padded.shape[1:]), np.nan, padded.dtype)
    grid = np.concatenate([padded, missing]).reshape(-1, columns, *padded.shape[1:])
    rows = grid.transpose(0, 2, 1, 3).reshape(len(grid) * (height * enlarge + gap), -1)
    return rows[:-gap, :-gap]


def describe_filters(filters: Filters) -> str:
    """Return a text alternative of the figure."""
    height, width = filters.pictures.shape[1:]
    largest = float(np.abs(filters.pictures).max())
    return (
        f"The weights of {len(filters.pictures)} {filters.what}s as pictures of {height}x{width}, "
        f"on one scale from {-largest:.2f} to {largest:.2f}."
    )
