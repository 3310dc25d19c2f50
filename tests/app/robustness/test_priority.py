"""Priority and rate limiting: large pictures of one client delay nobody else's requests."""

import http.client
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.support.memory import MEGABYTE, peak_bytes, resident_bytes
from tests.support.pictures import as_bytes, encode
from tests.support.processes import children, state, wait_until
from tests.support.servers import Server, serve

ROUTE = "/v1/predictions"


def large(side: int = 4000) -> bytes:
    """Return a picture of noise, which takes about a tenth of a second."""
    noise = np.random.default_rng(0).integers(0, 2, (side, side), np.uint8) * 255
    return encode(Image.fromarray(noise).convert("1"))


LARGE = large()


def post(server: Server, body: bytes, *, address: str = "127.0.0.1") -> int:
    """Send a body over a connection of its own, from a local address; return the status."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.port, timeout=60, source_address=(address, 0)
    )
    connection.request("POST", ROUTE, body)
    status = connection.getresponse().status
    connection.close()
    return status


def decoder_of(server: Server) -> int:
    """Return the process id of the decoder, the only child of a single server process."""
    [process] = children(server)
    return process


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a running server that has a decoder process."""
    with serve() as one:
        assert post(one, as_bytes(300)) == 200
        yield one


def test_small_requests_pass_large_ones() -> None:
    """While more large pictures wait than there are slots, small requests are answered."""
    with serve(DIGITS_MAX_CONCURRENT="8", DIGITS_DECODE_SECONDS="30") as server:
        assert post(server, as_bytes(300)) == 200
        with ThreadPoolExecutor(20) as pool:
            with stopped(decoder_of(server)):
                many = [pool.submit(post, server, LARGE) for _ in range(20)]
                time.sleep(1)
                small = [post(server, as_bytes()) for _ in range(20)]
                still_waiting = sum(not one.done() for one in many)
            statuses = Counter(one.result() for one in many)

    assert still_waiting == 9  # one in the decoder, eight in the queue
    assert small == [200] * 20
    assert statuses == {200: 9, 429: 11}


def test_the_shutdown_answers_all_pictures_that_wait() -> None:
    """At the end of the grace period each picture that waits for the decoder gets 503."""
    with serve(DIGITS_DRAIN_SECONDS="0", DIGITS_GRACE_SECONDS="1") as server:
        assert post(server, as_bytes(300)) == 200
        with ThreadPoolExecutor(9) as pool:
            os.kill(decoder_of(server), signal.SIGSTOP)
            many = [pool.submit(post, server, LARGE) for _ in range(9)]
            time.sleep(0.5)
            server.process.terminate()
            statuses = {one.result() for one in many}

        assert server.end() == 0
    assert statuses == {503}
    assert "internal error" not in "".join(server.log)


@contextmanager
def stopped(process: int) -> Iterator[None]:
    """Stop a process, so that requests queue for it."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def test_a_picture_waits_behind_one_of_another_client(server: Server) -> None:
    """Of a client's many large pictures, one is decoded before the picture of another client."""
    done: list[str] = []

    def ask(name: str, address: str) -> None:
        post(server, LARGE, address=address)
        done.append(name)

    with ThreadPoolExecutor(9) as pool, stopped(decoder_of(server)):
        for _ in range(8):
            pool.submit(ask, "many", "127.0.0.1")
        time.sleep(0.5)
        pool.submit(ask, "other", "127.0.0.2")
        time.sleep(0.2)

    assert done.index("other") <= 2  # 1, but two answers may arrive in another order


def test_api_keys_tell_clients_apart() -> None:
    """Behind one address, the large pictures of one API key wait for that of another."""
    keys = {name: name[0] * 16 for name in ("first", "many", "other")}
    done: list[str] = []
    with serve(DIGITS_API_KEYS=",".join(keys.values())) as server:

        def ask(name: str) -> None:
            headers = {"Authorization": f"Bearer {keys[name]}"}
            with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
                assert client.post(ROUTE, content=LARGE).status_code == 200
            done.append(name)

        ask("first")
        with ThreadPoolExecutor(9) as pool, stopped(decoder_of(server)):
            for _ in range(8):
                pool.submit(ask, "many")
            time.sleep(0.5)
            pool.submit(ask, "other")
            time.sleep(0.2)

    assert done.index("other") <= 3


def test_the_server_does_not_hold_the_memory_of_large_pictures(server: Server) -> None:
    """A picture of 25 megapixels is decoded in the other process, which gives its memory back."""
    picture = large(5000)
    before = resident_bytes(server.process.pid)
    assert post(server, picture) == 200

    decoder = decoder_of(server)
    assert peak_bytes(server.process.pid) - before < 10 * MEGABYTE
    assert peak_bytes(decoder) > 50 * MEGABYTE
    most = resident_bytes(server.process.pid) + 30 * MEGABYTE
    wait_until(lambda: resident_bytes(decoder) < most)  # given back after the answer


def test_a_killed_decoder_is_replaced(server: Server) -> None:
    """Only the request in a killed decoder fails, with 503, and the next one gets a new decoder."""
    decoder = decoder_of(server)
    os.kill(decoder, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(post, server, LARGE)
        time.sleep(0.2)
        os.kill(decoder, signal.SIGKILL)

        assert lost.result() == 503
    assert post(server, as_bytes(300)) == 200
    assert decoder_of(server) != decoder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_decoder_ends_with_the_server(number: signal.Signals) -> None:
    """No decoder is left when its server has stopped or was killed."""
    with serve(DIGITS_DRAIN_SECONDS="0") as server:
        assert post(server, as_bytes(300)) == 200
        decoder = decoder_of(server)
        server.process.send_signal(number)
        server.process.wait(20)
        wait_until(lambda: not state(decoder))
