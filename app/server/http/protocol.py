"""HTTP/1.1 protocol of a connection: uvicorn's, with limits, timeouts and one request at a time.

Beside ``asgi_cycle.py`` only this file uses uvicorn's internals. A test has the list of them, and
names the missing ones after an upgrade.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import AppError, MalformedRequestError, SlowRequestError
from app.middleware.gateway import Gateway, shutdown_error
from app.server.http.asgi_cycle import begin_asgi_cycle
from app.server.http.connection_end import ConnectionEnd
from app.server.http.connection_timer import ConnectionTimer
from app.server.http.fast_cycle import FastCycle, encode_headers, fast_path
from app.server.http.lingering import LingeringTransport
from app.server.http.request_head import RequestHead
from app.server.http.request_stream import RequestStream
from app.telemetry.log.connection_log import error_reason

# Bytes of a body, or behind a request, from which on reading pauses. A pause hides a disconnect.
_MAX_UNREAD = 65_536

# A client that ends its input so soon after its request waits for the response (half-close); one
# that ends it later has given up, and its request is not worth the work.
_HALF_CLOSE_SECONDS = 1.0

# How long a new connection may stay without a request when the server stops.
_FIRST_REQUEST_SECONDS = 1.0


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 protocol of one connection, with header limits and receive timeouts.

    A small prediction gets a FastCycle, any other request an AsgiCycle and the ASGI application.
    Requests are parsed one at a time. The timer runs only while something is incomplete or unread.
    """

    cycle: Any  # an AsgiCycle or a FastCycle

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._gateway = cast(Gateway, self.config.app)
        self._services = self._gateway.services
        settings = self._services.settings
        self.default_headers = encode_headers(self.server_state.default_headers)
        self.parser = None  # type: ignore[assignment]
        self._stream = RequestStream(self, self._gateway.body_limit, settings.max_header_bytes)
        self._received_at = 0.0  # the end of the last request
        self._at_eof = False

    @property
    def _has_open_request(self) -> bool:
        """Return whether there is a request, complete or not, without a complete response."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def must_wait(self) -> bool:
        """Return whether the next request waits for a response, or for the client to read."""
        return self._has_open_request or self.flow.write_paused

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer of the first request."""
        super().connection_made(transport)
        seconds = self._services.settings.receive_seconds
        self._timer = ConnectionTimer(transport, seconds, self._on_timeout)
        self._lingering = LingeringTransport(transport, self._timer)
        self._end = ConnectionEnd(self._services, transport, self.default_headers)
        self._timer.start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer, and free what is kept of later requests."""
        self._timer.stop()
        if self._has_open_request or self._stream.in_header:
            self._end.lose()
        self._stream.close()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse a request, or keep the bytes until the requests before are answered."""
        self._unset_keepalive_if_required()
        self._stream.feed(data)
        if self._stream.is_open or not self._has_open_request:
            self._after_input()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Return whether the connection stays open for responses; the client sends no more."""
        self._at_eof = True
        waits = self.loop.time() - self._received_at < _HALF_CLOSE_SECONDS
        if waits and self._stream.has_more:
            return True
        if waits and self._stream.is_between and self._has_open_request:
            self.cycle.keep_alive = False
            return True
        self._end_input()
        return False

    def begin_request(self, head: RequestHead, version: str, *, keep_alive: bool) -> None:
        """Start the request cycle of a complete header."""
        self._timer.stop()  # the body has its own time limit
        self._lingering.begin()
        # Without readiness the process will have stopped before the next request.
        keep_alive = keep_alive and version != "1.0" and self._services.readiness.ready
        path = fast_path(head) if version == "1.1" else None
        if path is None:
            self.cycle = begin_asgi_cycle(
                self, head, version, transport=self._lingering, keep_alive=keep_alive
            )
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.cycle = FastCycle(
                self, head, path, transport=self._lingering, keep_alive=keep_alive
            )
            self.cycle.check()

    def receive_body(self, body: bytes) -> None:
        """Handle a part of the body; the gateway counts its bytes."""
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.body += body
            if len(cycle.body) > _MAX_UNREAD:
                self.flow.pause_reading()
            cycle.message_event.set()

    def end_request(self) -> None:
        """Handle the end of a request."""
        self._timer.stop()
        self._received_at = self.loop.time()
        self.cycle.end_body()
        self.flow.resume_reading()  # to notice a disconnect
        self._lingering.complete()

    def fail(self, error: AppError) -> None:
        """Refuse an invalid request; the open request, if there is one, has an invalid body."""
        self._end.note(error_reason(error))
        self._lingering.abandon_body()
        if not self._stream.in_body:
            self._refuse(error)
        elif self._has_open_request:
            self.cycle.fail_body(error)
        else:
            self._lingering.close()

    def on_response_complete(self) -> None:
        """Go on with the next request after a response."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self._stream.has_more:
            self.loop.call_soon(self._proceed)
        elif self._at_eof:  # not now: the request that is answered may be parsed just now
            self.loop.call_soon(self._after_input)
        else:
            self.flow.resume_reading()
            later, close = self.loop.call_later, self._lingering.close
            self.timeout_keep_alive_task = later(self.timeout_keep_alive, close)

    def pause_writing(self) -> None:
        """Wait for the client to read its responses, with a time limit."""
        super().pause_writing()
        self._timer.start()

    def resume_writing(self) -> None:
        """Go on after the client has read responses."""
        super().resume_writing()
        self._after_input()

    def shutdown(self) -> None:
        """Close the connection when no request is open, nor arriving, nor about to arrive."""
        if self.cycle is None:
            self.loop.call_later(_FIRST_REQUEST_SECONDS, self._close_unused)
        elif self._has_open_request or not (self._stream.in_header or self._stream.has_more):
            super().shutdown()

    def refuse_incomplete(self) -> None:
        """Respond with 503 to an incomplete request that has no task to cancel."""
        if self._has_open_request:
            self._end.note("shutdown")
            if self.cycle.more_body and isinstance(self.cycle, FastCycle):
                self.cycle.refuse(shutdown_error())
        elif self._stream.in_header:
            self._refuse(shutdown_error())

    def _close_unused(self) -> None:
        if self.cycle is None and not self._stream.in_header:
            self.transport.close()

    def _proceed(self) -> None:
        """Parse the next request of the kept bytes, if it need not wait."""
        if self.must_wait or self.transport.is_closing():
            return
        self._stream.proceed()
        if self._stream.kept <= _MAX_UNREAD:
            self.flow.resume_reading()
        self._after_input()

    def _after_input(self) -> None:
        """Set the timer for what is still incomplete, and go on with what is kept."""
        stream = self._stream
        if self.transport.is_closing() or stream.failed:
            return
        if stream.has_more:
            if stream.kept > _MAX_UNREAD:
                self.flow.pause_reading()
            if not self.must_wait:
                self.loop.call_soon(self._proceed)
        elif self._at_eof and not (stream.is_between and self.must_wait):
            self._end_input()
        elif stream.in_body and self._has_open_request and isinstance(self.cycle, FastCycle):
            self.cycle.count_received()
        self._set_timer()

    def _end_input(self) -> None:
        """Handle the client's end of input: refuse a part of a header, and close."""
        if self._stream.in_header and not self._stream.failed:
            self._end.lose()
            self._refuse(MalformedRequestError("header: expected all of it, got a part"))
        self.transport.close()  # with an incomplete body the request is cut off

    def _set_timer(self) -> None:
        waits = not self._has_open_request and self.timeout_keep_alive_task is None
        late = self._lingering.closing or self.flow.write_paused
        if waits or late or not self._stream.is_between:
            self._timer.start()
        else:
            self._timer.stop()

    def _on_timeout(self) -> None:
        closing = self.transport.is_closing() or self._lingering.half_closed
        if closing or (self.flow.write_paused and not self._timer.has_progress):
            self._end.cut("response-timeout")
        elif self.flow.write_paused:
            self._timer.start()
        elif self._has_open_request and self._stream.in_body:
            self._end.note("body-timeout")
            self.cycle.time_out()
        elif self._stream.in_header:
            self._refuse(SlowRequestError("header: expected all of it in time, got a part"))
        else:
            self._end.note("body-timeout" if self._stream.in_body else "no-request")
            self.transport.close()
            self._timer.start()

    def _refuse(self, error: AppError) -> None:
        """Respond with an error to a request without a cycle, and close the connection."""
        self._stream.failed = True
        self._lingering.write(self._end.refuse(error, self._stream))
        self._lingering.half_close()
