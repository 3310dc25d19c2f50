"""uvicorn's HTTP protocol with limits on headers and on the time that a request takes to arrive.

The only file that uses uvicorn's internals; ``UVICORN_ATTRIBUTES`` lists them for the test that
says which one is missing after an upgrade.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.problems import error_response
from app.errors import (
    STATUS,
    AppError,
    HeaderTooLargeError,
    MalformedRequestError,
    SlowRequestError,
)
from app.middleware.gateway import Gateway
from app.server.fast_cycle import FastCycle, encode, fast_path
from app.server.lingering import LingeringTransport
from app.telemetry.metrics import OTHER

# On every response: browsers take nothing for another type than it says, and show nothing within
# another site.
SECURITY_HEADERS = [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY")]

# Requests of one connection that wait for the answers to those before; they are kept in memory.
_MAX_PIPELINED = 1000


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 protocol of one connection, with header limits and receive timeouts.

    Small predictions get a FastCycle, all other requests uvicorn's cycle and the ASGI application.
    The timer runs only while something is incomplete: a request that comes in one piece costs none.
    """

    cycle: Any  # uvicorn's RequestResponseCycle, or a FastCycle

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._gateway = cast(Gateway, self.config.app)
        self._services = self._gateway.services
        headers = self.server_state.default_headers
        self._default_headers = b"".join(b"%b: %b\r\n" % pair for pair in headers)
        self._max_header_bytes = self._services.settings.max_header_bytes
        self._receive_seconds = self._services.settings.receive_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._in_header = False
        self._read = 0  # bytes of the last piece
        # Bytes that are not of a body, since the last that were: header, chunk size or trailer.
        self._between = 0

    @property
    def _under_way(self) -> bool:
        """Return whether a request has come, in part or whole, and is not answered yet."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer of the first request."""
        super().connection_made(transport)
        self._lingering = LingeringTransport(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, then set the timer for what is still incomplete."""
        self._read = len(data)
        self._between += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if len(self.pipeline) > _MAX_PIPELINED:
            self.transport.abort()
        elif self._between > self._max_header_bytes:
            self._refuse(self._too_large())
        elif self._lingering.closing:
            self._start_timer()
        elif self.timeout_keep_alive_task is not None and not self._in_header:
            self._stop_timer()  # nothing is under way, and uvicorn's timer runs
        elif self._in_header or not self._under_way or self.cycle.more_body:
            self._start_timer()
            if self._under_way and isinstance(self.cycle, FastCycle):
                self.cycle.hold()
        else:
            self._stop_timer()

    def on_message_begin(self) -> None:
        """Begin a header."""
        self._unset_keepalive_if_required()  # a response within this piece has set it
        super().on_message_begin()
        self._in_header = True

    def on_headers_complete(self) -> None:
        """End a header, and measure one that came in one piece with other bytes.

        Raises: HeaderTooLargeError, which the parser takes for a broken request.
        """
        limit = self._max_header_bytes
        if max(self._between, self._read) > limit and self._header_bytes() > limit:
            self._between = self._header_bytes()  # behind another request it was not counted
            raise self._too_large()
        self._in_header, self._between = False, 0
        self._stop_timer()  # the body has a time of its own
        self._lingering.begin()
        fast = self._fast_path()
        if fast is None:
            super().on_headers_complete()
            self.cycle.transport = self._lingering
            self.cycle.scope["state"]["cycle"] = self.cycle
        else:
            self._begin_fast_cycle(*fast)
        if not self._services.readiness.ready:
            self.cycle.keep_alive = False  # a next request would meet a process that has ended

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; the gateway counts its bytes."""
        self._between = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; the bytes that follow are the next one's."""
        self._between = 0
        if isinstance(self.cycle, FastCycle):
            self.cycle.start()
        else:
            super().on_message_complete()
        self._lingering.complete()

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no request with a problem document, and close the connection."""
        if self._in_header and self._between > self._max_header_bytes:
            self._refuse(self._too_large())
        else:
            self._refuse(MalformedRequestError(f"request: expected HTTP/1.1, got: {msg}"))

    def _fast_path(self) -> tuple[str, int] | None:
        """Return path and length of a request that a FastCycle can answer now, else None."""
        if self._under_way or self.flow.write_paused or self.parser.get_http_version() != "1.1":
            return None
        return fast_path(self.parser.get_method(), self.url, self.headers)

    def _begin_fast_cycle(self, path: str, length: int) -> None:
        keep_alive = self.parser.should_keep_alive() and self._services.readiness.ready
        self.cycle = FastCycle(
            self._gateway,
            path,
            length,
            self.url,
            self.headers,
            transport=self._lingering,
            tasks=self.tasks,
            default_headers=self._default_headers,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        self.cycle.check()

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
        if self._under_way and self.cycle.more_body:
            if isinstance(self.cycle, FastCycle):
                self.cycle.time_out()
            else:  # the gateway answers
                self.cycle.scope["state"]["late"] = True
                self.cycle.message_event.set()
        elif self._under_way:  # the next request waits while the one before is worked on
            self._start_timer()
        elif self._in_header:
            limit = f"{self._receive_seconds:g} s"
            self._refuse(SlowRequestError(f"header: expected all of it within {limit}, got a part"))
        else:
            self.transport.close()

    def _refuse(self, error: AppError) -> None:
        """Answer bytes that are no request, and close the connection."""
        record, status = self._services.telemetry.begin(self.headers or ()), STATUS[type(error)]
        record.refuse(error)
        response = error_response(error, record.request_id)
        self.transport.write(encode(response, record.request_id, self._default_headers, close=True))
        record.finish(OTHER, "-", status)
        self.transport.close()


# What this file uses of uvicorn's protocol and of its request cycle.
UVICORN_ATTRIBUTES = {
    "protocol": (
        "config",
        "flow",
        "cycle",
        "headers",
        "loop",
        "parser",
        "pipeline",
        "server_state",
        "timeout_keep_alive_task",
        "transport",
        "url",
        "_unset_keepalive_if_required",
    ),
    "cycle": (
        "body",
        "disconnected",
        "keep_alive",
        "message_event",
        "more_body",
        "response_complete",
        "scope",
    ),
}
