"""HTTP connection of the commands to a server, with retries."""

import os
import time
from collections.abc import Callable
from typing import Any

import httpx

from app.commands.exit_codes import UNREACHABLE, USAGE, CommandError
from app.version import VERSION

# Variable with the API key; it does not begin with DIGITS_, which are settings of the service.
KEY_VARIABLE = "DIGITSERVE_API_KEY"

# Statuses after which a request is sent again: too busy, or not ready.
_RETRIED = {429, 502, 503, 504}

# In seconds: of one request, of all attempts of it, and between the first two attempts.
_TIMEOUT, _PATIENCE, _FIRST_PAUSE = 60.0, 30.0, 0.2
_LONGEST_PAUSE = 5.0


class ServerConnection:
    """Connections to one server; threads can share it.

    Raises: CommandError if the server cannot be reached, or refuses the API key.
    """

    def __init__(self, url: str, *, connections: int = 1, patience: float = _PATIENCE) -> None:
        key = os.environ.get(KEY_VARIABLE)
        self._url, self._patience = url, patience
        try:
            self._client = httpx.Client(
                base_url=url,
                headers={"User-Agent": f"digitserve/{VERSION}"}
                | ({"Authorization": f"Bearer {key}"} if key else {}),
                timeout=_TIMEOUT,
                limits=httpx.Limits(max_connections=connections),
            )
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise CommandError(f"--url {url}: {error}", USAGE) from None

    def get(self, path: str) -> Any:
        """Return the JSON document of a path."""
        response = self._send(lambda: self._client.get(path))
        document = self._document(response)
        if response.status_code != 200:
            raise self.fail(response.status_code, document)
        return document

    def post(self, path: str, query: dict[str, str], files: Any) -> tuple[int, Any]:
        """Send files as a form; return the status and the JSON document of the response."""
        response = self._send(lambda: self._client.post(path, params=query, files=files))
        return response.status_code, self._document(response)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def fail(self, status: int, document: Any) -> CommandError:
        """Return the error of a response that refuses the command, not a picture."""
        detail = document.get("detail") if isinstance(document, dict) else None
        code = UNREACHABLE if status >= 500 or status in _RETRIED else USAGE
        return CommandError(f"{self._url}: {status}, {detail or 'no reason given'}", code)

    def _send(self, request: Callable[[], httpx.Response]) -> httpx.Response:
        """Send a request; send it again if the server is busy, with growing pauses."""
        end, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            response: httpx.Response | None = None
            try:
                response = request()
                if response.status_code not in _RETRIED:
                    return response
                problem = f"answers with {response.status_code}"
            except httpx.UnsupportedProtocol as error:
                raise CommandError(f"--url {self._url}: {error}", USAGE) from None
            except httpx.TransportError as error:
                problem = str(error) or type(error).__name__
            wait = max(pause, _retry_after(response))
            if time.monotonic() + wait > end:
                message = f"{self._url}: expected a server that answers, got: {problem}"
                raise CommandError(message, UNREACHABLE)
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _document(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            message = f"{self._url}: expected digitserve, got {response.status_code} without JSON"
            raise CommandError(message, UNREACHABLE) from None


def _retry_after(response: httpx.Response | None) -> float:
    """Return the seconds of Retry-After, or 0."""
    text = response.headers.get("Retry-After", "") if response else ""
    return min(float(text), _LONGEST_PAUSE) if text.isdecimal() else 0.0
