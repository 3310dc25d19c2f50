"""What is no request yet: refused before the application sees it, as any other error is."""

import asyncio
from typing import Any

from app.api.paths import API
from app.api.too_busy import BUSY_HEADERS, busy_answer
from app.errors import (
    STATUS,
    AppError,
    HeaderTooLargeError,
    MalformedRequestError,
    SlowRequestError,
    error_response,
)
from app.middleware.telemetry import choose_request_id
from app.server.fast_lane_protocol import ShortWayProtocol
from app.telemetry.metrics import OTHER
from app.telemetry.request_record import Record

# On every answer: nothing is taken for another type than it says, or shown within another site.
SECURITY_HEADERS = [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY")]

_API = API.encode()

# Requests of one connection that wait for the answers to those before; they are kept in memory.
_MOST_PIPELINED = 1000


class Protocol(ShortWayProtocol):
    """The protocol, with limits on the bytes of a header and on the time of all that comes.

    The timer runs only while something is incomplete: a request that comes in one piece costs none.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._max_header_bytes = self._state.settings.max_header_bytes
        self._receive_seconds = self._state.settings.receive_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._in_header = False
        # Whether a request was refused whose body still comes, and then the connection ends.
        self._turned_away = self._ends = False
        self._read = 0  # bytes of the last piece
        # Bytes that are not of a body, since the last that were: header, chunk size or trailer.
        self._between = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, but not for ever."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take notice of the end."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, then watch what it is still waiting for."""
        self._read = len(data)
        self._between += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if len(self.pipeline) > _MOST_PIPELINED:
            self.transport.abort()
            return
        if self._between > self._max_header_bytes:
            self._refuse(self._too_large())
        elif self.timeout_keep_alive_task is not None and not self._in_header:
            self._stop_timer()  # nothing is under way, and the other timer runs
        elif self._in_header or not self.under_way or self.waits_for_body:
            self._start_timer()
        else:
            self._stop_timer()

    def on_message_begin(self) -> None:
        """Begin a header."""
        super().on_message_begin()
        self._in_header = True

    def on_headers_complete(self) -> None:
        """End a header, and measure one that came in one piece with other bytes.

        Raises: HeaderTooLargeError, which the parser takes for a broken request.
        """
        most = self._max_header_bytes
        if max(self._between, self._read) > most and self._header_bytes() > most:
            self._between = self._header_bytes()  # behind another request it was not counted
            raise self._too_large()
        self._in_header, self._between = False, 0
        self._stop_timer()  # the body has a time of its own
        if self._is_hopeless() and self._may_turn_away():
            self._turn_away()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; the application counts those."""
        self._between = 0
        if not self._turned_away:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; what follows is the next one's."""
        self._between = 0
        if self._turned_away:
            self._turned_away = False
            if self._ends:
                self.transport.close()
            else:
                self.on_response_complete()
        else:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no request with a problem document, and hang up."""
        if self._in_header and self._between > self._max_header_bytes:
            self._refuse(self._too_large())
        else:
            self._refuse(MalformedRequestError(f"request: expected HTTP/1.1, got: {msg}"))

    def _is_hopeless(self) -> bool:
        """Return whether a request that comes now would wait for its turn in vain."""
        short = self._express is not None and self._express.hopeless
        return short or self._state.places.hopeless

    def _may_turn_away(self) -> bool:
        """Return whether an answer may be written now, with a body."""
        return (
            not self.under_way
            and not self.flow.write_paused
            and self.url.startswith(_API)
            and self.parser.get_method() != b"HEAD"
        )

    def _header_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _too_large(self) -> HeaderTooLargeError:
        return HeaderTooLargeError(
            f"header: expected at most {self._max_header_bytes} bytes, got more"
        )

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self._receive_seconds, self._end_waiting)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_waiting(self) -> None:
        self._timer = None
        if self.waits_for_body:  # the application answers
            self.cycle.scope["state"]["late"] = True
            self.cycle.message_event.set()
        elif self.under_way:  # this waits for a next request, while that before is still worked on
            self._start_timer()
        elif self._in_header:
            limit = f"{self._receive_seconds:g} s"
            self._refuse(SlowRequestError(f"header: expected all of it within {limit}, got a part"))
        else:
            self.transport.close()

    def _turn_away(self) -> None:
        """Answer 429 while the application has no time even for that, and go on with the next."""
        self._turned_away = True
        error, request_id = self._state.places.error(), choose_request_id(self.headers)
        self._note(error, request_id, self.parser.get_method().decode())
        persists = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        self._ends = not (persists and self._state.readiness.ready)
        body = busy_answer(error, request_id)
        self.write(429, BUSY_HEADERS, request_id, body, close=self._ends)

    def _refuse(self, error: AppError) -> None:
        """Answer what is no request, and hang up."""
        if self._turned_away:  # it has its answer already
            self.transport.close()
            return
        request_id = choose_request_id(self.headers or ())
        self._note(error, request_id, "-")
        response = error_response(error, request_id)
        headers = [
            (name, value)
            for name, value in response.raw_headers
            if name not in (b"content-length", b"connection")
        ]
        self.write(STATUS[type(error)], headers, request_id, bytes(response.body), close=True)
        self.transport.close()

    def _note(self, error: AppError, request_id: str, method: str) -> None:
        """Count an answer that is not the application's."""
        record, status = Record(), STATUS[type(error)]
        record.refuse(error)
        self._state.metrics.count(record, OTHER, status, 0.0)
        if self._state.access_log.wants(status):
            self._state.access_log.write(request_id, method, OTHER, status, 0.0, record)
