"""Asyncio client: the methods of the synchronous one, as coroutines and asynchronous iterators."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx

from digitserve_client import calls
from digitserve_client.answers import (
    Feedback,
    FileAnswer,
    ImageAnswer,
    Model,
    ModelCard,
    Prediction,
    Sheet,
)
from digitserve_client.calls import Call
from digitserve_client.errors import DigitserveError
from digitserve_client.folders import (
    BATCH_IMAGES,
    Steps,
    find_images,
    group_files,
    group_steps,
    read_group,
)
from digitserve_client.images import ImageSource
from digitserve_client.options import FeedbackOptions, PredictionOptions, SheetOptions
from digitserve_client.ordered import amap_in_order
from digitserve_client.reply import Reply, parse_reply
from digitserve_client.retry import Exchange, RetryPolicy
from digitserve_client.transport import (
    client_headers,
    make_reply,
    request_arguments,
    translated_errors,
)

T = TypeVar("T")


class AsyncClient:
    """Client of a service; it keeps its connections, and tasks of one event loop may share it.

    ``timeout`` is for a whole call, its retries included. Units: seconds.
    Every method raises a DigitserveError if the service cannot be reached or refuses the request.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._timeout, self._policy = timeout, retry or RetryPolicy()
        self._http = httpx.AsyncClient(base_url=url, headers=client_headers(api_key))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def predict(self, image: ImageSource, **options: Unpack[PredictionOptions]) -> Prediction:
        """Classify one image: a path, bytes, an open file, a NumPy array or Pillow's image.

        Raises: also OSError, TypeError and ValueError for an image that cannot be read.
        """
        return await self._run(calls.predict(image, options))

    async def predict_batch(
        self, images: Sequence[ImageSource], **options: Unpack[PredictionOptions]
    ) -> list[ImageAnswer]:
        """Classify up to 64 images in one request; one that is refused has an error in its place.

        Raises: as ``predict``.
        """
        return await self._run(calls.predict_batch(images, options)) if images else []

    async def predict_files(
        self,
        paths: Iterable[str | os.PathLike[str]],
        *,
        concurrency: int = 4,
        batch_images: int = BATCH_IMAGES,
        **options: Unpack[PredictionOptions],
    ) -> AsyncIterator[FileAnswer]:
        """Classify any number of files, in order, in batches that are sent at the same time.

        At most ``concurrency`` batches are in memory. A file that cannot be read, or is refused,
        has an error in its place.
        """
        groups = group_files(paths, batch_images)

        async def answer(group: list[Path]) -> list[FileAnswer]:
            read = await asyncio.to_thread(read_group, group)
            return await self._drive(group_steps(group, read, options))

        async with aclosing(amap_in_order(answer, groups, concurrency)) as answers:
            async for some in answers:
                for one in some:
                    yield one

    def predict_folder(
        self,
        folder: str | os.PathLike[str],
        *,
        concurrency: int = 4,
        batch_images: int = BATCH_IMAGES,
        **options: Unpack[PredictionOptions],
    ) -> AsyncIterator[FileAnswer]:
        """Classify the images of a folder and those below it, in the order of their names."""
        return self.predict_files(
            find_images(folder), concurrency=concurrency, batch_images=batch_images, **options
        )

    async def read_sheet(
        self,
        document: ImageSource,
        *,
        layout: str | Mapping[str, Any] | None = None,
        **options: Unpack[SheetOptions],
    ) -> Sheet:
        """Find and classify the boxes of a sheet: a picture, or a PDF or TIFF of several pages.

        ``layout`` is the name of a saved layout, or a layout.
        """
        return await self._run(calls.read_sheet(document, layout, options))

    async def models(self) -> list[Model]:
        """List the models, the default first."""
        return await self._run(calls.list_models())

    async def model(self, name: str, *, version: str | None = None) -> ModelCard:
        """Return the model card of a model's served version, or of another one."""
        return await self._run(calls.get_model(name, version))

    async def is_ready(self) -> bool:
        """Wait, with retries, until the service is ready."""
        return await self._run(calls.is_ready())

    async def send_feedback(
        self,
        digit: int | None,
        *,
        image: ImageSource | None = None,
        request_id: str | None = None,
        index: int = 0,
        source: str | None = None,
        **options: Unpack[FeedbackOptions],
    ) -> Feedback:
        """Store the true digit, or None for no digit, of an image or of a recent request.

        ``index`` is the place of the image in the batch, or of the box in the sheet.
        """
        return await self._run(
            calls.send_feedback(
                digit,
                image=image,
                request_id=request_id,
                index=index,
                source=source,
                options=options,
            )
        )

    async def list_feedback(self, *, page_size: int = 100) -> AsyncIterator[Feedback]:
        """Yield all stored feedback, oldest first."""
        after: int | None = 0
        while after is not None:
            page, after = await self._run(calls.list_feedback(after, page_size))
            for one in page:
                yield one

    async def feedback(self, feedback_id: str) -> Feedback:
        """Return stored feedback with its picture."""
        return await self._run(calls.get_feedback(feedback_id))

    async def delete_feedback(self, feedback_id: str) -> None:
        """Delete stored feedback: its picture and all labels."""
        return await self._run(calls.delete_feedback(feedback_id))

    async def _run(self, call: Call[T]) -> T:
        """Send a call until it is answered, refused or out of time."""
        exchange = Exchange(self._policy, self._timeout)
        while True:
            try:
                return parse_reply(await self._send(call, exchange), call.parse)
            except DigitserveError as error:
                delay = exchange.delay_after(error)
            await asyncio.sleep(delay)

    async def _send(self, call: Call[T], exchange: Exchange) -> Reply:
        with translated_errors(exchange):
            async with (
                asyncio.timeout(exchange.time_left()),
                self._http.stream(**request_arguments(call, exchange)) as response,
            ):
                body = await response.aread()
            return make_reply(response, body)

    async def _drive(self, steps: Steps[T]) -> T:
        """Send the calls of a generator, and return what it returns."""
        try:
            call = next(steps)
            while True:
                try:
                    answer = await self._run(call)
                except DigitserveError as error:
                    call = steps.throw(error)
                else:
                    call = steps.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value
