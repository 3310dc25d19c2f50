"""Synchronous client."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
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
from digitserve_client.ordered import map_in_order
from digitserve_client.reply import Reply, parse_reply
from digitserve_client.retry import Exchange, RetryPolicy
from digitserve_client.transport import (
    client_headers,
    make_reply,
    request_arguments,
    translated_errors,
)

T = TypeVar("T")


class Client:
    """Client of a service; it keeps its connections, and threads may share it.

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
        self._http = httpx.Client(base_url=url, headers=client_headers(api_key))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def predict(self, image: ImageSource, **options: Unpack[PredictionOptions]) -> Prediction:
        """Classify one image: a path, bytes, an open file, a NumPy array or Pillow's image.

        Raises: also OSError, TypeError and ValueError for an image that cannot be read.
        """
        return self._run(calls.predict(image, options))

    def predict_batch(
        self, images: Sequence[ImageSource], **options: Unpack[PredictionOptions]
    ) -> list[ImageAnswer]:
        """Classify up to 64 images in one request; one that is refused has an error in its place.

        Raises: as ``predict``.
        """
        return self._run(calls.predict_batch(images, options)) if images else []

    def predict_files(
        self,
        paths: Iterable[str | os.PathLike[str]],
        *,
        concurrency: int = 4,
        batch_images: int = BATCH_IMAGES,
        **options: Unpack[PredictionOptions],
    ) -> Iterator[FileAnswer]:
        """Classify any number of files, in order, in batches that are sent at the same time.

        At most ``concurrency`` batches are in memory. A file that cannot be read, or is refused,
        has an error in its place.
        """
        groups = group_files(paths, batch_images)

        def answer(group: list[Path]) -> list[FileAnswer]:
            return self._drive(group_steps(group, read_group(group), options))

        with closing(map_in_order(answer, groups, concurrency)) as answers:
            for some in answers:
                yield from some

    def predict_folder(
        self,
        folder: str | os.PathLike[str],
        *,
        concurrency: int = 4,
        batch_images: int = BATCH_IMAGES,
        **options: Unpack[PredictionOptions],
    ) -> Iterator[FileAnswer]:
        """Classify the images of a folder and those below it, in the order of their names."""
        return self.predict_files(
            find_images(folder), concurrency=concurrency, batch_images=batch_images, **options
        )

    def read_sheet(
        self,
        document: ImageSource,
        *,
        layout: str | Mapping[str, Any] | None = None,
        **options: Unpack[SheetOptions],
    ) -> Sheet:
        """Find and classify the boxes of a sheet: a picture, or a PDF or TIFF of several pages.

        ``layout`` is the name of a saved layout, or a layout.
        """
        return self._run(calls.read_sheet(document, layout, options))

    def models(self) -> list[Model]:
        """List the models, the default first."""
        return self._run(calls.list_models())

    def model(self, name: str, *, version: str | None = None) -> ModelCard:
        """Return the model card of a model's served version, or of another one."""
        return self._run(calls.get_model(name, version))

    def is_ready(self) -> bool:
        """Wait, with retries, until the service is ready."""
        return self._run(calls.is_ready())

    def send_feedback(
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
        return self._run(
            calls.send_feedback(
                digit,
                image=image,
                request_id=request_id,
                index=index,
                source=source,
                options=options,
            )
        )

    def list_feedback(self, *, page_size: int = 100) -> Iterator[Feedback]:
        """Yield all stored feedback, oldest first."""
        after: int | None = 0
        while after is not None:
            page, after = self._run(calls.list_feedback(after, page_size))
            yield from page

    def feedback(self, feedback_id: str) -> Feedback:
        """Return stored feedback with its picture."""
        return self._run(calls.get_feedback(feedback_id))

    def delete_feedback(self, feedback_id: str) -> None:
        """Delete stored feedback: its picture and all labels."""
        return self._run(calls.delete_feedback(feedback_id))

    def _run(self, call: Call[T]) -> T:
        """Send a call until it is answered, refused or out of time."""
        exchange = Exchange(self._policy, self._timeout)
        while True:
            try:
                return parse_reply(self._send(call, exchange), call.parse)
            except DigitserveError as error:
                delay = exchange.delay_after(error)
            time.sleep(delay)

    def _send(self, call: Call[T], exchange: Exchange) -> Reply:
        with translated_errors(exchange):
            with self._http.stream(**request_arguments(call, exchange)) as response:
                body = b"".join(exchange.limited(response.iter_bytes()))
            return make_reply(response, body)

    def _drive(self, steps: Steps[T]) -> T:
        """Send the calls of a generator, and return what it returns."""
        try:
            call = next(steps)
            while True:
                try:
                    answer = self._run(call)
                except DigitserveError as error:
                    call = steps.throw(error)
                else:
                    call = steps.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value
