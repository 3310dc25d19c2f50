"""Selection of boxes among candidates that overlap: the most typical ones of a page."""

import numpy as np

from app.sheets.boxes.candidates import Candidates
from app.sheets.boxes.divisions import cut_by_ink, is_divided, is_loose, is_ruled
from app.sheets.boxes.evidence import count_alike, count_neighbours
from app.sheets.boxes.extents import (
    MAX_OVERLAP,
    Extents,
    Shares,
    extents,
    non_maximum_suppression,
    overlaps,
)
from model_core.preprocessing.image_ops.types import Numbers

# The most candidates that are compared, the best first.
MAX_CANDIDATES = 1500

# The most boxes of a page: a form has fewer, and more take too long.
MAX_BOXES = 1000

# The weight of unions of other boxes, of those with a rule between these, and of boxes that ink
# cuts off.
UNION_WEIGHT, RULED_WEIGHT, CUT_WEIGHT = 0.5, 0.15, 0.2

# The quality counts with this power; and each side that a box shares with another one adds this.
QUALITY_POWER, NEIGHBOUR_GAIN = 4, 0.5

# Boxes are typical of a page if their score is at least this part of a quantile of all scores.
TYPICAL, TYPICAL_QUANTILE = 0.4, 0.75


def select_boxes(candidates: Candidates) -> tuple[Candidates, Candidates]:
    """Return the candidates that are boxes, the typical ones first, then others; none overlap."""
    best = np.argsort(-candidates.quality, kind="stable")[:MAX_CANDIDATES]
    candidates = candidates.take(best)
    edges = extents(candidates.corners)
    overlap = overlaps(edges)
    score = score_boxes(candidates, edges, overlap)
    kept = non_maximum_suppression(score, overlap)
    if not len(kept):
        return candidates, candidates
    typical = score[kept] >= TYPICAL * np.quantile(score[kept], TYPICAL_QUANTILE)
    return candidates.take(kept[typical]), candidates.take(np.argsort(-score, kind="stable"))


def score_boxes(candidates: Candidates, edges: Extents, overlap: Shares) -> Numbers:
    """Return how likely each candidate is a box beside others of its kind, from 0: (N,)."""
    quality = candidates.quality
    common = count_alike(edges, overlap, quality**2)
    whole = ~is_divided(edges, overlap, quality, common)
    whole &= ~is_loose(edges, overlap, quality, common)
    typical = count_alike(edges, overlap, whole * quality**2)
    kind = np.where(is_ruled(candidates, edges, overlap), RULED_WEIGHT, UNION_WEIGHT)
    weight = (typical * np.where(whole, 1, kind) + 0.5) * quality**QUALITY_POWER
    weight[cut_by_ink(candidates, overlap, common)] *= CUT_WEIGHT
    return np.asarray(weight * (1 + NEIGHBOUR_GAIN * count_neighbours(edges, weight)))


def add_free(boxes: Candidates, others: Candidates) -> Candidates:
    """Add the other boxes that overlap with no box before them, in their order."""
    if len(boxes.corners):
        shared = overlaps(extents(boxes.corners), extents(others.corners))
        others = others.take(np.asarray((shared <= MAX_OVERLAP).all(axis=0)))
    both = boxes.join(others)
    order = -np.arange(len(both.quality), dtype=float)
    kept = non_maximum_suppression(order, overlaps(extents(both.corners)))
    return both.take(kept[:MAX_BOXES])
