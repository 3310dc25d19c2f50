"""Photos and sheets of 12 megapixels, and uploads of them that go on in the background."""

import io
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image


def draw_photo() -> bytes:
    """Return a JPEG of 4000x3000: a thick stroke on paper with grain, some megabytes."""
    rng = np.random.default_rng(0)
    grey = rng.normal(190, 8, (3000, 4000))
    grey[800:2200, 1900:2100] -= 120
    file = io.BytesIO()
    picture = np.clip(grey, 0, 255).astype(np.uint8)
    Image.fromarray(picture).convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()


def draw_sheet() -> bytes:
    """Return a JPEG of 4000x3000: a grid of 81 boxes, a stroke in each second one."""
    rng = np.random.default_rng(0)
    grey = rng.normal(200, 8, (3000, 4000))
    for place in range(10):
        start = 260 + 270 * place
        grey[start : start + 8, 600:3038] -= 150
        grey[260:2698, 340 + start : 348 + start] -= 150
    for box in range(0, 81, 2):
        top, left = 260 + 270 * (box // 9), 600 + 270 * (box % 9)
        grey[top + 60 : top + 210, left + 120 : left + 150] -= 130
    file = io.BytesIO()
    picture = np.clip(grey, 0, 255).astype(np.uint8)
    Image.fromarray(picture).convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()


@contextmanager
def in_flight(url: str, photo: bytes, count: int) -> Iterator[None]:
    """Keep ``count`` uploads of a photo in progress."""
    over = threading.Event()
    headers = {"Content-Type": "image/jpeg"}

    def upload() -> None:
        while not over.is_set():
            request = urllib.request.Request(url, photo, headers)
            with urllib.request.urlopen(request, timeout=60) as answer:
                answer.read()

    threads = [threading.Thread(target=upload) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
