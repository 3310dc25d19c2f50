"""The short way of the most common request: one small picture for the default model.

It has no task, no ASGI scope and no middleware of its own, which together take longer than the
picture. It knows how to answer 200 and nothing else: whatever is out of the ordinary, a query, a
large picture or a broken one, takes the long way, and is judged there.
"""

from asyncio import get_running_loop
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter

from pydantic_core import to_json

from app.access_log import AccessLog
from app.answers import model_reference, prediction_answer
from app.metrics import Metrics
from app.observability import choose_request_id
from app.paths import PREDICTIONS
from app.pipeline import INLINE_BYTES, Pipeline
from app.plain_form import read_plain_form
from app.record import Record
from app.registry import Registry
from app.settings import Settings
from app.turn import Answer

_URL = PREDICTIONS.encode()

Headers = Sequence[tuple[bytes, bytes]]
# Called with the request id and the answer's JSON, or with None if the long way is to be taken.
Finish = Callable[[tuple[str, bytes] | None], None]

# A form is its picture and some hundred bytes.
_MOST_BYTES = INLINE_BYTES + 1024

# Seconds that a turn may take at least.
_SHORTEST = 0.05

# What asks for more than an answer.
_UNUSUAL = {b"expect", b"upgrade", b"transfer-encoding"}


class Express:
    """Answers, at the end of the event loop's turn, what came whole at its beginning.

    A request takes no place and waits for none: until its turn it is with the system, unread.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        pipeline: Pipeline,
        metrics: Metrics,
        access_log: AccessLog,
    ) -> None:
        self._model = registry.default
        self._reference = model_reference(registry.default)
        self._pipeline = pipeline
        self._turn = pipeline.turn(registry.default)
        self._metrics = metrics
        self._access_log = access_log
        self._longest_turn = max(_SHORTEST, settings.wait_seconds)
        self._turn_began: float | None = None
        self._most_bytes = min(_MOST_BYTES, settings.max_body_bytes)

    @property
    def late(self) -> bool:
        """Return whether this turn has taken so long that no more should be done in it."""
        began = self._turn_began
        return began is not None and perf_counter() - began > self._longest_turn

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

    def begin(self, body: bytes, headers: Headers, finish: Finish) -> bool:
        """Begin to answer, and return whether; the answer comes before the loop's turn ends."""
        began = perf_counter()
        try:
            upload = self._upload(body, headers)
            picture = self._pipeline.see_at_once(upload, auto=True) if upload else None
        except Exception:  # the long way tells what is wrong
            return False
        if picture is None:
            return False
        if self._turn_began is None:
            self._turn_began = began
            get_running_loop().call_soon(self._end_turn)
        self._metrics.in_flight.add()
        request_id = choose_request_id(headers)
        self._turn.add(picture, partial(self._end, request_id, began, finish))
        return True

    def answer_now(self) -> None:
        """Answer what has begun, before the turn ends."""
        self._turn.end()

    def _end_turn(self) -> None:
        self._turn_began = None

    @staticmethod
    def _upload(body: bytes, headers: Headers) -> bytes | None:
        """Return the picture in a body; None if it is not plain where it is."""
        content_type = next((value for name, value in headers if name == b"content-type"), b"")
        if content_type.startswith(b"image/"):
            return body
        files = read_plain_form(body, content_type.decode("latin-1"), "image", most=1)
        return files[0] if files else None

    def _end(
        self, request_id: str, began: float, finish: Finish, answer: Answer | Exception
    ) -> None:
        self._metrics.in_flight.add(-1)
        if isinstance(answer, Exception):
            finish(None)
            return
        prediction, seen, inference_seconds = answer
        document = prediction_answer(prediction, self._model)
        document["model"], document["request_id"] = self._reference, request_id
        finish((request_id, to_json(document)))
        seconds = perf_counter() - began
        record = Record(self._model.name, [(prediction, seen)], inference_seconds)
        self._metrics.count(record, PREDICTIONS, 200, seconds)
        if self._access_log.wants(200):
            self._access_log.write(request_id, "POST", PREDICTIONS, 200, seconds, record)
