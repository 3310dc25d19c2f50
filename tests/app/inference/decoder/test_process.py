"""Decoder process: results, limits, death and replacement."""

import asyncio
import os
import signal
import socket
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from structlog.testing import capture_logs

from app.errors import (
    STATUS,
    AppError,
    TooBusyError,
    TooManyPixelsError,
    UnreadableImageError,
)
from app.inference.decoder.child import Work
from app.inference.decoder.messages import DecoderError
from app.inference.decoder.process import DecoderProcess
from app.inference.sheets.types import PageReading, PageTask
from app.inference.types import ROTATIONS, NormalisedUpload, Preparation, Rotation
from model_core.preprocessing import NormalisedImage
from model_core.preprocessing.steps import (
    Change,
    Cropped,
    DecodedSmaller,
    Decoding,
    Kind,
    Removed,
    Scaled,
    Step,
    Turned,
)
from tests.support.processes import state, wait_until

STEPS: tuple[Step, ...] = (
    *Decoding,
    *Change,
    *(Removed(kind, 3) for kind in Kind),
    Cropped(5, 7),
    Scaled((30, 40), (15, 20)),
    DecodedSmaller(4),
    Turned(90, 1),
)
PIXELS = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
RESULT = NormalisedUpload(NormalisedImage(PIXELS, STEPS, trust=0.25), 12, 1.5, 0.25, 0.125)

AS_IT_IS = Preparation()

Decode = Callable[[bytes, Preparation], NormalisedUpload]


def no_page(_: bytes, task: PageTask) -> PageReading:
    """Refuse to read a page."""
    raise UnreadableImageError(f"image: expected no sheet, got page {task.page}")


def decoder(decode: Decode, **options: Any) -> DecoderProcess:
    """Return a decoder with generous limits, unless they are given."""
    limits: dict[str, Any] = {"max_seconds": 20, "max_bytes": 200_000_000}
    return DecoderProcess(Work(decode, no_page), **(limits | options))


def run(one: DecoderProcess, *uploads: bytes, preparation: Preparation = AS_IT_IS) -> list[Any]:
    """Decode uploads one after another; return a result or an exception for each."""

    async def ask() -> list[Any]:
        outcomes: list[Any] = []
        for data in uploads:
            try:
                outcomes.append(await one.normalise(data, preparation))
            except Exception as error:
                outcomes.append(error)
        one.stop()
        return outcomes

    return asyncio.run(ask())


def report_process(data: bytes, _: Preparation) -> NormalisedUpload:
    """Return the id of this process and its parent's, as pixels and size of the source."""
    return NormalisedUpload(NormalisedImage(PIXELS, ()), os.getpid(), os.getppid(), len(data), 0)


def test_a_result_passes_unchanged() -> None:
    """Pixels, every kind of step and the durations are those of the decoder."""
    [got] = run(decoder(lambda *_: RESULT), b"x")

    assert_array_equal(got.normalised.pixels, PIXELS)
    assert (got.normalised.steps, got.normalised.trust) == (STEPS, 0.25)
    assert got.rotated == ()
    assert (got.source_pixels, got.began) == (12, 1.5)
    assert (got.decode_seconds, got.preprocess_seconds) == (0.25, 0.125)


@pytest.mark.parametrize("size", [0, 1, 100_000, 5_000_000])
def test_uploads_of_every_size_arrive_whole(size: int) -> None:
    """The decoder gets all bytes of an upload, also of one without any."""
    [got] = run(decoder(report_process), bytes(size))

    assert got.decode_seconds == size


@pytest.mark.parametrize("rotate", ROTATIONS)
@pytest.mark.parametrize("auto", [True, False])
def test_the_decoder_knows_how_to_prepare(auto: bool, rotate: Rotation) -> None:
    """The choices of the request reach the decoder."""

    def decode(_: bytes, asked: Preparation) -> NormalisedUpload:
        result = NormalisedImage(PIXELS, ())
        return NormalisedUpload(result, 0, 0, 0, 0, warning=repr(asked))

    [got] = run(decoder(decode), b"x", preparation=Preparation(auto, rotate))

    assert got.warning == repr(Preparation(auto, rotate))


def test_all_rotations_of_an_upload_pass_unchanged() -> None:
    """Four images come back with their own steps and trust, in the same order."""
    images = [
        NormalisedImage(np.rot90(PIXELS, -turn), (Turned(90 * turn, 4),), trust=turn / 4)
        for turn in range(4)
    ]
    upload = NormalisedUpload(images[0], 1, 0, 0, 0, rotated=tuple(images[1:]))

    [got] = run(decoder(lambda *_: upload), b"x")

    for image, sent in zip(got.candidates, images, strict=True):
        assert_array_equal(image.pixels, sent.pixels)
        assert (image.steps, image.trust) == (sent.steps, sent.trust)


def test_a_reply_with_too_many_images_is_refused() -> None:
    """A decoder that has been taken over cannot fill the server's batches."""
    images = (NormalisedImage(PIXELS, ()),) * 4
    upload = NormalisedUpload(images[0], 1, 0, 0, 0, rotated=images)

    [error] = run(decoder(lambda *_: upload), b"x")

    assert str(error) == "reply: expected at most 4 images, got 5"


def test_one_child_process_decodes_all_uploads() -> None:
    """The uploads are decoded in one other process, whose parent is this one."""
    first, second = run(decoder(report_process), b"a", b"b")

    assert first.source_pixels == second.source_pixels != os.getpid()
    assert first.began == os.getpid()


@pytest.mark.parametrize("error", list(STATUS))
def test_each_error_is_raised_in_the_server(error: type[AppError]) -> None:
    """An AppError of the decoder keeps its type and message."""

    def decode(*_: Any) -> NormalisedUpload:
        raise error("expected one thing, got another")

    [got] = run(decoder(decode), b"x")

    assert type(got) is error
    assert str(got) == "expected one thing, got another"


def test_an_unexpected_exception_keeps_its_traceback() -> None:
    """A bug in the decoder is an error of the server, which can log where it was."""

    def decode(*_: Any) -> NormalisedUpload:
        raise IndexError("axis 0")

    [error] = run(decoder(decode), b"x")

    assert isinstance(error, DecoderError)
    assert "in decode" in str(error)
    assert "IndexError: axis 0" in str(error)


@pytest.mark.parametrize(("sigchld", "code"), [(signal.SIG_DFL, -9), (signal.SIG_IGN, 0)])
def test_a_slow_upload_is_stopped_at_the_time_limit(sigchld: signal.Handlers, code: int) -> None:
    """An upload that takes too long gets an error, the next one a new process.

    If the program that started the server ignores SIGCHLD, only the exit code is unknown.
    """
    before = signal.signal(signal.SIGCHLD, sigchld)
    kills: list[int] = []

    def decode(data: bytes, preparation: Preparation) -> NormalisedUpload:
        while data == b"slow":
            pass
        return report_process(data, preparation)

    one = decoder(decode, max_seconds=1, on_kill=lambda: kills.append(1))
    try:
        error: object = TooBusyError("")
        while isinstance(error, TooBusyError):  # a busy machine gives it too little processor time
            kills.clear()
            with capture_logs() as lines:
                first, error, after = run(one, b"a", b"slow", b"b")
    finally:
        signal.signal(signal.SIGCHLD, before)

    assert isinstance(error, UnreadableImageError)
    assert str(error) == (
        "image: expected one that is decoded within 1 s, got one that takes longer than 1 s"
    )
    assert first.source_pixels != after.source_pixels
    assert kills == [1]
    [line] = lines
    assert (line["event"], line["exit_code"], line["late"]) == ("decoder ended", code, True)


def test_an_upload_over_the_memory_limit_is_refused() -> None:
    """Memory over the limit is refused by the system; the same process decodes the next upload."""

    def decode(data: bytes, preparation: Preparation) -> NormalisedUpload:
        np.empty(2_000_000_000 if data == b"large" else 10_000_000, np.uint8)
        return report_process(data, preparation)

    before, error, after = run(decoder(decode, max_bytes=80_000_000), b"a", b"large", b"b")

    assert isinstance(error, UnreadableImageError)
    assert str(error) == (
        "image: expected one that takes at most 80000000 bytes of memory to decode, got one that "
        "takes more"
    )
    assert before.source_pixels == after.source_pixels


def test_a_busy_machine_is_not_the_fault_of_an_upload() -> None:
    """A decoder that gets too little processor time is stopped with another error."""

    def decode(data: bytes, preparation: Preparation) -> NormalisedUpload:
        if data == b"waits":
            time.sleep(60)
        return report_process(data, preparation)

    error, after = run(decoder(decode, max_seconds=1), b"waits", b"b")

    assert isinstance(error, TooBusyError)
    assert str(error) == (
        "service: expected 1 s of processor time for an image within 2 s, got less; try again later"
    )
    assert after.decode_seconds == 1


def test_a_reply_at_the_deadline_counts() -> None:
    """If reply and deadline come in one iteration of the event loop, the reply counts."""
    one = decoder(report_process, max_seconds=1)

    async def ask() -> list[int]:
        first = asyncio.create_task(one.normalise(b"a", Preparation()))
        await asyncio.sleep(0.1)
        time.sleep(1.2)  # the event loop is late
        lengths = [int((await first).decode_seconds)]
        lengths.append(int((await one.normalise(b"bb", Preparation())).decode_seconds))
        one.stop()
        return lengths

    assert asyncio.run(ask()) == [1, 2]


def test_a_decoder_that_cannot_be_started_is_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system has no process left, the upload is not at fault; later ones are decoded."""
    one = decoder(report_process)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fork", Mock(side_effect=BlockingIOError("no process left")))
        [error] = run(one, b"a")
    [after] = run(one, b"b")

    assert isinstance(error, MemoryError)
    assert str(error) == "decoder: expected a new process, got: no process left"
    assert after.decode_seconds == 1


def test_a_decoder_that_crashes_is_replaced() -> None:
    """A crash of a decoding library is the error of its upload alone."""

    def decode(data: bytes, preparation: Preparation) -> NormalisedUpload:
        if data == b"crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        return report_process(data, preparation)

    before, error, after = run(decoder(decode), b"a", b"crash", b"b")

    assert isinstance(error, UnreadableImageError)
    assert str(error).endswith("got one that ends the decoder (exit code -11)")
    assert before.source_pixels != after.source_pixels


def test_a_decoder_that_the_system_kills_is_out_of_memory() -> None:
    """SIGKILL, which the system sends when it has no memory, is not the fault of the upload."""

    def decode(*_: Any) -> NormalisedUpload:
        os.kill(os.getpid(), signal.SIGKILL)
        return RESULT

    [error] = run(decoder(decode), b"x")

    assert isinstance(error, MemoryError)


def test_a_decoder_that_dies_between_uploads_is_replaced() -> None:
    """No upload is lost when an idle decoder is killed."""
    one = decoder(report_process)

    async def ask() -> list[int]:
        processes = []
        for _ in range(2):
            upload = await one.normalise(b"x", Preparation())
            processes.append(upload.source_pixels)
            os.kill(upload.source_pixels, signal.SIGKILL)
            await asyncio.sleep(0.1)
        one.stop()
        return processes

    first, second = asyncio.run(ask())

    assert first != second


def test_a_cancelled_upload_does_not_disturb_the_next() -> None:
    """The reply to a cancelled upload is not taken for that to the next one."""

    def decode(data: bytes, preparation: Preparation) -> NormalisedUpload:
        if data == b"cancelled":
            time.sleep(60)
        return report_process(data, preparation)

    one = decoder(decode)

    async def ask() -> float:
        task = asyncio.create_task(one.normalise(b"cancelled", Preparation()))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        upload = await one.normalise(b"next", Preparation())
        one.stop()
        return upload.decode_seconds

    assert asyncio.run(ask()) == len(b"next")


def test_the_decoder_keeps_no_file_of_the_server() -> None:
    """The child has its own connection and /dev/null, no socket of the server."""

    def decode(*_: Any) -> NormalisedUpload:
        files = []
        for number in os.listdir("/proc/self/fd"):
            with suppress(FileNotFoundError):  # that of the list itself
                files.append(os.readlink(f"/proc/self/fd/{number}").partition(":")[0])
        raise TooManyPixelsError(" ".join(sorted(files)))

    with socket.socket(), socket.socket():
        [got] = run(decoder(decode), b"x")

    assert str(got) == "/dev/null /dev/null /dev/null socket"


def test_the_decoder_ends_with_its_server() -> None:
    """A child whose parent is killed ends, even in the middle of an upload."""

    def decode(*_: Any) -> NormalisedUpload:
        time.sleep(60)
        return RESULT

    reader, writer = os.pipe()
    server = os.fork()
    if server == 0:  # the child inherits `writer`, and closes it as all other files
        one = decoder(decode)

        async def ask() -> None:
            task = asyncio.create_task(one.normalise(b"x", Preparation()))
            await asyncio.sleep(0.2)
            assert one._child is not None
            os.write(writer, str(one._child.process).encode())
            await task

        asyncio.run(ask())
        os._exit(0)
    child = int(os.read(reader, 100))
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)
    os.close(reader)
    os.close(writer)

    wait_until(lambda: not state(child))


def test_a_warning_of_the_decoder_comes_with_its_result() -> None:
    """The first of the warnings and their number are part of the result, not lines of the log."""

    def decode(data: bytes, preparation: Preparation) -> NormalisedUpload:
        for number in range(3):
            warnings.warn(f"odd tag {number}", stacklevel=1)
        return report_process(data, preparation)

    [got] = run(decoder(decode), b"x")

    assert got.warning == "odd tag 0 (1 of 3)"
