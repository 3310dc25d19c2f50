"""Byte stream of a connection, parsed one request at a time."""

from typing import Protocol

import httptools

from app.api.problems import out_of_memory_error
from app.errors import AppError, HeaderTooLargeError, MalformedRequestError, TooBusyError
from app.middleware.body_limit import BodyLimit
from app.server.http.framing import MessageFraming
from app.server.http.request_head import RequestHead, check_head

# Pieces of larger data are not copied; for smaller ones a copy is faster. Units: bytes.
_LARGE = 4096


class RequestEvents(Protocol):
    """Interface of the receiver of parsed requests."""

    @property
    def must_wait(self) -> bool:
        """Return whether the next request must wait, for example for a response."""
        ...

    def begin_request(self, head: RequestHead, version: str, *, keep_alive: bool) -> None:
        """Handle a complete header."""

    def receive_body(self, body: bytes) -> None:
        """Handle a part of the body."""

    def end_request(self) -> None:
        """Handle the end of a request."""

    def fail(self, error: AppError) -> None:
        """Handle an invalid request, or one with a header over the limit; it is the last."""


class RequestStream:
    """Byte stream of a connection: parses one request, and keeps the bytes behind it.

    They are parsed when the receiver need not wait. Kept bytes count as bytes of bodies that
    arrive; if those are too many, the connection gets a TooBusyError after its open request. An
    ``Upgrade`` is ignored: the bytes behind its header are the request's body, or the next request.
    Trailer fields are ignored. ``headers`` are the fields received so far of the last request.
    Source: RFC 9110, "HTTP Semantics", section 7.8.
    """

    def __init__(self, events: RequestEvents, limit: BodyLimit, max_header_bytes: int) -> None:
        self._events, self._limit, self._max_header_bytes = events, limit, max_header_bytes
        self._framing = MessageFraming()
        self._parser = self._own_parser = self._new_parser()
        self._has_trailer = False
        self._kept = bytearray()
        self._target = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self._overflow: TooBusyError | None = None
        self._ended = False  # whether the last call to _parse has ended a request
        self._is_chunked = False
        self.in_header = self.in_body = False
        self.failed = False

    @property
    def is_between(self) -> bool:
        """Return whether no request is incomplete."""
        return not self.in_header and not self.in_body

    @property
    def has_more(self) -> bool:
        """Return whether bytes behind a request were received."""
        return bool(self._kept) or self._overflow is not None

    @property
    def is_open(self) -> bool:
        """Return whether a request is incomplete, or bytes behind one were received."""
        return self.in_body or self.in_header or bool(self._kept) or self._overflow is not None

    @property
    def kept(self) -> int:
        """Return the number of bytes that are kept."""
        return len(self._kept)

    @property
    def is_head(self) -> bool:
        """Return whether an incomplete header has the method HEAD."""
        # Without a target, the parser still has the method of the request before.
        return self.in_header and bool(self._target) and self._parser.get_method() == b"HEAD"

    def feed(self, data: bytes) -> None:
        """Parse received bytes up to the end of a request."""
        if self._kept or self._overflow is not None:
            self._keep(data)
        else:
            self._parse(data)

    def proceed(self) -> None:
        """Parse the next request of the bytes that were kept."""
        if self._overflow is not None and not self.failed:
            self._fail(self._overflow)
        data = bytes(self._kept)
        self._drop()
        self._parse(data)

    def close(self) -> None:
        """Free the kept bytes, and the parser, which refers to this object."""
        self.failed = True
        self._drop()
        del self._parser, self._own_parser, self._events

    def on_message_begin(self) -> None:
        """Handle the start of a header."""
        self._target, self.headers, self.in_header = b"", [], True

    def on_url(self, part: bytes) -> None:
        """Handle a part of the request's target."""
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Handle a header field, or a trailer field."""
        if self.in_header:
            self.headers.append((name.lower(), value.rstrip()))
        else:
            self._has_trailer = True

    def on_headers_complete(self) -> None:
        """Check a complete header.

        Raises: an AppError; the parser then reports an invalid request.
        """
        parser = self._parser
        self._check_header_size()
        version = parser.get_http_version()
        head = check_head(parser.get_method(), version, self._target, self.headers)
        self.in_header = False
        self._is_chunked = head.is_chunked
        self.in_body = head.is_chunked or head.length > 0
        self._framing.begin_body(head.length, head.is_chunked)
        self._events.begin_request(head, version, keep_alive=parser.should_keep_alive())

    def on_chunk_header(self) -> None:
        """Handle the end of a chunk's size line."""
        self._framing.count_chunk()

    def on_body(self, body: bytes) -> None:
        """Handle a part of the body."""
        if self._is_chunked:
            self._framing.count_body(len(body))
        self._events.receive_body(body)

    def on_message_complete(self) -> None:
        """Handle the end of a request.

        Raises: HeaderTooLargeError for chunk extensions and trailer fields over the limit.
        """
        if self.in_body and self._parser.should_upgrade():
            return  # httptools expects no body here
        self._check_header_size()
        self._framing.end()
        self.in_body, self._ended = False, True
        if self._has_trailer:  # a field "Connection: close" there ends the parser's input
            self._own_parser, self._has_trailer = self._new_parser(), False
        self._parser = self._own_parser
        self._events.end_request()

    def _new_parser(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self)
        parser.set_dangerous_leniencies(lenient_version=True)  # check_head refuses others
        return parser

    def _parse(self, data: bytes) -> None:
        """Parse bytes up to the end of a request, and keep the others."""
        start, self._ended = 0, False
        while start < len(data) and not self.failed:
            between = not self.in_header and not self.in_body
            if between and (self._ended or self._events.must_wait):
                self._keep(data[start:])
                return
            end = self._framing.end_of_piece(data, start)
            try:
                self._feed_parser(data[start:end] if end < _LARGE else memoryview(data)[start:end])
            except AppError as error:
                self._fail(error)
            except MemoryError:
                self._fail(out_of_memory_error())
            start = end

    def _fail(self, error: AppError) -> None:
        self.failed = True
        self._events.fail(error)

    def _feed_parser(self, piece: bytes | memoryview) -> None:
        """Feed a piece to the parser.

        Raises: MalformedRequestError, or the AppError that a check has raised.
        """
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            if self.in_body:
                self._parser = httptools.HttpRequestParser(_BodyEvents(self))
                self._parser.feed_data(self._framing.framing_header())
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserError as error:
            raise MalformedRequestError(f"request: expected HTTP/1.1, got: {error}") from None
        if not self._ended:
            self._check_header_size()

    def _check_header_size(self) -> None:
        if self._framing.header_bytes > self._max_header_bytes:
            raise HeaderTooLargeError(
                f"header: expected at most {self._max_header_bytes} bytes, got more"
            )

    def _keep(self, data: bytes) -> None:
        if self._overflow is not None:
            return
        self._kept += data
        try:
            self._limit.take(len(data))
        except TooBusyError as error:
            self._overflow = error
            self._drop()

    def _drop(self) -> None:
        self._limit.release(len(self._kept))
        self._kept.clear()


class _BodyEvents:
    """Receiver of a second parser's events, which parses the body of a request with Upgrade."""

    def __init__(self, stream: RequestStream) -> None:
        self.on_chunk_header = stream.on_chunk_header
        self.on_body = stream.on_body
        self.on_message_complete = stream.on_message_complete
