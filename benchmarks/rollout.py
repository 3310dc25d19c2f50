"""Versions on trial: what a shadow costs the answers, and the share that a canary gets.

Run with ``python -m benchmarks.rollout [--rounds N] [--seconds S] [--requests N]``. The shipped cnn
is version 1; version 2 has the same weights, changed by a tenth at random. A server with a shadow
and one without run on one core, wrk on the other, by turns; the table has the medians of the rounds
and of the ratios in each round. Processor time is less disturbed by other work on the machine than
throughput.
"""

import argparse
import dataclasses
import http.client
import json
import re
import statistics
import sys
import tempfile
import urllib.request
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from benchmarks.load import Body, send
from benchmarks.servers import OURS, Server, serve
from benchmarks.serving import BATCH, CLIENT, RAW, SERVER
from model_core.weights import load_weights, pretrained_dir, save_weights

# Path, body and connections of each load.
LOADS: dict[str, tuple[str, Body, int]] = {
    "one picture": ("/v1/predictions", RAW, 16),
    "batch of 64": ("/v1/predictions/batch", BATCH, 4),
}
HEADINGS = "| load | | without | shadow | ratio |\n|---|---|--:|--:|--:|"


def save_two_versions(directory: Path) -> None:
    """Write the two versions of cnn into a model directory."""
    rng = np.random.default_rng(0)
    for version, noise in (("1", 0.0), ("2", 0.1)):
        one = load_weights(pretrained_dir() / "cnn.safetensors")
        for _, parameter in one.classifier.network.named_parameters():
            value = parameter.value
            parameter.value = value * (1 + noise * rng.standard_normal(value.shape, np.float32))
        path = directory / "cnn" / version / "model.safetensors"
        path.parent.mkdir(parents=True)
        save_weights(path, one.classifier, dataclasses.replace(one.card, version=version))
    (directory / "cnn" / "labels.json").write_text('{"stable": "1"}')


def measure_shadow(directory: Path, rounds: int, seconds: int, share: float) -> None:
    """Print throughput and processor time with and without a shadow, and what it has counted."""
    with _serve(directory) as plain, _serve(directory, DIGITS_SHADOW=f"cnn:2={share}") as shadow:
        print(HEADINGS)
        for name, sent in LOADS.items():
            measured = []
            for number in range(rounds + 1):  # the first warms up
                order = (plain, shadow) if number % 2 else (shadow, plain)
                results = {one: _measure(one, *sent, seconds) for one in order}
                if number:
                    measured.append((results[plain], results[shadow]))
            _row(name, "requests/s", [(a[0], b[0]) for a, b in measured])
            _row(name, "processor time, µs", [(a[1], b[1]) for a, b in measured])
        _print_counts(shadow)


def measure_canary(directory: Path, requests: int, share: float) -> None:
    """Print how many of the answers have the canary's receipt, and what the metrics say."""
    with _serve(directory, DIGITS_CANARY=f"cnn:2={share}") as server:
        receipts: Counter[str] = Counter()
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for _ in range(requests):
            connection.request("POST", "/v1/predictions", RAW.content)
            receipts[json.loads(connection.getresponse().read())["model"]["version"]] += 1
        connection.close()
        counted = _counters(server, "digitserve_predictions_total")
    deviation = (share * (1 - share) / requests) ** 0.5
    print(f"canary {share:.1%}: {receipts['2']:,} of {requests:,} receipts name version 2")
    print(f"  {receipts['2'] / requests:.2%}, standard deviation {deviation:.2%}; {counted}")


def _serve(directory: Path, **environment: str) -> AbstractContextManager[Server]:
    environment |= {"DIGITS_WEIGHTS_DIR": str(directory), "DIGITS_ACCESS_LOG": "0"}
    return serve(OURS, SERVER, python=sys.executable, directory=None, **environment)


def _measure(
    server: Server, path: str, body: Body, connections: int, seconds: int
) -> tuple[float, float]:
    """Return the requests per second, and the processor time of one in microseconds."""
    before = server.cpu_seconds()
    url = f"http://127.0.0.1:{server.port}{path}"
    load = send(url, body, cores=CLIENT, seconds=seconds, connections=connections)
    return load.per_second, (server.cpu_seconds() - before) / load.requests * 1e6


def _row(name: str, unit: str, pairs: list[tuple[float, float]]) -> None:
    ratio = statistics.median(b / a for a, b in pairs)
    without, shadow = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(f"| {name} | {unit} | {without:,.0f} | {shadow:,.0f} | {ratio:.3f} |", flush=True)


def _print_counts(server: Server) -> None:
    answered = sum(_counters(server, "digitserve_predictions_total").values())
    compared = sum(_counters(server, "digitserve_shadow_images_total").values())
    print(f"images answered {answered:,.0f}, compared {compared:,.0f}: {compared / answered:.2%}")
    for kind in ("disagreements", "skipped_images"):
        print(f"  {kind}: {_counters(server, f'digitserve_shadow_{kind}_total')}")


def _counters(server: Server, name: str) -> dict[str, float]:
    """Return the values of a counter that are not 0, by their labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as response:
        text = response.read().decode()
    found = re.findall(rf"^{name}{{(.*)}} (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found if float(value)}


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rollout", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="of each load (default: 15)")
    parser.add_argument("--seconds", type=int, default=2, help="of each round (default: 2)")
    parser.add_argument("--requests", type=int, default=20_000, help="to the canary")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        save_two_versions(Path(directory))
        measure_shadow(Path(directory), options.rounds, options.seconds, share=0.1)
        measure_canary(Path(directory), options.requests, share=0.05)


if __name__ == "__main__":
    main()
