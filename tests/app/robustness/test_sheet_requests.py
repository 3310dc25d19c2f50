"""Sheets beside other requests: disconnects, two at once, a killed decoder, keys, pixel limits."""

import os
import re
import signal
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest
from PIL import Image

from tests.support.documents import several_pages, sheet
from tests.support.pictures import as_bytes, encode
from tests.support.processes import children, wait_until
from tests.support.servers import Server, serve

FORM = sheet(["2 22", "  2 ", "2222"])
KEY = "k" * 16
PAGES = 40
DOCUMENT = several_pages("TIFF", *[FORM] * PAGES)
HEAD = b"POST /v1/sheets HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server whose decoder has much time: the machine may be busy."""
    with serve(DIGITS_DECODE_SECONDS="30", DIGITS_DECODE_WAIT_SECONDS="60") as one:
        yield one


def value(server: Server, name: str) -> float:
    """Return the sum of a metric's samples."""
    text = httpx.get(f"{server.url}/metrics", timeout=30).text
    return sum(map(float, re.findall(rf"^digitserve_{name} ([\d.e+-]+)$", text, re.MULTILINE)))


def post(server: Server, data: bytes, **headers: str) -> httpx.Response:
    """Send a sheet."""
    return httpx.post(f"{server.url}/v1/sheets", content=data, headers=headers, timeout=120)


def errors(server: Server) -> list[str]:
    """Return the lines of the log about internal errors."""
    return [line for line in server.log if "Traceback" in line or "internal error" in line]


def test_a_disconnect_between_two_pages_ends_the_work(server: Server) -> None:
    """The remaining pages are not read, nothing is logged as an error, and the slot is free."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(HEAD % len(DOCUMENT) + DOCUMENT)
        wait_until(lambda: value(server, "decoder_wait_seconds_count") >= 2, seconds=60)
        # reset: an end of the input soon after the request would be a half-close
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: value(server, "requests_in_flight") == 0, seconds=30)
    turns = value(server, "decoder_wait_seconds_count")
    after = post(server, encode(FORM))

    assert turns < PAGES
    assert after.status_code == 200
    assert value(server, "decoder_wait_seconds_count") <= turns + 2
    assert value(server, 'request_duration_seconds_count{route="/v1/sheets",status="499"}') == 1
    assert errors(server) == []


def test_two_sheets_take_turns_in_one_decoder(server: Server) -> None:
    """Both are read, a page of each at a time, by one process."""
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(post, server, several_pages("TIFF", *[FORM] * 4)) for _ in range(2)]
        seen: set[int] = set()
        while not all(one.done() for one in both):
            now = children(server)
            assert len(now) <= 1
            seen |= now
    pages = [one.result().json()["pages"] for one in both]

    assert [len(one) for one in pages] == [4, 4]
    assert pages[0] == pages[1]
    assert len(seen) == 1


def test_the_number_of_sheets_that_wait_is_limited() -> None:
    """Another one is answered 429, as a photo would be."""
    with serve(DIGITS_DECODE_SECONDS="30", DIGITS_DECODE_WAIT_SECONDS="0.01") as server:
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(post, server, DOCUMENT)
            wait_until(lambda: value(server, "decoder_wait_seconds_count") >= 1, seconds=60)
            second = post(server, encode(FORM))
        answers = {first.result().status_code, second.status_code}

    assert answers == {200, 429} or answers == {429}


@pytest.mark.parametrize("pages", [1, PAGES])
def test_a_killed_decoder_is_replaced(server: Server, pages: int) -> None:
    """The sheet is answered 503, or the page has that error; the next sheet is read."""
    document = several_pages("TIFF", *[FORM.resize((3000, 2500))] * 1) if pages == 1 else DOCUMENT
    with ThreadPoolExecutor(1) as pool:
        asked: Future[httpx.Response] = pool.submit(post, server, document)
        needed = 1 if pages == 1 else 3
        wait_until(lambda: value(server, "decoder_wait_seconds_count") >= needed, seconds=60)
        wait_until(lambda: len(children(server)) == 1)
        os.kill(children(server).pop(), signal.SIGKILL)
        answer = asked.result()
    after = post(server, encode(FORM))

    if pages == 1:
        assert answer.status_code == 503
        assert value(server, "decoder_kills_total") == 1
    else:  # between two pages, it is replaced without an error
        refused = [one["error"]["status"] for one in answer.json()["pages"] if "error" in one]
        assert refused in ([503], [])
        assert value(server, "decoder_kills_total") == len(refused)
    assert after.status_code == 200


def test_a_sheet_needs_the_api_key() -> None:
    """As other predictions do."""
    with serve(DIGITS_API_KEYS=KEY, DIGITS_DECODE_SECONDS="30") as server:
        without = post(server, encode(FORM))
        right = post(server, encode(FORM), Authorization=f"Bearer {KEY}")

    assert (without.status_code, right.status_code) == (401, 200)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_page_of_too_many_pixels_is_refused(kind: str) -> None:
    """With the limit and the size, before it is decoded."""
    with serve(DIGITS_MAX_PIXELS="10000", DIGITS_DECODE_SECONDS="30") as server:
        picture = encode(FORM) if kind == "PNG" else several_pages("TIFF", FORM, FORM)
        answer = post(server, picture)
        small = httpx.post(f"{server.url}/v1/predictions", content=as_bytes())

    assert answer.status_code == 413
    assert re.match(r"image: expected at most 10000 pixels, got", answer.json()["detail"])
    assert small.status_code == 200


def test_a_blank_sheet_has_no_boxes(server: Server) -> None:
    """That is no error."""
    answer = post(server, encode(Image.new("L", (400, 400), 255)))

    assert (answer.status_code, answer.json()["pages"][0]["boxes"]) == (200, [])
