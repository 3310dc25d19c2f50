"""HTTP/1.1 protocol of a connection: uvicorn's, with header limits and receive timeouts.

All other files use only uvicorn's documented interface. A test checks the internals listed in
``uvicorn_attributes.py`` and names the missing ones after an upgrade.
"""

import asyncio
from functools import partial
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
from app.middleware.gateway import Gateway, shutdown_error
from app.server.fast_cycle import FastCycle, encode, fast_path
from app.server.lingering import LingeringTransport
from app.telemetry.log.connection_log import CloseReason, header_reason
from app.telemetry.metrics import OTHER

# On every response: no content sniffing, no frames on other sites.
SECURITY_HEADERS = [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY")]

# How long a new connection may stay without a request when the server stops.
_FIRST_REQUEST_SECONDS = 1.0

# Largest number of pipelined requests that wait in memory for earlier responses.
_MAX_PIPELINED = 1000


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 protocol of one connection, with header limits and receive timeouts.

    A small prediction gets a FastCycle, any other request uvicorn's cycle and the ASGI application.
    The timer runs only while a header or body is incomplete: a request that arrives in one piece
    needs none.
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
        self._piece_size = 0  # bytes of the last received piece, or the largest of a header
        self._is_cut = False  # refused or cut, and counted
        self._header_size = 0  # bytes since the last body: header, chunk size or trailer

    @property
    def _has_open_request(self) -> bool:
        """Return whether there is a request, complete or not, without a complete response."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer of the first request."""
        super().connection_made(transport)
        self._lingering = LingeringTransport(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer, and count a connection that was closed during a request."""
        self._stop_timer()
        if self._in_header or self._has_open_request:
            ready = self._services.readiness.ready
            self._count_cut("client-disconnected" if ready else "shutdown")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, then set the timer for what is still incomplete."""
        # The start of a header behind another request is not in _header_size: keep its piece.
        self._piece_size = max(len(data), self._piece_size) if self._in_header else len(data)
        self._header_size += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if len(self.pipeline) > _MAX_PIPELINED:
            self._count_cut("pipeline-limit")
            self.transport.abort()
        elif self._header_size > self._max_header_bytes:
            self._refuse(self._header_too_large())
        elif self._lingering.closing:
            self._start_timer()
        elif self.timeout_keep_alive_task is not None and not self._in_header:
            self._stop_timer()  # no open request; uvicorn's keep-alive timer runs
        elif self._in_header or not self._has_open_request or self.cycle.more_body:
            self._start_timer()
            if self._has_open_request and isinstance(self.cycle, FastCycle):
                self.cycle.count_received()
        else:
            self._stop_timer()

    def on_message_begin(self) -> None:
        """Handle the start of a header."""
        self._unset_keepalive_if_required()  # set by a response to a request in the same piece
        super().on_message_begin()
        self._in_header = True

    def on_headers_complete(self) -> None:
        """Check the size of a complete header, and start the request's cycle.

        Raises: HeaderTooLargeError; the parser then reports an invalid request.
        """
        limit = self._max_header_bytes
        if max(self._header_size, self._piece_size) > limit and self._parsed_header_size() > limit:
            self._header_size = self._parsed_header_size()  # in one piece with another request
            raise self._header_too_large()
        self._in_header, self._header_size = False, 0
        self._stop_timer()  # the body has its own time limit
        self._lingering.begin()
        fast = self._fast_path()
        if fast is None:
            super().on_headers_complete()
            self.cycle.transport = self._lingering
            self.cycle.scope["state"]["cycle"] = self.cycle
            self.scope["headers"] = [*self.headers]  # trailer fields are added to the other list
        else:
            self._begin_fast_cycle(*fast)
        if not self._services.readiness.ready:
            self.cycle.keep_alive = False  # the process will have stopped before the next request

    def on_body(self, body: bytes) -> None:
        """Handle a part of the body; the gateway counts its bytes."""
        self._header_size = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Handle the end of a request."""
        self._header_size = 0
        if isinstance(self.cycle, FastCycle):
            self.cycle.start()
        else:
            super().on_message_complete()
        self._lingering.complete()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; a header that has begun has its own time limit."""
        if not self._in_header:
            super().timeout_keep_alive_handler()

    def send_400_response(self, msg: str) -> None:
        """Respond to an invalid request with a problem document, and close the connection."""
        if self._in_header and self._header_size > self._max_header_bytes:
            self._refuse(self._header_too_large())
        else:
            self._refuse(MalformedRequestError(f"request: expected HTTP/1.1, got: {msg}"))

    def shutdown(self) -> None:
        """Close the connection when no request is open, nor arriving, nor about to arrive."""
        if self.cycle is None:
            self.loop.call_later(_FIRST_REQUEST_SECONDS, self._close_unused)
        elif self._has_open_request or not self._in_header:
            super().shutdown()

    def refuse_incomplete(self) -> None:
        """Respond with 503 to an incomplete request that has no task to cancel."""
        if self._has_open_request:
            self._count_cut("shutdown")
        if self._has_open_request and self.cycle.more_body and isinstance(self.cycle, FastCycle):
            self.cycle.refuse(shutdown_error())
        elif self._in_header and not self._has_open_request:
            self._refuse(shutdown_error())

    def _close_unused(self) -> None:
        if self.cycle is None:
            self.timeout_keep_alive_handler()

    def _fast_path(self) -> tuple[str, int] | None:
        """Return path and length of a request that a FastCycle can answer now, or None."""
        if (
            self._has_open_request
            or self.flow.write_paused
            or self.parser.get_http_version() != "1.1"
        ):
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
            peer=self.client or ("", 0),
            transport=self._lingering,
            tasks=self.tasks,
            default_headers=self._default_headers,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        self.cycle.check()

    def _parsed_header_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _header_too_large(self) -> HeaderTooLargeError:
        return HeaderTooLargeError(
            f"header: expected at most {self._max_header_bytes} bytes, got more"
        )

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self._receive_seconds, self._on_timeout)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timeout(self) -> None:
        self._timer = None
        if self._has_open_request and self.cycle.more_body:
            self._count_cut("body-timeout")
            if isinstance(self.cycle, FastCycle):
                self.cycle.time_out()
            else:  # the gateway answers
                self.cycle.scope["state"]["late"] = True
                self.cycle.message_event.set()
        elif self._has_open_request:  # a pipelined request waits for an earlier response
            self._start_timer()
        elif self._in_header:
            limit = f"{self._receive_seconds:g} s"
            self._refuse(SlowRequestError(f"header: expected all of it within {limit}, got a part"))
        else:
            in_body = self.cycle is not None and self.cycle.more_body
            self._count_cut("body-timeout" if in_body else "no-request")
            self.transport.close()

    def _count_cut(self, reason: CloseReason) -> None:
        """Count and log once that this connection is refused or cut."""
        if not self._is_cut:
            self._is_cut = True
            self._services.telemetry.connection_closed(reason)

    def _refuse(self, error: AppError) -> None:
        """Respond with an error before there is a complete header, and close the connection.

        Responses keep the order of the requests: an open request, if complete, is answered first.
        """
        if self._has_open_request and not self.cycle.more_body:
            self.cycle.on_response = partial(self._refuse, error)
            self.flow.pause_reading()
            return
        if self.transport.is_closing():
            return
        self._count_cut(header_reason(error))
        record, status = self._services.telemetry.begin(self.headers or ()), STATUS[type(error)]
        record.refuse(error)
        response = error_response(error, record.request_id)
        self.transport.write(encode(response, record.request_id, self._default_headers, close=True))
        record.finish(OTHER, "-", status)
        self.transport.close()
