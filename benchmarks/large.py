"""Processor time of whole requests with 12 megapixels: a photo, and a sheet of 81 boxes.

Run with ``python -m benchmarks.large [--rounds N]``. It is that of the server and its decoder
process, beside Pillow's decoding of the same file at its full size, which is the first step of
every service that does not decode at a part of it. They take turns; the table shows medians.
"""

import io
import statistics
import time
from collections.abc import Iterator

import httpx
from PIL import Image

from benchmarks.photos import draw_photo, draw_sheet
from benchmarks.servers import OURS, serve
from benchmarks.serving import SERVER, parse_load_test
from benchmarks.table import Row, print_rows

# One measurement, because processor time is counted in hundredths of a second.
REQUESTS = 5


def rows(rounds: int) -> Iterator[Row]:
    """Yield the row of each kind of picture."""
    pictures = {
        "JPEG of 12 megapixels": ("predictions", draw_photo()),
        "sheet of 81 boxes, 12 megapixels": ("sheets", draw_sheet()),
    }
    with serve(OURS, SERVER) as server, httpx.Client(timeout=60) as client:
        for name, (route, data) in pictures.items():
            url = f"http://127.0.0.1:{server.port}/v1/{route}"
            ours: list[float] = []
            pillow: list[float] = []
            for number in range(rounds + 1):  # the first starts the decoder process
                before = server.cpu_seconds()
                for _ in range(REQUESTS):
                    sent = client.post(url, content=data, headers={"Content-Type": "image/jpeg"})
                    sent.raise_for_status()
                ours += [(server.cpu_seconds() - before) / REQUESTS * 1e3] * (number > 0)
                pillow += [_decode_seconds(data) * 1e3] * (number > 0)
            used, decoded = statistics.median(ours), statistics.median(pillow)
            ratio = f"{used / decoded:.2f} of Pillow's decoding, {decoded:.0f} ms"
            yield Row(f"{name}, whole request", f"{used:.0f} ms of processor time", ratio)


def _decode_seconds(data: bytes) -> float:
    began = time.process_time()
    for _ in range(REQUESTS):
        Image.open(io.BytesIO(data)).convert("L")
    return (time.process_time() - began) / REQUESTS


def main() -> None:
    """Print the table."""
    arguments = parse_load_test("large", __doc__, rounds=5)
    print(f"Large pictures, medians of {arguments.rounds} rounds of {REQUESTS} requests\n")
    print_rows(rows(arguments.rounds))


if __name__ == "__main__":
    main()
