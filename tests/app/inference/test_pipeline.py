"""Preprocessing pipeline: inline or in the decoder process, with the same result."""

import asyncio
import time
from base64 import b64encode

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image, PngImagePlugin

from app.errors import AppError
from app.images.json_image import JsonBody
from app.inference.caller import AbandonedError
from app.inference.pipeline import DecodeLimits, Pipeline
from app.inference.types import ROTATIONS, Client, NormalisedUpload, Preparation
from tests.support.patterns import patterns
from tests.support.pictures import as_bytes, encode, negative, two

LIMITS = DecodeLimits(
    max_pixels=1_000_000,
    max_scans=32,
    max_seconds=20,
    max_bytes=300_000_000,
    max_waiting=4,
    max_wait_seconds=20,
    max_json_values=3,
)


@pytest.fixture
def pipeline() -> Pipeline:
    """Return a pipeline without a decoder process; the first large upload starts one."""
    return Pipeline(LIMITS)


def ruled(size: int, apart: int = 4) -> Image.Image:
    """Return a page of ruled lines."""
    pixels = np.full((size, size), 255, np.uint8)
    pixels[::apart] = 0
    return Image.fromarray(pixels)


def with_text(image: Image.Image) -> bytes:
    """Return a PNG with compressed text."""
    information = PngImagePlugin.PngInfo()
    information.add_text("comment", "a" * 100, zip=True)
    return encode(image, pnginfo=information)


def as_json(data: bytes) -> bytes:
    """Return a JSON body with an image."""
    return b'{"image": "%s"}' % b64encode(data)


INLINE = {
    "28x28": as_bytes(),
    "28x28 of lines": encode(ruled(28)),
    "64x64": as_bytes(64),
    "64x64 RGB": encode(two(64).convert("RGB")),
    "64x64 JPEG": encode(two(64), "JPEG"),
    "28x28 BMP": encode(two(28), "BMP"),
}
LARGE = {
    "64x64 of lines": encode(ruled(64)),
    "65x65": as_bytes(65),
    "280x280": as_bytes(280),
    "TIFF": encode(two(28), "TIFF"),
    "PNG with compressed text": with_text(two(28).convert("RGB")),
    "3 KB of RGB": encode(two(28).convert("RGB")) + bytes(3000),
    "9 KB of grey": as_bytes() + bytes(9000),
}


@pytest.mark.parametrize("name", INLINE)
def test_small_and_simple_uploads_are_processed_inline(pipeline: Pipeline, name: str) -> None:
    """An upload whose work is bounded needs no other process."""
    assert isinstance(pipeline.normalise_inline(INLINE[name], Preparation()), NormalisedUpload)


@pytest.mark.parametrize("name", LARGE)
def test_other_uploads_are_left_to_the_decoder_process(pipeline: Pipeline, name: str) -> None:
    """An upload that is large, or may need much work, is not processed inline."""
    assert pipeline.normalise_inline(LARGE[name], Preparation()) is None


@pytest.mark.parametrize("size", [28, 40, 64])
def test_the_hardest_small_pictures_are_quick(pipeline: Pipeline, size: int) -> None:
    """Of 128 patterns, what is processed inline takes a few milliseconds at most, not dozens.

    `benchmarks.inline` measures it exactly; here other tests run at the same time.
    """
    times = []
    for pixels in patterns(size, 128, seed=size):
        data = encode(Image.fromarray(pixels))
        took = []
        for _ in range(3):
            began = time.thread_time()
            pipeline.normalise_inline(data, Preparation())
            took.append(time.thread_time() - began)
        times.append(min(took))

    assert max(times) < 0.008


def test_without_normalisation_lines_are_no_work(pipeline: Pipeline) -> None:
    """Resizing takes the same time whatever an image shows."""
    assert (
        pipeline.normalise_inline(LARGE["64x64 of lines"], Preparation(normalise=False)) is not None
    )


@pytest.mark.parametrize(
    "preparation",
    [Preparation(), Preparation(normalise=False), Preparation(rotate="90")],
)
@pytest.mark.parametrize("name", INLINE)
def test_the_decoder_process_gives_the_same_result(
    pipeline: Pipeline, name: str, preparation: Preparation
) -> None:
    """Pixels, steps and size do not depend on where an upload is processed."""
    inline = pipeline.normalise_inline(INLINE[name], preparation)

    async def ask() -> NormalisedUpload:
        try:
            return await pipeline.normalise_in_process(INLINE[name], preparation, client=Client())
        finally:
            pipeline.stop()

    other = asyncio.run(ask())

    assert inline is not None
    assert_array_equal(inline.normalised.pixels, other.normalised.pixels)
    assert inline.normalised.steps == other.normalised.steps
    assert inline.source_pixels == other.source_pixels


def test_four_rotations_are_left_to_the_decoder_process(pipeline: Pipeline) -> None:
    """All four together would block the event loop four times as long."""
    assert pipeline.normalise_inline(INLINE["28x28"], Preparation(rotate="auto")) is None


@pytest.mark.parametrize("size", [28, 120])
def test_four_rotations_are_those_of_the_image(pipeline: Pipeline, size: int) -> None:
    """The candidates are the results of each angle alone, in the decoder process, too."""
    data = encode(negative(two(size)))

    async def ask(preparation: Preparation) -> NormalisedUpload:
        return await pipeline.normalise_in_process(data, preparation, client=Client())

    async def ask_all() -> list[NormalisedUpload]:
        try:
            return [await ask(Preparation(rotate=rotation)) for rotation in ROTATIONS]
        finally:
            pipeline.stop()

    *single, together = asyncio.run(ask_all())

    assert len(together.candidates) == 4
    for one, candidate in zip(single, together.candidates, strict=True):
        assert_array_equal(one.normalised.pixels, candidate.pixels)


def test_uploads_that_wait_for_the_decoder_are_limited(pipeline: Pipeline) -> None:
    """With one upload in the decoder and four that wait, further ones are refused."""

    async def ask() -> list[object]:
        uploads = [
            pipeline.normalise_in_process(as_bytes(900), Preparation(), client=Client())
            for _ in range(7)
        ]
        try:
            return await asyncio.gather(*uploads, return_exceptions=True)
        finally:
            pipeline.stop()

    outcomes = asyncio.run(ask())

    assert sum(isinstance(one, NormalisedUpload) for one in outcomes) == 5
    assert [str(one) for one in outcomes if isinstance(one, AppError)] == [
        "service: expected at most 4 large images at once, each for at most 20 s, got more; try "
        "again later"
    ] * 2


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (as_json(as_bytes(300)), "90000"),
        (as_json(b"no image"), "image: expected PNG, JPEG, WEBP, GIF, BMP, TIFF, got bytes"),
        (b"[0,0,0,0,0]", "body: expected {"),
        (b'{"image": "a"}', "image: expected base64, got"),
    ],
)
def test_a_json_body_is_decoded_in_the_process(
    pipeline: Pipeline, body: bytes, outcome: str
) -> None:
    """The process decodes the base64 of a large JSON body, and refuses an invalid one."""

    async def ask() -> str:
        try:
            data = JsonBody(body)
            upload = await pipeline.normalise_in_process(data, Preparation(), client=Client())
            return str(upload.source_pixels)
        except AppError as error:
            return str(error)
        finally:
            pipeline.stop()

    assert asyncio.run(ask()).startswith(outcome)


def test_an_upload_that_is_no_longer_needed_is_not_decoded(pipeline: Pipeline) -> None:
    """The check at its turn can raise an exception, and then the decoder gets nothing."""

    def check() -> None:
        raise AbandonedError

    async def ask() -> None:
        data = as_bytes(300)
        await pipeline.normalise_in_process(data, Preparation(), client=Client(), check=check)

    with pytest.raises(AbandonedError):
        asyncio.run(ask())
    assert pipeline._decoder._child is None


def test_a_small_file_of_a_huge_image_is_refused_inline(pipeline: Pipeline) -> None:
    """The header of a small file is enough to refuse its image."""
    data = encode(Image.new("1", (1100, 1100)))
    assert len(data) < 1000

    with pytest.raises(AppError, match="expected at most 1000000 pixels, got 1100x1100"):
        pipeline.normalise_inline(data, Preparation())
