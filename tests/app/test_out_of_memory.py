"""Exhausted memory: 503 and a log line with the request's id, by every entry point."""

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image
from structlog.testing import capture_logs

from app.images.decoder import open_image
from app.images.grey_png import decode_grey_png
from app.images.greyscale import to_grey
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from tests.app.conftest import Client
from tests.support.in_process import InProcessServer
from tests.support.pictures import as_bytes, encode

PNG = as_bytes()
COLOUR = encode(Image.new("RGB", (28, 28), "white"))

# Where memory runs out, in the order of a request.
STAGES = {
    "body": "app.api.prediction_handler.read_image",
    "header of the image": "PIL.Image.open",
    "pixels": "PIL.ImageFile.ImageFile.load",
    "normalisation": "app.inference.pipeline.normalise",
    "network": "model_core.classifier.Classifier.predict_batch",
    "response": "app.api.prediction_handler.json_response",
}


def no_memory(target: str) -> AbstractContextManager[Any]:
    """Make a function raise what NumPy raises, a subclass of MemoryError."""
    error = np._core._exceptions._ArrayMemoryError((9,), np.dtype(np.uint8))  # type: ignore[attr-defined]
    return patch(target, side_effect=error)


def check(status: int, headers: dict[str, str], document: Any, lines: list[Any]) -> None:
    """Check the response, and that log and access log have the id of the request."""
    assert (status, document["type"]) == (503, "urn:digitserve:problem:out-of-memory")
    assert headers["retry-after"] == "1"
    failure, request = lines
    assert (failure["event"], failure["log_level"]) == ("out of memory", "error")
    assert (request["status"], request["refused"]) == (503, ["out-of-memory"])
    assert failure["request_id"] == request["request_id"] == document["request_id"]


@pytest.mark.parametrize("target", STAGES.values(), ids=STAGES)
@pytest.mark.parametrize("fast", [True, False], ids=["fast path", "ASGI"])
def test_a_request_without_memory_gets_503(registry: Registry, fast: bool, target: str) -> None:
    """In whichever stage memory runs out, the response is 503; the next request is answered."""
    server = InProcessServer(registry)
    length = f"Content-Length: {len(COLOUR)}" if fast else "Transfer-Encoding: chunked"
    head = f"POST /v1/predictions HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n".encode()
    request = head + (COLOUR if fast else b"%x\r\n%b\r\n0\r\n\r\n" % (len(COLOUR), COLOUR))

    with no_memory(target), capture_logs() as lines:
        [(status, headers, document)] = server.ask(request)
    [(after, _, _)] = server.ask(request)

    check(status, headers, document, lines)
    assert after == 200


@pytest.mark.parametrize("path", ["/v1/models", "/"])
def test_other_routes_without_memory_get_503(
    registry: Registry, readiness: Readiness, path: str
) -> None:
    """Memory that runs out anywhere in the application is 503."""
    client = Client(create_app(Settings(), registry, readiness))

    with no_memory("fastapi.routing.APIRoute.matches"), capture_logs() as lines:
        response = client.get(path)

    check(response.status_code, dict(response.headers), response.json(), lines)


def test_an_access_check_without_memory_gets_503(registry: Registry) -> None:
    """Memory that runs out before the body is read is 503, too."""
    head = f"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(PNG)}\r\n\r\n"

    with no_memory("app.middleware.gateway.Gateway.refusal"), capture_logs() as lines:
        [(status, headers, document)] = InProcessServer(registry).ask(head.encode() + PNG)

    check(status, headers, document, lines)


@pytest.mark.parametrize("length", [len(PNG), 100_000], ids=["fast path", "ASGI"])
def test_a_body_that_arrives_without_memory_gets_503(registry: Registry, length: int) -> None:
    """Memory that runs out while the body arrives is 503, too, and closes the connection."""
    head = f"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"

    with no_memory("app.server.http.protocol.Protocol.receive_body"), capture_logs() as lines:
        [(status, headers, document)] = InProcessServer(registry).ask(head.encode() + PNG)

    assert (status, headers["connection"]) == (503, "close")
    assert document["type"] == "urn:digitserve:problem:out-of-memory"
    closed, request = sorted(lines, key=lambda line: str(line["event"]))
    assert closed["reason"] == request["refused"][0] == "out-of-memory"


def test_a_picture_is_not_unreadable_for_lack_of_memory() -> None:
    """The decoders raise MemoryError as it is, though other exceptions become 422."""
    image = open_image(COLOUR, max_pixels=10_000)

    with no_memory("PIL.Image.open"), pytest.raises(MemoryError):
        open_image(COLOUR, max_pixels=10_000)
    with no_memory("PIL.ImageFile.ImageFile.load"), pytest.raises(MemoryError):
        to_grey(image)
    with no_memory("app.images.grey_png.decode_png_rows"), pytest.raises(MemoryError):
        decode_grey_png(PNG, max_pixels=10_000)


def test_an_orientation_is_not_ignored_for_lack_of_memory() -> None:
    """MemoryError while EXIF data is read is raised: else the picture would not be rotated."""
    image = open_image(COLOUR, max_pixels=10_000)
    image.info["exif"] = b""

    with no_memory("PIL.Image.Image.getexif"), pytest.raises(MemoryError):
        to_grey(image)
