"""Finder of boxes: from a decoded picture of a sheet to its boxes."""

from functools import partial

import cv2
import numpy as np

from app.sheets.boxes.acceptance import accept
from app.sheets.boxes.candidates import Candidates
from app.sheets.boxes.completion import complete
from app.sheets.boxes.merging import merge_divided
from app.sheets.boxes.search import find_candidates
from app.sheets.boxes.selection import add_free, select_boxes
from app.sheets.boxes.splitting import split_unions
from app.sheets.boxes.verification import levelled, verify
from app.sheets.geometry.darkness import darkness
from app.sheets.geometry.orientation import order_page
from app.sheets.geometry.rectify import find_rectification
from app.sheets.geometry.reduction import reduce_picture, work_scale
from app.sheets.page import Picture, SheetPage
from model_core.preprocessing.image_ops.types import Grey8

# The service scales with processes, and OpenCV's threads do not survive a fork.
cv2.setNumThreads(1)

# Pixels: a picture with a shorter side has no boxes that can be read.
MIN_SIDE = 16


def find_boxes(picture: Picture) -> SheetPage:
    """Find the boxes of a sheet.

    Shapes: ``picture`` (H, W) grey or (H, W, 3) RGB. The boxes are upright if the page is turned by
    less than 45 degrees.
    """
    height, width = picture.shape[:2]
    if min(height, width) < MIN_SIDE:
        return SheetPage(width, height, np.eye(3), ())
    scale = work_scale(picture.shape)
    dark = darkness(reduce_picture(picture, scale))
    page = find_rectification(dark)
    boxes = find_on_rectified(cv2.warpPerspective(dark, page.transform, page.size))
    transform = page.transform @ np.diag([scale, scale, 1])
    corners = boxes.corners.reshape(-1, 1, 2)
    if len(corners):
        corners = cv2.perspectiveTransform(corners, np.linalg.inv(transform))
    return order_page(SheetPage(width, height, transform, ()), corners.reshape(-1, 4, 2), 0)


def find_on_rectified(dark: Grey8) -> Candidates:
    """Find the boxes of a rectified page, given by its darkness."""
    pages = levelled(dark)
    typical, others = select_boxes(find_candidates(dark, pages))
    measure, expect = partial(verify, pages), partial(verify, pages, expected=True)
    boxes = complete(accept(typical, pages.large), expect)
    boxes = accept(add_free(boxes, others), pages.large)
    boxes = merge_divided(split_unions(boxes, measure), measure)
    return accept(complete(boxes, expect), pages.large)
