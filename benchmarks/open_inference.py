"""Load test of the Open Inference Protocol, beside a no-op service and MLServer.

Run with ``python -m benchmarks.open_inference [--rounds N] [--seconds S]``. The server has one
core, wrk the other; the systems take turns, and the table shows medians of the rounds. The limit is
a route that reads the same body and answers with fixed JSON. MLServer runs our classifier, so that
the arithmetic is the same; it reads JSON only, and by default calls models in a second process. The
processor time of a row depends less on what else the machine does.
"""

import json
import os
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from benchmarks.load import Body, Load, send, send_when_ready
from benchmarks.servers import MLSERVER, NOOP, OURS, Server, serve, serve_peer
from benchmarks.serving import CLIENT, SERVER, parse_load_test
from benchmarks.table import Row, print_rows
from model_core.parameter import Array
from model_core.preprocessing import downsample
from tests.support.pictures import two

ONE_ROW_CONNECTIONS = (1, 16, 64)
ROWS, CONNECTIONS = 256, 4

INFER, UPLOAD = "/v2/models/cnn/infer", "/v1/predictions"


@dataclass
class Case:
    """One kind of request to one server, and its rounds."""

    server: Server
    path: str
    body: Body
    headers: Mapping[str, str]
    connections: int
    rounds: list[Load] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return the address of the requests."""
        return f"http://127.0.0.1:{self.server.port}{self.path}"

    def run(self, seconds: int) -> None:
        """Send for some seconds."""
        before = self.server.cpu_seconds()
        load = send(
            self.url,
            self.body,
            cores=CLIENT,
            seconds=seconds,
            connections=self.connections,
            headers=self.headers,
        )
        self.rounds.append(load)
        self.costs.append((self.server.cpu_seconds() - before) / load.requests * 1e6)

    @property
    def per_second(self) -> float:
        """Requests per second, the median of the rounds."""
        return statistics.median(load.per_second for load in self.rounds)

    @property
    def microseconds(self) -> float:
        """Processor time of a request in microseconds, the median of the rounds."""
        return statistics.median(self.costs)


def images(rows: int) -> Array:
    """Return a two at angles of at most 20 degrees, as model inputs (rows, 14, 14)."""
    large = two(280)
    turned = [large.rotate(20 * np.sin(row)) for row in range(rows)]
    small = [np.asarray(one.resize((28, 28), Image.Resampling.BOX)) for one in turned]
    return downsample(np.stack(small))


def as_binary(rows: int) -> tuple[Body, Mapping[str, str]]:
    """Return the request that tritonclient sends by default."""
    data = images(rows).tobytes()
    tensor = {
        "name": "image",
        "shape": [rows, 14, 14],
        "datatype": "FP32",
        "parameters": {"binary_data_size": len(data)},
    }
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))}
    return Body(head + data, "application/octet-stream"), headers


def as_json(rows: int) -> tuple[Body, Mapping[str, str]]:
    """Return a request with its tensor in JSON."""
    tensor = {
        "name": "image",
        "shape": [rows, 14, 14],
        "datatype": "FP32",
        "data": images(rows).ravel().tolist(),
    }
    return Body(json.dumps({"inputs": [tensor]}).encode(), "application/json"), {}


def rows(rounds: int, seconds: int) -> Iterator[Row]:
    """Yield all rows."""
    yield from one_row(rounds, seconds)
    yield from one_row_of_mlserver(rounds, seconds)
    yield from many_rows(rounds, seconds)


def one_row(rounds: int, seconds: int) -> Iterator[Row]:
    """Yield the requests per second of one row, beside the limit."""
    with serve(NOOP, SERVER) as noop, serve(OURS, SERVER) as ours:
        for connections in ONE_ROW_CONNECTIONS:
            case = Case(ours, INFER, *as_binary(1), connections)
            limit = Case(noop, UPLOAD, *as_binary(1), connections)
            take_turns([case, limit], rounds, seconds)
            yield Row(
                f"1 row, binary, connections: {connections}",
                f"{case.per_second:,.0f} requests/s, the limit {limit.per_second:,.0f}",
                f"{case.per_second / limit.per_second:.3f} of the limit; processor time "
                f"{case.microseconds:.0f} µs, the limit {limit.microseconds:.0f} µs: "
                f"{limit.microseconds / case.microseconds:.3f}",
            )


def one_row_of_mlserver(rounds: int, seconds: int) -> Iterator[Row]:
    """Yield the requests per second of one row, beside MLServer in one process."""
    with (
        serve(OURS, SERVER) as ours,
        serve_peer(MLSERVER, SERVER, MLSERVER_PARALLEL_WORKERS="0") as peer,
    ):
        if not peer:
            return
        cases = [Case(ours, INFER, *as_binary(1), 16), Case(peer, INFER, *as_json(1), 16)]
        send_when_ready(cases[1].url, cases[1].body, cores=CLIENT)
        take_turns(cases, rounds, seconds)
    rates = [case.per_second for case in cases]
    yield Row(
        "1 row, binary, beside MLServer in one process, JSON",
        f"{rates[0]:,.0f} requests/s, MLServer {rates[1]:,.0f}",
        f"{rates[0] / rates[1]:.2f} of its requests/s, "
        f"1/{cases[1].microseconds / cases[0].microseconds:.2f} of its processor time",
    )


def many_rows(rounds: int, seconds: int) -> Iterator[Row]:
    """Yield the rows per second of large requests, beside the limit and MLServer."""
    with (
        serve(NOOP, SERVER) as noop,
        serve(OURS, SERVER) as ours,
        serve_peer(MLSERVER, SERVER, MLSERVER_PARALLEL_WORKERS="0") as one_process,
        serve_peer(MLSERVER, SERVER) as default,
    ):
        for model in ("cnn", "dnn"):
            path = INFER.replace("cnn", model)
            cases = {
                "ours, binary": Case(ours, path, *as_binary(ROWS), CONNECTIONS),
                "ours, JSON": Case(ours, path, *as_json(ROWS), CONNECTIONS),
                "the limit, binary": Case(noop, UPLOAD, *as_binary(ROWS), CONNECTIONS),
            }
            for name, server in (("in one process", one_process), ("by default", default)):
                if server:
                    case = Case(server, path, *as_json(ROWS), CONNECTIONS)
                    send_when_ready(case.url, case.body, cores=CLIENT)
                    cases[f"MLServer {name}, JSON"] = case
            take_turns([*cases.values()], rounds, seconds)
            yield from rows_of(model, cases)
    if not default:
        yield Row(f"MLServer, not installed in .venv-{MLSERVER}: make mlserver", "")


def rows_of(model: str, cases: Mapping[str, Case]) -> Iterator[Row]:
    """Yield a row of the table for each case, and how many times as fast ours with binary is."""
    ours = cases["ours, binary"]
    for name, case in cases.items():
        times = ours.per_second / case.per_second
        cost = case.microseconds / ours.microseconds
        ratio = f"ours, binary: {times:.3f} of its rows/s, 1/{cost:.3f} of its processor time"
        yield Row(
            f"{ROWS} rows of {model}, {name}",
            f"{case.per_second * ROWS:,.0f} rows/s, {case.microseconds / ROWS:.1f} µs a row",
            "" if case is ours else ratio,
        )


def take_turns(cases: list[Case], rounds: int, seconds: int) -> None:
    """Run all cases in each round; the first round warms up."""
    for number in range(rounds + 1):
        for case in cases:
            case.run(seconds)
            if number == 0:
                case.rounds.clear()
                case.costs.clear()


def main() -> None:
    """Print the table."""
    arguments = parse_load_test("open_inference", __doc__, rounds=5, seconds=3)
    print(f"Tensors for cnn, medians of {arguments.rounds} rounds of {arguments.seconds} s,")
    print(f"load average {os.getloadavg()[0]:.1f}\n")
    print_rows(rows(arguments.rounds, arguments.seconds))


if __name__ == "__main__":
    main()
