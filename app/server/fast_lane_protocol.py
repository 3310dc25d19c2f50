"""uvicorn's protocol, with a short way for the requests that ``Express`` takes."""

from typing import Any, cast

from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.services import State
from app.api.too_busy import BUSY_HEADERS
from app.inference.fast_lane import Short
from app.middleware.telemetry import HEADER

_JSON = [(b"content-type", b"application/json")]
_REQUEST_ID = HEADER.lower().encode()


class ShortWayProtocol(HttpToolsProtocol):
    """Answers without the application what can be answered so, and comes whole.

    Whether a request goes the short way is known when its body is there; until then, and if it does
    not, the application has not seen it, or sees it as if it had come just then.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._state: State = cast(FastAPI, self.config.app).state.digitserve
        self._express = self._state.express
        # What came of the body of a request that may go the short way.
        self._body: bytes | None = None
        self._on_short_way = self._last = False
        # One is enough of what comes in one piece: others have their turn, too.
        self._had_short_way = False

    @property
    def under_way(self) -> bool:
        """Return whether a request has come, in part or whole, and is not answered yet."""
        return self._on_short_way or (self.cycle is not None and not self.cycle.response_complete)

    @property
    def waits_for_body(self) -> bool:
        """Return whether the application waits for more of a request."""
        return self.under_way and not self._on_short_way and self.cycle.more_body

    def data_received(self, data: bytes) -> None:
        """Feed the parser; what came in part takes the long way."""
        self._had_short_way = False
        super().data_received(data)
        if self._body is not None and not self.transport.is_closing():
            self._take_long_way(self._body, whole=False)

    def on_message_begin(self) -> None:
        """Begin the next request, after the answer to the one before."""
        if self._on_short_way and self._express:
            self._express.answer_now()
        self._unset_keepalive_if_required()  # an answer in between has set it
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Choose a way."""
        if self._may_be_short():
            self._body = b""
        else:
            self._begin_long_way()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self._body is None:
            super().on_body(body)
        else:
            self._body += body

    def on_message_complete(self) -> None:
        """End a request."""
        if self._body is None:
            super().on_message_complete()
        else:
            self._take_short_way(self._body)

    def shutdown(self) -> None:
        """End the connection, after the answer if one is under way."""
        if self._on_short_way:
            self._last = True
        else:
            super().shutdown()

    def write(
        self,
        status: int,
        headers: list[tuple[bytes, bytes]],
        request_id: str,
        body: bytes,
        *,
        close: bool,
    ) -> None:
        """Write a whole answer, and say if it is the last one."""
        lines = [STATUS_LINE[status].rstrip()]
        lines += [b"%s: %s" % pair for pair in self.server_state.default_headers]
        lines.append(b"content-length: %d" % len(body))
        lines += [b"%s: %s" % pair for pair in headers]
        lines.append(b"%s: %s" % (_REQUEST_ID, request_id.encode()))
        if close:
            lines.append(b"connection: close")
        self.transport.write(b"\r\n".join([*lines, b"", body]))

    def _may_be_short(self) -> bool:
        return (
            self._express is not None
            and not self.under_way
            and not self._had_short_way
            and not self.flow.write_paused  # the client does not read: the long way waits for it
            and self.parser.get_http_version() == "1.1"
            and self._express.takes(self.parser.get_method(), self.url, self.headers)
        )

    def _take_short_way(self, body: bytes) -> None:
        self._last = not (self.parser.should_keep_alive() and self._state.readiness.ready)

        def finish(answer: tuple[int, str, bytes] | None) -> None:
            self._on_short_way = False
            if self.transport.is_closing():
                return
            if answer is None:
                self._take_long_way(body, whole=True)
                self.cycle.keep_alive &= not self._last
                return
            status, request_id, document = answer
            headers = _JSON if status == 200 else BUSY_HEADERS
            self.write(status, headers, request_id, document, close=self._last)
            if self._last:
                self.transport.close()
            else:
                self.on_response_complete()

        self._body, self._on_short_way, self._had_short_way = None, True, True
        if self._express:
            self._express.add(Short(body, self.headers, finish, self.transport.is_closing))

    def _take_long_way(self, body: bytes, *, whole: bool) -> None:
        self._body = None
        self._begin_long_way()
        if body:
            super().on_body(body)
        if whole:
            super().on_message_complete()

    def _begin_long_way(self) -> None:
        super().on_headers_complete()
        if not self._state.readiness.ready:
            self.cycle.keep_alive = False  # a next request would meet a process that has ended
