"""The first request of each kind is not slower than the following ones."""

import http.client
import re
import time
from collections.abc import Iterator
from contextlib import closing
from statistics import median

import pytest

from tests.app.robustness.test_long_running_stress import kinds
from tests.support.load import Request, send
from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve

# The exporter of Prometheus is loaded at the first request: it would slow the start.
LATE = "/metrics"


@pytest.fixture
def tracing_server() -> Iterator[Server]:
    """Return a server that is ready and logs each module that it imports."""
    with serve(PYTHONPROFILEIMPORTTIME="1") as server:
        send(server, [Request("ready", "/readyz", method="GET")])
        yield server


def test_no_request_imports_modules(tracing_server: Server) -> None:
    """After the start, the first request of each kind imports nothing, except /metrics."""
    at_start = len(tracing_server.log)

    send(tracing_server, [request for _, request in kinds().values() if request.kind != LATE])

    tracing_server.process.terminate()
    tracing_server.end()
    lines = "".join(tracing_server.log[at_start:])
    assert "import time:" in "".join(tracing_server.log[:at_start])
    assert re.findall(r"import time:.*\|\s*(\S+)", lines) == []


def test_the_first_prediction_is_not_slow() -> None:
    """The first prediction after the start takes at most 20 times the median, or 100 ms."""
    picture, seconds = as_bytes(), []
    with (
        serve() as server,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as one,
    ):
        send(server, [Request("ready", "/readyz", method="GET")])
        for _ in range(100):
            began = time.perf_counter()
            one.request("POST", "/v1/predictions", picture)
            assert one.getresponse().read()
            seconds.append(time.perf_counter() - began)

    assert seconds[0] < max(20 * median(seconds), 0.1)
