"""Time for which one upload blocks the event loop: patterns, scenes and damaged files.

Run with ``python -m benchmarks.inline [--count N]``. Each upload is processed as the service does
it; those that it leaves to the decoder process are counted, too. The time is the processor time of
the thread, the least of three measurements.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
from PIL import Image

from app.errors import AppError
from app.inference.pipeline import DecodeLimits, Pipeline
from app.inference.types import Preparation
from tests.support import scenes
from tests.support.mutations import mutants
from tests.support.patterns import Pixels, patterns
from tests.support.pictures import two

SIZES = (28, 33, 40, 48, 56, 64, 96)
SCENES = (
    scenes.canvas,
    scenes.filled,
    scenes.cell,
    scenes.ruled,
    scenes.squared,
    scenes.uneven_light,
    scenes.shadow,
    scenes.table,
    scenes.neighbour,
    scenes.skipping,
)
LIMITS = DecodeLimits(
    max_pixels=25_000_000,
    max_scans=32,
    max_seconds=2,
    max_bytes=450_000_000,
    max_waiting=64,
    max_wait_seconds=10,
    max_json_values=16,
)


@dataclass
class Row:
    """Times of one kind of upload in milliseconds, and the number left to the decoder process."""

    milliseconds: list[float] = field(default_factory=list)
    left: int = 0

    def __str__(self) -> str:
        count = len(self.milliseconds)
        p50, p999 = np.percentile(self.milliseconds, (50, 99.9))
        return f"| {count} | {self.left} | {p50:.2f} | {p999:.2f} | {max(self.milliseconds):.2f} |"


def files(pixels: Pixels) -> Iterator[bytes]:
    """Yield a picture as PNG in grey and in colour, and as JPEG."""
    image = Image.fromarray(pixels)
    for mode, kind in (("L", "PNG"), ("RGB", "PNG"), ("L", "JPEG")):
        file = BytesIO()
        image.convert(mode).save(file, kind)
        yield file.getvalue()


def scene_pictures(size: int, count: int) -> Iterator[Pixels]:
    """Yield a digit in each scene, at most ``size`` pixels along each side."""
    rng = np.random.default_rng(size)
    ink = scenes.shape(255 - np.asarray(two(28).convert("L")), int(0.6 * size))
    for number in range(count):
        grey = np.clip(SCENES[number % len(SCENES)](ink, rng), 0, 255).astype(np.uint8)
        image = Image.fromarray(grey)
        image.thumbnail((size, size), Image.Resampling.BOX)
        yield np.asarray(image)


def kinds(count: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each kind of upload with its files."""
    for size in SIZES:
        pictures = patterns(size, count, seed=size)
        yield f"{count} patterns, {size}x{size}", (one for p in pictures for one in files(p))
    for size in SIZES:
        pictures = scene_pictures(size, count // 4)
        yield f"ten scenes, {size}x{size}", (one for p in pictures for one in files(p))
    yield "damaged files", (content for _, content in mutants(8 * count, seed=1))


def measure(pipeline: Pipeline, uploads: Iterator[bytes]) -> Row:
    """Process uploads as the service does it in the event loop."""
    row = Row()
    for data in uploads:
        times, left = [], False
        for _ in range(3):
            began = time.thread_time()
            try:
                left = pipeline.normalise_inline(data, Preparation()) is None
            except AppError:
                left = False
            times.append(1000 * (time.thread_time() - began))
        row.left += left
        row.milliseconds.append(min(times))  # finding out that it is left takes time, too
    return row


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inline", description=__doc__)
    parser.add_argument(
        "--count", type=int, default=256, help="patterns of each size (default: 256)"
    )
    arguments = parser.parse_args()
    pipeline, everything = Pipeline(LIMITS), Row()
    print("| uploads | number | of these left to the decoder process | p50 ms | p99.9 | max |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, uploads in kinds(arguments.count):
        row = measure(pipeline, uploads)
        everything.milliseconds += row.milliseconds
        everything.left += row.left
        print(f"| {name} {row}", flush=True)
    print(f"| all {everything}")


if __name__ == "__main__":
    main()
