"""Stop of gRPC: under load, of one worker of two, and by a kill."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import httpx
import pytest
import tritonclient.grpc

from tests.support.grpc_servers import infer_request, send_infer, serve_grpc
from tests.support.processes import children, wait_until
from tests.support.servers import Server

CLIENTS = 8


class Load:
    """Clients that call without a pause, each over a connection of its own, until told to stop.

    Those that are ``patient`` wait for a new connection if theirs is lost.
    """

    def __init__(self, address: str, *, patient: bool) -> None:
        self.codes: Counter[str] = Counter()
        self.errors: list[str] = []
        self._address, self._patient = address, patient
        self.ends = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(CLIENTS)]

    def start(self) -> None:
        """Start the clients."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until all clients have stopped."""
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(self._address, options=options) as channel:
            while not self.ends.is_set():
                self._call_once(channel)

    def _call_once(self, channel: Any) -> None:
        try:
            send_infer(channel, infer_request(), timeout=20, wait_for_ready=self._patient)
        except grpc.RpcError as error:
            self.codes[error.code().name] += 1
            self.errors.append(error.details())
        else:
            self.codes["OK"] += 1


@contextmanager
def loaded(address: str, *, patient: bool = False) -> Iterator[Load]:
    """Run the clients until the end of the block."""
    load = Load(address, patient=patient)
    load.start()
    try:
        yield load
    finally:
        load.ends.set()
        load.join()


def all_serve(server: Server) -> bool:
    """Return whether two workers have started."""
    return "".join(server.log).count("startup complete") >= 2


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_under_load_fails_no_call(workers: str) -> None:
    """In the drain period the service is not ready and still answers all calls."""
    with serve_grpc(
        DIGITS_WORKERS=workers, DIGITS_WAIT_SECONDS="9", DIGITS_DRAIN_SECONDS="1.5"
    ) as (
        server,
        address,
    ):
        wait_until(lambda: workers == "1" or all_serve(server))
        with (
            tritonclient.grpc.InferenceServerClient(address) as client,
            loaded(address) as load,
        ):
            wait_until(lambda: load.codes["OK"] > 50)
            server.process.send_signal(signal.SIGTERM)
            while client.is_server_ready():
                time.sleep(0.02)
            during = load.codes["OK"]
            wait_until(lambda: load.codes["OK"] > during)  # not ready, and still answered
        assert server.end() == 0
    assert load.codes["OK"] > 50
    assert set(load.codes) == {"OK"}, load.errors
    assert "Traceback" not in "".join(server.log)


def test_sigterm_to_one_worker_moves_its_clients() -> None:
    """They go to the other one, and to its replacement.

    gRPC cancels calls that arrive while it tells the clients to leave: at most one of each client.
    """
    with serve_grpc(DIGITS_WORKERS="2", DIGITS_WAIT_SECONDS="9", DIGITS_DRAIN_SECONDS="0.5") as (
        server,
        address,
    ):
        wait_until(lambda: all_serve(server))
        with loaded(address) as load:
            wait_until(lambda: load.codes["OK"] > 50)
            before = children(server)
            os.kill(min(before), signal.SIGTERM)
            wait_until(lambda: len(children(server) - before) == 1)
            after = load.codes["OK"]
            wait_until(lambda: load.codes["OK"] > after + 50)

    assert set(load.codes) <= {"OK", "CANCELLED", "UNAVAILABLE"}, load.errors
    assert len(load.errors) <= CLIENTS


def test_a_killed_worker_is_replaced_for_grpc() -> None:
    """Its open calls are lost; all later ones are answered."""
    with serve_grpc(DIGITS_WORKERS="2", DIGITS_WAIT_SECONDS="9") as (server, address):
        wait_until(lambda: all_serve(server))
        with loaded(address, patient=True) as load:
            wait_until(lambda: load.codes["OK"] > 50)
            before = children(server)
            os.kill(min(before), signal.SIGKILL)
            wait_until(lambda: len(children(server) - before) == 1)
            after = load.codes["OK"]
            wait_until(lambda: load.codes["OK"] > after + 50)
        assert httpx.get(f"{server.url}/readyz").status_code == 200

    assert set(load.codes) <= {"OK", "UNAVAILABLE"}, load.errors
    assert load.codes["UNAVAILABLE"] <= CLIENTS


def test_the_end_of_the_drain_period_lets_open_calls_finish() -> None:
    """A call that has begun is answered after that; the process ends before the grace period."""
    began = threading.Event()

    def body() -> Iterator[bytes]:
        began.set()
        time.sleep(1.5)
        yield infer_request().SerializeToString()

    with (
        serve_grpc(DIGITS_DRAIN_SECONDS="0.2") as (server, address),
        grpc.insecure_channel(address) as channel,
    ):
        call = channel.stream_unary("/inference.GRPCInferenceService/ModelInfer").future(body())
        began.wait()
        wait_until(
            lambda: "digitserve_requests_in_flight 1.0" in httpx.get(f"{server.url}/metrics").text
        )
        server.process.terminate()
        wait_until(lambda: "Shutting down" in "".join(server.log))

        assert len(call.result()) > 100
        assert server.end() == 0
