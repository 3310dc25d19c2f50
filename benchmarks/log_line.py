"""Processor time of a line of the access log, as a share of that of a small request.

Run with ``python -m benchmarks.log_line [--pairs N]``. One server writes lines for a second, then
none for a second, and so on: two processes of the same code differ by more than a line takes. The
table shows medians of the pairs.
"""

import os
import signal
import statistics
from collections.abc import Iterator

from benchmarks.load import send
from benchmarks.servers import Server, serve
from benchmarks.serving import CLIENT, RAW, SERVER, parse_load_test, url_of
from benchmarks.table import Row, print_rows

PAIRS = 20


def rows(pairs: int = PAIRS) -> Iterator[Row]:
    """Yield the row of a line."""
    with serve("benchmarks.serve_log_switch", SERVER) as server:
        _microseconds(server)  # the first second warms up
        measured = []
        for _ in range(pairs):
            with_line = _microseconds(server)
            os.kill(server.process, signal.SIGUSR1)
            measured.append((with_line, _microseconds(server)))
            os.kill(server.process, signal.SIGUSR1)
    line = statistics.median(with_line - without for with_line, without in measured)
    share = statistics.median(1 - without / with_line for with_line, without in measured)
    yield Row(
        "a line in the log", f"{line:.1f} µs", f"{share:.3f} of a small request's processor time"
    )


def _microseconds(server: Server) -> float:
    """Return the processor time of a request, measured for a second."""
    before = server.cpu_seconds()
    load = send(url_of(server), RAW, cores=CLIENT, seconds=1)
    return (server.cpu_seconds() - before) / load.requests * 1e6


def main() -> None:
    """Print the table."""
    arguments = parse_load_test("log_line", __doc__, pairs=PAIRS)
    print_rows(rows(arguments.pairs))


if __name__ == "__main__":
    main()
