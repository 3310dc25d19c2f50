"""Generator of forms: a layout, its rules and digits, and a scan or photograph of it."""

from benchmarks.sheets.layouts import LAYOUTS, Rng
from benchmarks.sheets.page import Digits, draw_page
from benchmarks.sheets.photograph import Sheet, photo, scan


def generate(number: int, digits: Digits, rng: Rng) -> tuple[str, Sheet]:
    """Return the name of a layout and a sheet with it: each in turn, every third one scanned."""
    kind = list(LAYOUTS)[number % len(LAYOUTS)]
    page = draw_page(LAYOUTS[kind](rng), digits, rng)
    scanned = number // len(LAYOUTS) % 3 == 0
    return kind, scan(page, rng) if scanned else photo(page, rng)
