"""Retries, against a server that fails."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest

from digitserve_client import (
    DeadlineExceededError,
    InvalidAnswerError,
    NoResponseError,
    RetryPolicy,
)
from digitserve_client.problems import TooBusyError, UnavailableError, UnsupportedImageError
from digitserve_client.retry import Exchange
from tests.client.blocking import Connect
from tests.client.conftest import KEY
from tests.support.flaky_server import (
    Failure,
    FlakyServer,
    cut_off,
    drip,
    flaky,
    forward,
    refuse,
    reply,
    reset,
    silent,
)
from tests.support.pictures import as_bytes
from tests.support.servers import Server

QUICK = RetryPolicy(first_delay=0.01)


@contextmanager
def through(
    connect: Connect, service: Server, *failures: Failure, **options: Any
) -> Iterator[tuple[FlakyServer, Any]]:
    """Return a server that fails before it forwards to the service, and a client of it."""
    with (
        flaky(service.url, *failures) as server,
        connect(server.url, **{"api_key": KEY, "retry": QUICK} | options) as client,
    ):
        yield server, client


@pytest.mark.parametrize(
    "failures",
    [[refuse(503), refuse(429)], [reset, reset], [cut_off, reset, refuse(503, "0")]],
)
def test_what_passes_is_tried_again(
    connect: Connect, service: Server, failures: list[Failure]
) -> None:
    """429, 503, a reset connection and half a response are followed by the same request."""
    with through(connect, service, *failures) as (server, client):
        assert client.predict(as_bytes()).digit == 2

    assert [one.body for one in server.received] == [as_bytes()] * (len(failures) + 1)


def test_a_batch_is_sent_again_whole(connect: Connect, service: Server) -> None:
    """The body of a form is written anew for each attempt."""
    with through(connect, service, refuse(503), reset) as (server, client):
        assert [one.digit for one in client.predict_batch([as_bytes()] * 3)] == [2, 2, 2]

    assert len(server.received) == 3
    assert {one.body.count(as_bytes()) for one in server.received} == {3}


def test_a_refused_request_is_sent_once(connect: Connect, service: Server) -> None:
    """Errors of the request itself are raised at once."""
    with through(connect, service) as (server, client), pytest.raises(UnsupportedImageError):
        client.predict(b"no image")

    assert len(server.received) == 1


def test_retry_after_is_honoured(connect: Connect, service: Server) -> None:
    """The pause is the seconds that the server asks for, and a little more."""
    with through(connect, service, refuse(429, "1")) as (server, client):
        client.predict(as_bytes())

    [pause] = server.pauses
    assert pause >= 1.0


def test_retry_after_can_be_a_date(connect: Connect, service: Server) -> None:
    """Then the pause ends after that time, which has whole seconds."""
    date = datetime.now(UTC) + timedelta(seconds=2)
    text = format_datetime(date, usegmt=True)
    with through(connect, service, refuse(503, text)) as (server, client):
        client.predict(as_bytes())

    assert len(server.received) == 2
    assert datetime.now(UTC) >= date.replace(microsecond=0)


def test_the_last_error_is_raised(connect: Connect, service: Server) -> None:
    """After the last attempt; an error page without a problem document has its status."""
    policy = RetryPolicy(attempts=3, first_delay=0.01)
    failures = [refuse(429, body=b"<html>busy</html>")] * 5
    with (
        through(connect, service, *failures, retry=policy) as (server, client),
        pytest.raises(TooBusyError, match="429 Too Many Requests"),
    ):
        client.predict(as_bytes())

    assert len(server.received) == 3


def test_a_pause_beyond_the_deadline_is_not_begun(connect: Connect, service: Server) -> None:
    """The error is raised at once, not after a wait in which nothing can come."""
    with through(connect, service, refuse(503, "60"), timeout=20) as (_, client):
        start = time.monotonic()
        with pytest.raises(UnavailableError) as caught:
            client.predict(as_bytes())

    assert time.monotonic() - start < 10
    assert caught.value.retry_after == 60


@pytest.mark.parametrize("failure", [silent, drip])
def test_the_timeout_is_for_the_whole_call(
    connect: Connect, service: Server, failure: Failure
) -> None:
    """A server that says nothing, or sends a byte at a time, is left after the timeout."""
    with through(connect, service, failure, failure, timeout=0.5) as (_, client):
        start = time.monotonic()
        with pytest.raises(DeadlineExceededError, match=r"0\.5 s"):
            client.predict(as_bytes())

    assert 0.4 < time.monotonic() - start < 10


def test_no_server_is_no_response(connect: Connect, free_port: int) -> None:
    """After the attempts; a client that was made before the server is not the reason."""
    with (
        connect(f"http://127.0.0.1:{free_port}", retry=QUICK) as client,
        pytest.raises(NoResponseError, match="ConnectError"),
    ):
        client.predict(as_bytes())


def test_one_connection_is_used_again(connect: Connect, service: Server) -> None:
    """Also after an error."""
    with through(connect, service, forward, refuse(503)) as (server, client):
        for _ in range(4):
            client.predict(as_bytes())

    assert len(server.received) == 5
    assert len({one.connection for one in server.received}) == 1


def test_another_service_is_named(connect: Connect, service: Server) -> None:
    """A page or another document with status 200 is no answer."""
    replies = [reply(body) for body in (b"<html>", b'{"label": 2}', b"[]")]
    with through(connect, service, *replies) as (_, client):
        for _ in range(3):
            with pytest.raises(InvalidAnswerError, match="status 200"):
                client.predict(as_bytes())


def test_pauses_double_with_jitter() -> None:
    """Each is between a half and the whole of its power of two, and never more than the most."""
    policy = RetryPolicy(first_delay=0.25, max_delay=2.0)
    for attempt, longest in enumerate([0.25, 0.5, 1.0, 2.0, 2.0], 1):
        delays = {policy.delay(attempt, None) for _ in range(100)}
        assert len(delays) > 50
        assert all(longest / 2 <= delay <= longest for delay in delays)
    assert 5.0 < policy.delay(1, 5.0) <= 5.25


def test_an_exchange_counts_attempts_and_time() -> None:
    """With a clock of its own: the pauses grow, and end before the deadline."""
    now = 0.0
    exchange = Exchange(RetryPolicy(attempts=9), 10.0, clock=lambda: now)
    error = NoResponseError("gone")
    delays = []
    with suppress(NoResponseError):
        while True:
            delays.append(exchange.delay_after(error))
            now += delays[-1]

    assert 3 <= len(delays) <= 6
    assert sum(delays) < 10.0
    assert all(earlier < 2 * later for earlier, later in pairwise(delays))
    now = 10.0
    with pytest.raises(DeadlineExceededError):
        exchange.time_left()
