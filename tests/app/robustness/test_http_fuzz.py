"""Mutation fuzzing with damaged images over HTTP; ``make fuzz`` sends 20,000 of them.

``python -m tests.app.robustness.test_http_fuzz 20000`` prints a report.
"""

import base64
import json
import sys
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

from app.images.decoder import FORMATS
from tests.support.load import Report, Request, send_and_measure_memory
from tests.support.mutations import corpus, mutants
from tests.support.servers import Server, serve

SEED = 14

# Mutants with repeated elements are up to this large.
MOST_BYTES = 4_000_000


def requests(count: int, *, seed: int) -> Iterator[Request]:
    """Yield requests with damaged images, in a form, in JSON or as a raw body."""
    for number, (name, content) in enumerate(mutants(count, seed=seed, most_bytes=MOST_BYTES)):
        if number % 4 == 0:
            start = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
            form = {"Content-Type": "multipart/form-data; boundary=b"}
            yield Request(name, body=start + content + b"\r\n--b--\r\n", headers=form)
        elif number % 4 == 1:
            document = json.dumps({"image": base64.b64encode(content).decode()}).encode()
            yield Request(name, body=document, headers={"Content-Type": "application/json"})
        else:
            yield Request(name, body=content)


def fuzz(server: Server, count: int) -> Report:
    """Send ``count`` requests, after half as many as a warm-up for the heap."""
    warm_up = requests(count // 2, seed=SEED + 1)
    return send_and_measure_memory(server, warm_up, requests(count, seed=SEED))


def test_the_corpus_has_every_format() -> None:
    """Files of each supported format are damaged."""
    assert {Image.open(BytesIO(content)).format for content in corpus().values()} == set(FORMATS)


def test_damaged_images_are_answered() -> None:
    """Damaged images get 200 or a documented error, within 2 s, and memory does not grow."""
    with serve() as server:
        report = fuzz(server, 300)
    log = "".join(server.log)

    assert set(report.statuses) <= {200, 400, 413, 415, 422}
    assert {200, 422} <= set(report.statuses)
    assert report.slowest < 2
    assert report.growth < 30
    assert "internal error" not in log


if __name__ == "__main__":
    with serve(DIGITS_ACCESS_LOG="0") as running:
        sys.stdout.write(f"{fuzz(running, int(sys.argv[1]))}\n")
