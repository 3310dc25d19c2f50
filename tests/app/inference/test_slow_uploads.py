"""Slow uploads do not delay other requests."""

import struct
import threading
import time
import zlib
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.support.pictures import as_bytes, encode
from tests.support.servers import serve


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    """Return a chunk of a PNG file."""
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def png_with(chunks: bytes) -> bytes:
    """Return a PNG with additional chunks after its header."""
    picture = as_bytes()
    return picture[:33] + chunks + picture[33:]


def gif_with_comments(count: int) -> bytes:
    """Return a GIF with ``count`` comments before its image."""
    picture = encode(Image.new("1", (28, 28)), "GIF")
    start = picture.index(b",")
    return picture[:start] + b"\x21\xfe\x01a\0" * count + picture[start:]


TEXT = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000), 9))


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("", {"content": png_with(chunk(b"abCd") * 500_000)}),
        ("", {"content": gif_with_comments(1_500_000)}),
        ("/batch", {"files": [("images", png_with(TEXT * 7))] * 64}),
    ],
    ids=["PNG of chunks", "GIF of comments", "batch of small bombs"],
)
def test_a_slow_upload_does_not_delay_other_requests(path: str, options: dict[str, Any]) -> None:
    """While a thread decodes a slow upload, /healthz answers within 0.3 s."""
    with serve() as server, httpx.Client(base_url=server.url, timeout=60) as client:
        client.get("/healthz")
        upload = threading.Thread(
            target=httpx.post,
            args=[f"{server.url}/v1/predictions{path}"],
            kwargs={**options, "timeout": 60},
        )
        upload.start()
        began, waits = time.perf_counter(), []
        while upload.is_alive():
            asked = time.perf_counter()
            client.get("/healthz")
            waits.append(time.perf_counter() - asked)
            time.sleep(0.005)

    assert max(waits) < 0.3 < time.perf_counter() - began
