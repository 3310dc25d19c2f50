"""Soak test with requests of every kind: memory does not grow; ``make soak`` sends 20,000.

``python -m tests.app.robustness.test_long_running_stress 1000000`` prints a report.
"""

import base64
import json
import sys
from collections.abc import Iterator
from itertools import cycle, islice

from tests.support.bombs import png
from tests.support.load import Request, send_and_measure_memory
from tests.support.mutations import corpus
from tests.support.pictures import as_bytes, encode, two
from tests.support.servers import serve

_FORM = {"Content-Type": "multipart/form-data; boundary=b"}
_JSON = {"Content-Type": "application/json"}


def form(field: str, *files: bytes) -> bytes:
    """Return a form with files in one field."""
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="a"\r\n\r\n'.encode()
    return b"".join(head + file + b"\r\n" for file in files) + b"--b--\r\n"


def kinds() -> dict[str, tuple[int, Request]]:
    """Return a request of each kind with its expected status."""
    picture, url = as_bytes(), "/v1/predictions"
    document = json.dumps({"image": base64.b64encode(picture).decode()}).encode()
    photo = encode(two(900).convert("RGB"), "JPEG")
    found = {name: (200, Request(name, body=content)) for name, content in corpus().items()}
    batch, explain = f"{url}/batch", f"{url}?include=input&include=explanation"
    others = [
        (200, Request("a form", body=form("image", picture), headers=_FORM)),
        (200, Request("JSON", body=document, headers=_JSON)),
        (200, Request("a batch", batch, form("images", picture, b"x", picture), _FORM)),
        (200, Request("everything included", explain, picture)),
        (200, Request("the other model", f"{url}?model=dnn", picture)),
        (200, Request("a photo", body=photo)),
        (200, Request("an empty picture", body=encode(two().point([0] * 256)))),
        (400, Request("no picture", body=b"")),
        (400, Request("a broken form", body=b"--b\r\n", headers=_FORM)),
        (400, Request("no base64", body=b'{"image": "*"}', headers=_JSON)),
        (400, Request("an unknown parameter", f"{url}?a=b", picture)),
        (404, Request("an unknown model", f"{url}?model=x", picture)),
        (404, Request("an unknown path", "/x", picture)),
        (405, Request("a wrong method", url, method="GET")),
        (413, Request("too many pixels", body=png())),
        (415, Request("another type", body=b"%PDF-1.7")),
        (422, Request("a truncated picture", body=picture[:-30])),
        *(
            (200, Request(path, path, method="GET"))
            for path in ("/", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json")
        ),
        (200, Request("models", "/v1/models", method="GET")),
        (200, Request("a model", "/v1/models/cnn", method="GET")),
    ]
    return found | {request.kind: (status, request) for status, request in others}


def requests(count: int) -> Iterator[Request]:
    """Yield ``count`` requests; the kinds alternate."""
    return islice(cycle(request for _, request in kinds().values()), count)


def test_memory_growth_is_small() -> None:
    """600 requests of all kinds after a warm-up have their statuses, and memory does not grow."""
    with serve(DIGITS_WAIT_SECONDS="10") as server:
        report = send_and_measure_memory(server, requests(600), requests(600))
    log = "".join(server.log)

    expected = {(kind, status) for kind, (status, _) in kinds().items()}
    assert set(report.answers) == expected
    assert report.growth < 15
    assert "internal error" not in log


if __name__ == "__main__":
    with serve(DIGITS_ACCESS_LOG="0", DIGITS_WAIT_SECONDS="10") as running:
        warm_up = requests(10_000)  # for the size of the heap
        sys.stdout.write(
            f"{send_and_measure_memory(running, warm_up, requests(int(sys.argv[1])))}\n"
        )
