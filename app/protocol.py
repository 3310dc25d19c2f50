"""What is not even HTTP: answered in the same shape as every other error."""

import secrets

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import MalformedRequestError, describe, problem_response
from app.observability import HEADER

# On every answer: nothing is taken for another type than it says, or shown within another site.
SECURITY_HEADERS = [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY")]


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, whose parser stands before the application and its error handlers."""

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no request with a problem document, and hang up."""
        request_id = secrets.token_hex(16)
        error = MalformedRequestError(f"request: expected HTTP/1.1, got: {msg}")
        response = problem_response(
            describe(error, request_id), {HEADER: request_id, "Connection": "close"}
        )
        head = [b"HTTP/1.1 400 Bad Request", *map(b": ".join, response.raw_headers)]
        self.transport.write(b"\r\n".join([*head, b"", bytes(response.body)]))
        self.transport.close()
