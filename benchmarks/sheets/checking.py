"""Check a stack of exam covers on the page, as a visitor who knows what is in the boxes.

Run with ``python -m benchmarks.sheets.checking [--count N] [--seed N] [--model NAME]``. Chromium
sends the generated covers to a service on this machine. At each doubtful box the right digit is
pressed, Enter if the answer is right, Delete if there is no digit. Printed are the seconds until
all are read, boxes and doubtful ones, keys, boxes whose final digit is wrong, and the seconds of
the keys with ``--pause`` seconds before each, in which a person looks at the box.
"""

import argparse
import shutil
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, Page, sync_playwright

from benchmarks.data import load_or_exit
from benchmarks.sheets.evaluation import match
from benchmarks.sheets.layouts import cover
from benchmarks.sheets.page import Digits, draw_page
from benchmarks.sheets.photograph import Sheet, photo
from tests.support.servers import serve

# Pages of the work as the page stores them: name, and name, corners and final digit of each box.
_STORED = """async () => {
    const url = name => document.querySelector(`link[href$="/${name}.js"]`).href;
    const { Store } = await import(url("store"));
    const { boxName } = await import(url("sheet_file"));
    const { finalDigit } = await import(url("verdict"));
    const toBox = box => ({
        name: boxName(box), corners: box.corners, final: String(finalDigit(box)),
    });
    const entries = await new Store({}).all();
    return entries.map(({ name, pages }) => ({ name, boxes: pages?.[0].boxes.map(toBox) ?? [] }));
}"""


def generate_covers(digits: Digits, count: int, seed: int) -> list[Sheet]:
    """Return photographs of exam covers."""
    rngs = (np.random.default_rng([seed, number]) for number in range(count))
    return [photo(draw_page(cover(rng), digits, rng), rng) for rng in rngs]


def file_of(number: int, sheet: Sheet) -> FilePayload:
    """Return a cover as a JPEG."""
    content = BytesIO()
    Image.fromarray(sheet.picture).save(content, "JPEG", quality=85)
    name = f"cover-{number + 1:02}.jpg"
    return {"name": name, "mimeType": "image/jpeg", "buffer": content.getvalue()}


def contents_of(page: Page, sheets: Iterable[Sheet]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return what is in each found box, "" if nothing, and its final digit, by file and box."""
    told: dict[tuple[str, str], tuple[str, str]] = {}
    stored: list[dict[str, Any]] = page.evaluate(_STORED)
    for sheet, entry in zip(sheets, stored, strict=True):
        boxes = entry["boxes"]
        found = match(list(sheet.corners), [np.array(box["corners"]) for box in boxes])
        true = {second: sheet.contents[first] for first, second in found}
        for number, box in enumerate(boxes):
            told[entry["name"], box["name"]] = (true.get(number, ""), box["final"])
    return told


def check_all(page: Page, true: dict[tuple[str, str], tuple[str, str]]) -> list[str]:
    """Press the right key at each doubtful box until none is left; return the keys."""
    keys: list[str] = []
    while page.locator("#doing").inner_text().endswith("to check"):
        title = page.locator("#page option:checked").inner_text()
        name = title.partition(": ")[2].partition(",")[0]
        content, _ = true[name, page.locator("#box-name").inner_text()]
        answer = page.locator("#box-answer").inner_text()
        confirmed = answer.startswith(f"{content},") if content else "not a digit" in answer
        keys.append("Enter" if confirmed else content or "Delete")
        page.keyboard.press(keys[-1])
    return keys


def walk(page: Page, sheets: list[Sheet], pause: float) -> None:
    """Let the page read the covers, check them, and print the figures."""
    files = [file_of(*pair) for pair in enumerate(sheets)]
    page.wait_for_selector("#model option", state="attached")
    began = perf_counter()
    page.get_by_test_id("upload").set_input_files(files)
    page.locator("#doing", has_text="check").wait_for(timeout=300_000)
    read = perf_counter() - began
    true = contents_of(page, sheets)
    began = perf_counter()
    keys = check_all(page, true)
    checked = perf_counter() - began
    finals = contents_of(page, sheets)
    wrong = [(*key, *told) for key, told in finals.items() if told[0] != told[1]]
    boxes = sum(len(sheet.contents) for sheet in sheets)
    size = " x ".join(map(str, sheets[0].picture.shape[1::-1]))
    print(f"{len(sheets)} covers of {size} pixels, read in {read:.1f} s")
    print(f"{boxes} boxes, {len(true)} found")
    print(f"{len(keys)} doubtful, {len(keys)} keys in {checked:.1f} s without a look at them,")
    print(f"{len(keys) * pause + checked:.0f} s with {pause:g} s for each")
    print(f"final digits that are wrong: {len(wrong)}")
    for name, box, content, final in wrong:
        print(f"  {name}, {box}: expected {content or 'none'}, got {final or 'none'}")


def main() -> None:
    """Read the options, start a service and a browser, and walk."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sheets.checking")
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="cnn10")
    parser.add_argument("--pause", type=float, default=1.5)
    options = parser.parse_args()
    mnist = load_or_exit(options.mnist)
    digits = Digits(mnist.test_images, mnist.test_labels)
    sheets = generate_covers(digits, options.count, options.seed)
    chromium = shutil.which("chromium") or sys.exit("needs chromium in the PATH")
    with serve(DIGITS_DEFAULT_MODEL=options.model) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(server.url)
        walk(page, sheets, options.pause)
        browser.close()


if __name__ == "__main__":
    main()
