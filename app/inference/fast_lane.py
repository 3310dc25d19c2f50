"""The short way of the most common request: one small picture for the default model.

It has no task, no ASGI scope and no middleware of its own, which together take longer than the
picture. It knows how to answer, and to refuse who has waited in vain: whatever is out of the
ordinary, a query, a large picture or a broken one, takes the long way, and is judged there.
"""

from asyncio import get_running_loop
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import structlog
from pydantic_core import to_json

from app.api.paths import PREDICTIONS
from app.api.plain_form import read_plain_form
from app.api.responses import model_reference, prediction_answer
from app.api.too_busy import busy_answer
from app.errors import STATUS, TooBusyError
from app.inference.admission import Places
from app.inference.batcher import Answer, answer_all
from app.inference.pipeline import INLINE_BYTES, Pipeline
from app.inference.registry import Registry
from app.inference.types import Picture
from app.middleware.telemetry import GONE, choose_request_id
from app.settings import Settings
from app.telemetry.access_log import AccessLog
from app.telemetry.metrics import Metrics
from app.telemetry.request_record import Record
from model_core.classifier import BLOCK

_URL = PREDICTIONS.encode()

Headers = Sequence[tuple[bytes, bytes]]

# A form is its picture and some hundred bytes.
_MOST_BYTES = INLINE_BYTES + 1024

# Seconds that a request may wait at least.
_SHORTEST = 0.05

# While the first of the queue has waited for longer than this share of the longest wait, a new one
# would wait in vain.
_LONG = 0.9

# What asks for more than an answer.
_UNUSUAL = {b"expect", b"upgrade", b"transfer-encoding"}

logger = structlog.get_logger("digitserve")


@dataclass(slots=True)
class Short:
    """A request that has come whole.

    ``finish`` is called with status, request id and document of the answer, or with None if the
    long way is to be taken; ``gone`` returns whether the client has left.
    """

    body: bytes
    headers: Headers
    finish: Callable[[tuple[int, str, bytes] | None], None]
    gone: Callable[[], bool]
    came: float = field(default_factory=perf_counter)


class Express:
    """Answers requests in the order that they came in, as many at a time as share a pass.

    Between two passes the event loop has its turn, so that what else there is to do waits for one
    pass at most. Who has waited for too long is told so.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        pipeline: Pipeline,
        places: Places,
        metrics: Metrics,
        access_log: AccessLog,
    ) -> None:
        self._model = registry.default
        self._reference = model_reference(registry.default)
        self._pipeline = pipeline
        self._places = places
        self._metrics = metrics
        self._access_log = access_log
        self._longest_wait = max(_SHORTEST, settings.wait_seconds)
        self._most_bytes = min(_MOST_BYTES, settings.max_body_bytes)
        self._waiting: deque[Short] = deque()
        self._scheduled = False

    @property
    def hopeless(self) -> bool:
        """Return whether a request that comes now would wait in vain."""
        if not self._waiting:
            return False
        return perf_counter() - self._waiting[0].came > _LONG * self._longest_wait

    def takes(self, method: bytes, url: bytes, headers: Headers) -> bool:
        """Return whether a request, by its header, could go the short way."""
        if url != _URL or method != b"POST":
            return False
        length = 0
        for name, value in headers:
            if name == b"content-length":
                length = int(value)  # the parser lets nothing but digits through
            elif name in _UNUSUAL:
                return False
        return 0 < length <= self._most_bytes

    def add(self, request: Short) -> None:
        """Answer a request when it is its turn."""
        self._waiting.append(request)
        self._metrics.in_flight.add()
        self._schedule()

    def answer_now(self) -> None:
        """Answer all that wait."""
        while self._waiting:
            self._answer_some()

    def _schedule(self) -> None:
        if self._waiting and not self._scheduled:
            self._scheduled = True
            get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self._scheduled = False
        self._answer_some()
        self._schedule()

    def _answer_some(self) -> None:
        """Answer those who have waited longest."""
        seen: list[tuple[Short, Picture]] = []
        while self._waiting and len(seen) < BLOCK:
            request = self._waiting.popleft()
            self._metrics.in_flight.add(-1)
            try:
                if picture := self._see(request):
                    seen.append((request, picture))
            except Exception:  # the others are answered all the same
                logger.exception("internal error")
        if not seen:
            return
        answers: Sequence[Answer | None]
        try:
            answers = answer_all([picture for _, picture in seen], self._model.classifier)
        except Exception:  # the long way tells what is wrong
            answers = [None] * len(seen)
        for (request, _), answer in zip(seen, answers, strict=True):
            try:
                self._end(request, answer)
            except Exception:
                logger.exception("internal error")

    def _see(self, request: Short) -> Picture | None:
        """Return the picture of a request; None if there is no more to be done here."""
        if request.gone():
            self._note(request, choose_request_id(request.headers), GONE, Record())
            return None
        if perf_counter() - request.came > self._longest_wait:
            self._refuse(request)
            return None
        try:
            upload = _upload(request.body, request.headers)
            picture = self._pipeline.see_at_once(upload, auto=True) if upload else None
        except Exception:  # the long way tells what is wrong
            picture = None
        if picture is None:
            request.finish(None)
        return picture

    def _refuse(self, request: Short) -> None:
        error, record = self._places.error(), Record()
        record.refuse(error)
        request_id = choose_request_id(request.headers)
        request.finish((STATUS[TooBusyError], request_id, busy_answer(error, request_id)))
        self._note(request, request_id, STATUS[TooBusyError], record)

    def _end(self, request: Short, answer: Answer | None) -> None:
        if answer is None:
            request.finish(None)
            return
        prediction, seen, inference_seconds = answer
        request_id = choose_request_id(request.headers)
        document = prediction_answer(prediction, self._model)
        document["model"], document["request_id"] = self._reference, request_id
        request.finish((200, request_id, to_json(document)))
        record = Record(self._model.name, [(prediction, seen)], inference_seconds)
        self._note(request, request_id, 200, record)

    def _note(self, request: Short, request_id: str, status: int, record: Record) -> None:
        seconds = perf_counter() - request.came
        self._metrics.count(record, PREDICTIONS, status, seconds)
        if self._access_log.wants(status):
            self._access_log.write(request_id, "POST", PREDICTIONS, status, seconds, record)


def _upload(body: bytes, headers: Headers) -> bytes | None:
    """Return the picture in a body; None if it is not plain where it is."""
    content_type = next((value for name, value in headers if name == b"content-type"), b"")
    if content_type.startswith(b"image/"):
        return body
    files = read_plain_form(body, content_type.decode("latin-1"), "image", most=1)
    return files[0] if files else None
