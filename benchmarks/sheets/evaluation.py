"""Evaluation of sheets: boxes found and false, answers right, empty boxes called blank."""

from collections import Counter
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.inference.sheets.label_shift import (
    adjust_predictions,
    group_boxes,
    least_certainty,
)
from app.inference.sheets.orientation import sample_turned, upright_turns
from app.sheets.cropping.crop import crop_box
from app.sheets.finder import find_boxes
from app.sheets.geometry.orientation import turn_page
from app.sheets.page import Picture, Points, SheetPage
from benchmarks.predict import predict
from model_core.classifier import Classifier, Prediction
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.types import Grey8

# A box is found if it shares this part of the union of both.
MIN_OVERLAP = 0.5


class Truth(NamedTuple):
    """What is in a box: its corners (4, 2), and a digit, "" if it is empty, "other", or "?"."""

    corners: Points
    content: str
    by_hand: bool = True


class Read(NamedTuple):
    """A sheet that was read: the page, a prediction for each box, and the seconds that it took."""

    page: SheetPage
    predictions: list[Prediction]
    seconds: float


def read_sheet(picture: Picture, classifier: Classifier) -> Read:
    """Find the boxes of a sheet, turn it upright, and predict each box, as the service does."""
    began = perf_counter()
    page = find_boxes(picture)
    contents = [crop_box(picture, box) for box in page.boxes]
    turns = find_turns(contents, classifier)
    if turns:
        page = turn_page(page, turns)
        contents = [crop_box(picture, box) for box in page.boxes]
    predictions = adjust(predict_all(contents, classifier), page, classifier)
    return Read(page, predictions, perf_counter() - began)


def adjust(
    predictions: list[Prediction], page: SheetPage, classifier: Classifier
) -> list[Prediction]:
    """Return the predictions for a page after the marks around each box are considered."""
    places = {id(box): place for place, box in enumerate(page.boxes)}
    fields = [[places[id(box)] for box in field.boxes] for field in page.fields]
    groups = group_boxes([box.col for box in page.boxes], fields)
    least = least_certainty(classifier.abstention, None)
    return adjust_predictions(predictions, groups, least)


def find_turns(contents: Sequence[Grey8], classifier: Classifier) -> int:
    """Return the quarter turns that make a page upright, by some of its boxes."""
    images = [normalise(np.ascontiguousarray(one)) for one in contents]
    predicted = [predict(row, classifier) for row in sample_turned(images, range(4))]
    scores = [sum(one.acceptance for one in row) for row in predicted]
    return upright_turns(range(4), scores) if scores else 0


def predict_all(contents: Sequence[Grey8], classifier: Classifier) -> list[Prediction]:
    """Return a prediction for the content of each box."""
    images = [normalise(np.ascontiguousarray(one)) for one in contents]
    return predict(images, classifier) if images else []


def evaluate(
    read: Read, truth: Sequence[Truth], ignored: Callable[[Points], bool], known: str
) -> Counter[str]:
    """Count what was found and read of a sheet; ``known`` are the digits of the model."""
    pairs = match([one.corners for one in truth], [box.corners for box in read.page.boxes])
    counts: Counter[str] = Counter(truth=len(truth), found=len(pairs), pages=1)
    counts["whole"] = len(pairs) >= 0.95 * len(truth)
    used = {second for _, second in pairs}
    others = [box for n, box in enumerate(read.page.boxes) if n not in used]
    counts["false"] = sum(not ignored(box.corners.mean(axis=0)) for box in others)
    for first, second in pairs:
        counts += count_answer(truth[first], read.predictions[second], known)
    return counts


def count_answer(truth: Truth, answer: Prediction, known: str) -> Counter[str]:
    """Count one answer."""
    counts: Counter[str] = Counter()
    if truth.content == "?":
        return counts
    accepted = answer.decision == "accept"
    counts["accepted"] = accepted
    counts["right"] = accepted and str(answer.digit) == truth.content
    if truth.content == "":
        counts["empty"], counts["blank"] = 1, answer.reason == "blank"
    elif truth.by_hand and truth.content in known:
        counts["genuine"], counts["abstained"] = 1, not accepted
    return counts


def match(truth: Sequence[Points], found: Sequence[Points]) -> list[tuple[int, int]]:
    """Return the pairs of a true and a found box that overlap, the best first, each box once."""
    pairs = [
        (overlap(one, other), first, second)
        for first, one in enumerate(truth)
        for second, other in enumerate(found)
        if _near(one, other)
    ]
    matched, firsts, seconds = [], set(), set()
    for share, first, second in sorted(pairs, reverse=True):
        if share >= MIN_OVERLAP and first not in firsts and second not in seconds:
            firsts.add(first)
            seconds.add(second)
            matched.append((first, second))
    return matched


def _near(one: Points, other: Points) -> bool:
    return bool(
        (one.max(axis=0) > other.min(axis=0)).all() and (other.max(axis=0) > one.min(axis=0)).all()
    )


def overlap(one: Points, other: Points) -> float:
    """Return the area that two convex quadrilaterals share, as a part of their union."""
    first, second = (np.asarray(points, np.float32) for points in (one, other))
    shared = float(cv2.intersectConvexConvex(first, second)[0])
    return shared / max(1e-9, cv2.contourArea(first) + cv2.contourArea(second) - shared)


def inside_any(polygons: Sequence[NDArray[np.float32]]) -> Callable[[Points], bool]:
    """Return a function that tells whether a point is in one of some polygons."""
    return lambda point: any(
        cv2.pointPolygonTest(one, (float(point[0]), float(point[1])), False) >= 0
        for one in polygons
    )
