"""The tables of docs/open-inference-clients.md: each call of each client as it was on the wire.

Run with ``python -m tests.app.clients.open_inference.compatibility``: it starts a service, puts a
proxy in front of it that records, and prints the tables. KServe's client needs `make kserve`.
"""

import asyncio
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from itertools import starmap
from pathlib import Path
from tempfile import TemporaryDirectory

from tritonclient import http
from tritonclient.http import aio
from tritonclient.utils import InferenceServerException

from model_core.weights import pretrained_dir
from tests.app.clients.open_inference.calls import ABOUT, IMAGES, INFER, MANAGE, NOT_OFFERED, Call
from tests.app.clients.open_inference.kserve_environment import run_kserve
from tests.app.clients.open_inference.messages import (
    describe_request,
    describe_response,
    is_complete,
    split,
)
from tests.support.pictures import as_bytes
from tests.support.processes import wait_until
from tests.support.recording_proxy import RecordingProxy, recording
from tests.support.servers import serve

ADMIN_KEY = "an-admin-key-of-tests"
CALLS = [*ABOUT, *INFER, *MANAGE, *NOT_OFFERED]


@contextmanager
def recorded_service() -> Iterator[RecordingProxy]:
    """Run a service with an admin key and version 1 of two models, and a proxy in front of it."""
    with TemporaryDirectory() as models:
        for name in ("cnn", "dnn"):
            place = Path(models) / name / "1"
            place.mkdir(parents=True)
            shutil.copy(pretrained_dir() / f"{name}.safetensors", place / "model.safetensors")
        settings = {"DIGITS_ADMIN_KEY": ADMIN_KEY, "DIGITS_WEIGHTS_DIR": models}
        with serve(**settings) as server, recording(server.port) as proxy:
            yield proxy


def by_http(address: str, call: Call) -> None:
    """Make a call with the synchronous client."""
    with http.InferenceServerClient(address) as client, suppress(InferenceServerException):
        getattr(client, call.method)(*call.arguments, **options(call))


def by_asyncio(address: str, call: Call) -> None:
    """Make a call with the asyncio client."""

    async def run() -> None:
        async with aio.InferenceServerClient(address) as client:
            with suppress(InferenceServerException):
                await getattr(client, call.method)(*call.arguments, **options(call))

    asyncio.run(run())


def options(call: Call) -> dict[str, object]:
    """Return the options of a call; what changes the models has the admin key."""
    if call in MANAGE and "without" not in call.words:
        return {"headers": {"Authorization": f"Bearer {ADMIN_KEY}"}}
    return dict(call.options)


def triton(proxy: RecordingProxy, make: Callable[[str, Call], None]) -> Iterator[str]:
    """Make the calls of tritonclient; yield a row for each."""
    for call in CALLS:
        proxy.clear()
        make(f"127.0.0.1:{proxy.port}", call)
        wait_until(lambda: is_complete(proxy.received))
        yield row(call.words, proxy.sent, proxy.received)


def kserve(proxy: RecordingProxy) -> Iterator[str]:
    """Make the calls of KServe's client over its one connection; yield a row for each."""
    proxy.clear()
    answers = run_kserve(f"http://127.0.0.1:{proxy.port}", IMAGES, [as_bytes()])
    words = [name for name, _ in answers]
    yield from starmap(row, zip(words, split(proxy.sent), split(proxy.received), strict=True))


def row(words: str, sent: bytes, received: bytes) -> str:
    """Return a row of a table."""
    return f"| {words} | {describe_request(sent)} | {describe_response(received)} |"


def table(title: str, rows: Iterable[str]) -> str:
    """Return a section of the page."""
    return "\n".join([f"## {title}", "", "| call | sent | came |", "|---|---|---|", *rows, ""])


def triton_tables(proxy: RecordingProxy) -> list[str]:
    """Return the tables of both clients of tritonclient."""
    name = f"tritonclient {version('tritonclient')}"
    return [
        table(f"{name}, tritonclient.http", triton(proxy, by_http)),
        table(f"{name}, tritonclient.http.aio", triton(proxy, by_asyncio)),
    ]


def kserve_table(proxy: RecordingProxy) -> str:
    """Return the table of KServe's client."""
    pinned = re.search(r"(?m)^kserve==(\S+)", Path(__file__).with_name("kserve.lock").read_text())
    return table(f"kserve {pinned[1] if pinned else ''}, InferenceRESTClient", kserve(proxy))


def main() -> None:
    """Print the tables."""
    with recorded_service() as proxy:
        sys.stdout.write("\n".join([*triton_tables(proxy), kserve_table(proxy)]))


if __name__ == "__main__":
    main()
