"""Retries: exponential back-off with jitter, within the deadline of a call."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from digitserve_client.errors import DeadlineExceededError, DigitserveError, NoResponseError
from digitserve_client.problems import ResponseError

# Too many requests, and not ready: the service asks to try again.
_RETRIED = {429, 503}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a call is sent, and the pauses between.

    The pause doubles from ``first_delay`` up to ``max_delay``, less a random part of up to a half.
    It is added to the time that Retry-After asks for. Units: seconds.
    """

    attempts: int = 6
    first_delay: float = 0.25
    max_delay: float = 8.0

    def delay(self, attempt: int, retry_after: float | None) -> float:
        """Return the pause after an attempt, counted from 1."""
        longest = min(self.max_delay, self.first_delay * 2.0 ** min(attempt - 1, 30))
        return (retry_after or 0.0) + longest * random.uniform(0.5, 1.0)


class Exchange:
    """Attempts of one call: how many, and how much time is left. It sends nothing itself.

    Units: ``timeout`` in seconds, for all attempts and pauses together; ``clock`` counts seconds.
    """

    def __init__(
        self, policy: RetryPolicy, timeout: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._policy, self._timeout, self._clock = policy, timeout, clock
        self._end = clock() + timeout
        self._attempt = 1

    def time_left(self) -> float:
        """Return the seconds until the deadline.

        Raises: DeadlineExceededError if it has passed.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise DeadlineExceededError(f"call: expected an answer within {self._timeout:g} s")
        return left

    def limited(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the parts of a body until the deadline.

        Raises: DeadlineExceededError.
        """
        for chunk in chunks:
            self.time_left()
            yield chunk

    def delay_after(self, error: DigitserveError) -> float:
        """Return the pause before the next attempt, in seconds.

        Raises: ``error`` if it is not worth another attempt, or none is left before the deadline.
        """
        retried = isinstance(error, NoResponseError)
        if isinstance(error, ResponseError):
            retried = error.status in _RETRIED
        if not retried or self._attempt >= self._policy.attempts:
            raise error
        delay = self._policy.delay(self._attempt, getattr(error, "retry_after", None))
        if delay >= self._end - self._clock():
            raise error
        self._attempt += 1
        return delay
