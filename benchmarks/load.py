"""Closed-loop load with wrk: each connection sends a body as soon as it has an answer."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

# wrk script: at the end it prints one line with counts, seconds and percentiles in microseconds.
_SCRIPT = """
local file = io.open("{body}", "rb")
wrk.method, wrk.body = "POST", file:read("*a")
wrk.headers["Content-Type"] = "{content_type}"
{headers}
function done(summary, latency)
  local errors = summary.errors
  print("RESULT", summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout)
end
"""


@dataclass(frozen=True, slots=True)
class Body:
    """A request body with its content type."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Load:
    """Result of a load test: throughput, and percentiles of the latency in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float

    @property
    def per_second(self) -> float:
        """Return the throughput."""
        return self.requests / self.seconds


def form(field: str, files: list[bytes]) -> Body:
    """Encode files as multipart/form-data."""
    parts = [
        f'--=\r\nContent-Disposition: form-data; name="{field}"; filename="{number}.png"\r\n'
        "Content-Type: image/png\r\n\r\n".encode()
        + content
        + b"\r\n"
        for number, content in enumerate(files)
    ]
    return Body(b"".join(parts) + b"--=--\r\n", 'multipart/form-data; boundary="="')


def send(
    url: str,
    body: Body,
    *,
    cores: set[int],
    seconds: int,
    connections: int = 16,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Load:
    """Send a body repeatedly over a number of connections.

    Raises: RuntimeError if an answer was an error, or none.
    """
    with tempfile.TemporaryDirectory() as directory:
        script, file = Path(directory) / "post.lua", Path(directory) / "body"
        file.write_bytes(body.content)
        content_type = body.content_type.replace('"', '\\"')
        lines = [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]
        script.write_text(
            _SCRIPT.format(body=file, content_type=content_type, headers="\n".join(lines))
        )
        done = subprocess.run(
            [
                "wrk",
                "-t1",
                f"-c{connections}",
                f"-d{seconds}",
                "--timeout=30",
                f"-s{script}",
                url,
            ],
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
            capture_output=True,
            text=True,
            check=True,
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    requests, duration, p50, p99, errors = map(float, line.split()[1:])
    if errors or not requests:
        raise RuntimeError(f"{url}: expected every answer to be 200, got {done.stdout}")
    return Load(int(requests), duration, p50 / 1000, p99 / 1000)


def send_when_ready(url: str, body: Body, *, cores: set[int]) -> None:
    """Warm up a server: send until it answers without errors, for at most a minute."""
    for _ in range(60):
        try:
            send(url, body, cores=cores, seconds=1)
        except RuntimeError:
            continue
        return
    raise RuntimeError(f"{url}: expected it to be ready within a minute")
