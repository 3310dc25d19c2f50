"""Folders: any number of files, in order, with bounded concurrency."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digitserve_client import AsyncClient, Client
from digitserve_client.problems import (
    BodyTooLargeError,
    UnauthorizedError,
    UnreadableImageError,
    UnsupportedImageError,
)
from tests.client.blocking import Connect
from tests.client.conftest import KEY
from tests.support.flaky_server import flaky
from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve


def test_a_folder_is_answered_in_order(client: Any, folder: Path) -> None:
    """Each image has its answer or its error, by the order of names."""
    answers = list(client.predict_folder(folder))

    assert [one.path.name for one in answers] == [f"{number:03}.PNG" for number in range(150)]
    assert isinstance(answers[7].error, UnsupportedImageError)
    assert isinstance(answers[140].error, UnreadableImageError)
    good = [one for number, one in enumerate(answers) if number not in (7, 140)]
    assert {one.prediction.digit for one in good} == {2}


def test_batches_have_64_images_and_are_sent_at_once(
    connect: Connect, service: Server, folder: Path
) -> None:
    """150 files are three requests, and no more than ``concurrency`` are on their way."""
    for concurrency in (1, 2):
        with flaky(service.url) as server, connect(server.url, api_key=KEY) as client:
            assert len(list(client.predict_folder(folder, concurrency=concurrency))) == 150

        sizes = sorted(one.body.count(b'name="images"') for one in server.received)
        assert sizes == [22, 64, 64]
        assert server.most_running <= concurrency


def test_a_service_with_a_smaller_limit_gets_smaller_batches(
    connect: Connect, folder: Path
) -> None:
    """``batch_images`` is the limit of the service."""
    with serve(DIGITS_MAX_BATCH_IMAGES="50") as small, connect(small.url) as client:
        assert len(list(client.predict_folder(folder, batch_images=50))) == 150


def test_files_are_taken_as_they_are_needed(service: Server, folder: Path) -> None:
    """Of an endless list, only those of the batches on their way are taken."""
    taken = 0

    def endless() -> Iterator[Path]:
        nonlocal taken
        while True:
            taken += 1
            yield folder / "first" / "000.PNG"

    with Client(service.url, api_key=KEY) as client:
        answers = client.predict_files(endless(), batch_images=4, concurrency=2)
        first = [next(answers).prediction for _ in range(20)]
        answers.close()  # type: ignore[attr-defined]

    assert {one and one.digit for one in first} == {2}
    assert taken < 20 + 4 * 4


def test_an_asynchronous_folder_can_be_left(service: Server, folder: Path) -> None:
    """Leaving the loop cancels what is on its way."""

    async def take() -> int:
        async with AsyncClient(service.url, api_key=KEY) as client:
            async for one in client.predict_folder(folder):
                return one.prediction.digit if one.prediction else -1
        return -1

    assert asyncio.run(take()) == 2


def test_a_file_that_is_gone_has_an_error(client: Any, folder: Path) -> None:
    """Missing files and the same file twice keep their places."""
    there = folder / "first" / "000.PNG"
    answers = list(client.predict_files([there, folder / "missing.png", there]))

    assert [one.prediction and one.prediction.digit for one in answers] == [2, None, 2]
    assert isinstance(answers[1].error, FileNotFoundError)
    assert [one.error for one in client.predict_files([folder / "gone.png"])] != [None]


def test_a_batch_over_the_limit_is_sent_in_halves(connect: Connect, tmp_path: Path) -> None:
    """Until it fits; a file that is too large alone has that error."""
    for number in range(10):
        size = 30_000 if number == 3 else 800
        (tmp_path / f"{number}.png").write_bytes(as_bytes() + bytes(size))
    with serve(DIGITS_MAX_BODY_BYTES="4000") as small, connect(small.url) as client:
        answers = list(client.predict_folder(tmp_path))

    assert [number for number, one in enumerate(answers) if one.error] == [3]
    assert isinstance(answers[3].error, BodyTooLargeError)


def test_an_error_of_the_whole_service_ends_the_iteration(
    connect: Connect, service: Server, folder: Path
) -> None:
    """A wrong key is raised, not repeated for each file."""
    with connect(service.url) as client, pytest.raises(UnauthorizedError):
        list(client.predict_folder(folder))
