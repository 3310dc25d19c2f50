"""Decompression bombs: they are refused, or decoded within bounded memory."""

import gzip
import zlib
from collections.abc import Callable

import httpx
import pytest

from tests.support import bombs
from tests.support.memory import MEGABYTE, peak_bytes, reset_peak
from tests.support.pictures import as_bytes
from tests.support.servers import Server


def post(server: Server, content: bytes) -> tuple[int, int]:
    """Send an image; return the status, and the peak of additional memory in MB."""
    process = server.process.pid
    reset_peak(process)
    before = peak_bytes(process)
    answer = httpx.post(f"{server.url}/v1/predictions", content=content, timeout=30)
    return answer.status_code, (peak_bytes(process) - before) // MEGABYTE


@pytest.mark.parametrize(
    ("bomb", "status", "megabytes"),
    [
        pytest.param(bombs.png, 413, 10, id="PNG of 50,000 x 50,000"),
        pytest.param(bombs.png_profile, 422, 10, id="PNG with 100 MB of profile"),
        pytest.param(lambda: bombs.gif(2, bombs.SIDE), 413, 10, id="GIF of 50,000 x 50,000"),
        pytest.param(lambda: bombs.gif(10_000, 64), 200, 20, id="GIF of 10,000 frames"),
        pytest.param(bombs.webp_canvas, 413, 10, id="WebP of 16,777,216 x 16,777,216"),
        pytest.param(lambda: bombs.webp(2_000), 200, 20, id="WebP of 2,000 frames"),
        pytest.param(bombs.tiff, 413, 10, id="TIFF of 50,000 x 50,000"),
        pytest.param(
            lambda: bombs.tiff(compression="tiff_lzw"), 413, 10, id="TIFF of 50,000 x 50,000, LZW"
        ),
        pytest.param(
            lambda: bombs.tiff(5_000, compression="tiff_lzw"),
            422,
            100,
            id="TIFF of 5,000 x 5,000, LZW",
        ),
        pytest.param(
            lambda: bombs.tiff(5_000, compression="tiff_adobe_deflate"),
            422,
            100,
            id="TIFF of 5,000 x 5,000, deflate",
        ),
        pytest.param(lambda: bombs.tiff_pages(10_000), 200, 20, id="TIFF of 10,000 pages"),
        pytest.param(lambda: bombs.tiff_values(2**31), 422, 10, id="TIFF of 2,147,483,648 strips"),
        pytest.param(bombs.bmp, 413, 10, id="BMP of 50,000 x 50,000"),
        pytest.param(lambda: bombs.png(5_000), 200, 150, id="PNG of the largest size, 3 KB"),
        pytest.param(
            lambda: bombs.png(5_000, mode="RGBA"),
            200,
            300,
            id="PNG of the largest size in colour, 97 KB",
        ),
    ],
)
def test_a_bomb_takes_bounded_memory(
    default_server: Server, bomb: Callable[[], bytes], status: int, megabytes: int
) -> None:
    """A bomb has its status, and its additional memory stays below a limit."""
    content = bomb()

    assert len(content) < 2_000_000
    got, took = post(default_server, content)

    assert got == status
    assert took <= megabytes


def test_a_compressed_body_is_not_decompressed(default_server: Server) -> None:
    """Content-Encoding is not supported: a gzip body is an unsupported image format."""
    answer = httpx.post(
        f"{default_server.url}/v1/predictions",
        content=gzip.compress(as_bytes()),
        headers={"Content-Encoding": "gzip"},
    )
    status, took = post(default_server, gzip.compress(bytes(100_000_000)))

    assert answer.status_code == status == 415
    assert answer.json()["detail"].endswith("got gzip")
    assert took <= 10


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_tensor_is_decompressed_up_to_the_limit(
    default_server: Server, coding: str
) -> None:
    """Under /v2, 100 MB of zeros take no more than the limit on bodies, and are refused."""
    process = default_server.process.pid
    squeeze = gzip.compress if coding == "gzip" else zlib.compress
    reset_peak(process)
    before = peak_bytes(process)
    answer = httpx.post(
        f"{default_server.url}/v2/models/cnn/infer",
        content=squeeze(bytes(100_000_000)),
        headers={"Content-Encoding": coding},
        timeout=30,
    )

    assert answer.status_code == 413
    assert (peak_bytes(process) - before) // MEGABYTE <= 30
