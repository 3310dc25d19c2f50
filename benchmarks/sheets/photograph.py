"""Photographs and scans of a page: perspective, curved paper, light, blur, noise, compression."""

import io
import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.sheets.layouts import HEIGHT, WIDTH, Rectangle, Rng
from benchmarks.sheets.page import Layer, Page

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]


class Sheet(NamedTuple):
    """A picture of a page (H, W, 3) with the corners of its boxes (N, 4, 2) and their contents."""

    picture: Picture
    corners: Points
    contents: list[str]
    description: str


class View(NamedTuple):
    """How a page is seen: a homography to the picture of a size, and how far its paper bends."""

    homography: NDArray[np.float64]
    size: tuple[int, int]
    bend: float
    phase: float

    def place(self, points: Points) -> Points:
        """Return where points (N, 2) of the page are in the picture."""
        bent = points.copy()
        bent[:, 1] += self.bend * np.sin(points[:, 0] * math.pi / WIDTH * 1.3 + self.phase)
        return np.asarray(cv2.perspectiveTransform(bent[None], self.homography)[0])

    def sources(self) -> tuple[Layer, Layer]:
        """Return the x and y of the page that each pixel of the picture shows."""
        y, x = np.mgrid[: self.size[1], : self.size[0]].astype(np.float32)
        back = np.linalg.inv(self.homography).astype(np.float32)
        depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
        u = (back[0, 0] * x + back[0, 1] * y + back[0, 2]) / depth
        v = (back[1, 0] * x + back[1, 1] * y + back[1, 2]) / depth
        v -= np.float32(self.bend) * np.sin(
            u * np.float32(math.pi / WIDTH * 1.3) + np.float32(self.phase)
        )
        return u, v


def corners_of(boxes: list[Rectangle]) -> Points:
    """Return the corners (N * 4, 2) of boxes, clockwise from the top left."""
    return np.array(
        [
            corner
            for x, y, w, h in boxes
            for corner in ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
        ],
        float,
    )


def scan(page: Page, rng: Rng) -> Sheet:
    """Return a scan: slightly skewed, even light, little noise."""
    view = _view(
        rng, angle=float(rng.normal(0, 1.2)), tilt=0.0, bend=0.0, scale=rng.uniform(0.8, 1.3)
    )
    picture = _see(page, view, np.full(3, 255, np.float32))
    return _expose(picture, page, view, rng, blur=0.5, noise=2.0, kind="scan")


def photo(page: Page, rng: Rng) -> Sheet:
    """Return a photograph: perspective, curved paper, shadow, a desk around the page."""
    view = _view(
        rng,
        angle=float(rng.uniform(-40, 40)) if rng.random() < 0.3 else float(rng.normal(0, 4)),
        tilt=float(rng.uniform(0, 0.16)),
        bend=float(rng.uniform(0, 14)) if rng.random() < 0.6 else 0.0,
        scale=rng.uniform(0.9, 1.6),
    )
    desk = rng.uniform(30, 170) * rng.uniform(0.6, 1, 3).astype(np.float32)
    picture = _see(page, view, desk.astype(np.float32)) * _light(view.size, rng)[..., None]
    return _expose(
        picture, page, view, rng, blur=rng.uniform(0.5, 1.3), noise=rng.uniform(2, 6), kind="photo"
    )


def _view(rng: Rng, *, angle: float, tilt: float, bend: float, scale: float) -> View:
    """Return a view of a page turned by an angle in degrees and tilted in a random direction."""
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], float)
    middle = corners.mean(axis=0)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turned = (corners - middle) @ np.array([[cos, sin], [-sin, cos]]) * scale
    way = rng.uniform(0, 2 * math.pi)
    depth = 1 + tilt * (turned @ [math.cos(way), math.sin(way)]) / (HEIGHT * scale / 2)
    seen = turned / depth[:, None]
    margin = 20 + 0.04 * HEIGHT * scale
    seen += margin - seen.min(axis=0)
    size = tuple(int(side) for side in np.ceil(seen.max(axis=0) + margin))
    homography = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    return View(np.asarray(homography, float), (size[0], size[1]), bend, float(rng.uniform(0, 3)))


def _see(page: Page, view: View, around: Layer) -> Layer:
    u, v = view.sources()
    seen = cv2.remap(page.picture, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    outside = (u < 0) | (v < 0) | (u >= WIDTH) | (v >= HEIGHT)
    seen[outside] = around
    return np.asarray(seen, np.float32)


def _light(size: tuple[int, int], rng: Rng) -> Layer:
    """Return the light on a desk: a gradient, and the soft shadow of a hand or phone."""
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32) / max(size)
    way = rng.uniform(0, 2 * math.pi)
    slope = np.cos(way) * (x - 0.5) + np.sin(way) * (y - 0.5)
    light = rng.uniform(0.75, 1.0) * (1 + rng.uniform(0, 0.5) * slope)
    if rng.random() < 0.6:
        way, edge = rng.uniform(0, 2 * math.pi), rng.uniform(-0.3, 0.3)
        across = np.cos(way) * (x - 0.5) + np.sin(way) * (y - 0.5) - edge
        shade = 1 / (1 + np.exp(-across / rng.uniform(0.004, 0.06)))
        light = light * (1 - rng.uniform(0.15, 0.5) * shade)
    return np.asarray(light, np.float32)


def _expose(
    picture: Layer, page: Page, view: View, rng: Rng, *, blur: float, noise: float, kind: str
) -> Sheet:
    """Return the sheet after blur, noise, quarter turns of the camera and JPEG."""
    picture = cv2.GaussianBlur(picture, (0, 0), blur)
    picture += rng.normal(0, noise, picture.shape).astype(np.float32)
    rounded = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(rounded).save(file, "JPEG", quality=int(rng.integers(60, 96)))
    decoded = np.asarray(Image.open(file).convert("RGB"))
    corners = view.place(corners_of(page.boxes)).reshape(-1, 4, 2)
    return Sheet(decoded, corners, page.contents, f"{kind}, {page.style}")
