"""Models of other labels, and pictures without a digit."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from model_core.architectures import build
from model_core.preprocessing import PREPROCESSING_VERSION
from model_core.weights import pretrained_dir, save_weights
from tests.app.page.browser.conftest import Open
from tests.app.page.browser.strokes import DIGITS
from tests.app.page.browser.visitor import draw, picture
from tests.support.models import CARD
from tests.support.servers import serve


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a service with the shipped cnn and an untrained model of ten digits."""
    directory = tmp_path_factory.mktemp("weights")
    shutil.copy(pretrained_dir() / "cnn.safetensors", directory)
    labels = tuple(range(10))
    classifier = build("notebook-dnn", labels=labels, rng=np.random.default_rng(5))
    card = replace(CARD, labels=labels, preprocessing=PREPROCESSING_VERSION)
    save_weights(directory / "ten.safetensors", classifier, card)
    with serve(DIGITS_WEIGHTS_DIR=str(directory)) as server:
        yield server.url


@pytest.fixture
def page(open_page: Open, two_models: str) -> Page:
    """Return the page of that service."""
    return open_page(two_models)


def test_the_bars_are_those_of_the_selected_model(page: Page) -> None:
    """A model of ten digits has ten bars, and the heading names its digits."""
    draw(page, DIGITS[2])
    expect(page.get_by_test_id("digit")).to_have_text("2")
    expect(page.locator("#bars li")).to_have_count(5)

    page.get_by_test_id("model").select_option("ten")

    expect(page.locator("#bars li")).to_have_count(10)
    expect(page.locator("#range")).to_have_text("0 to 9")
    expect(page.get_by_test_id("bar-9").locator(".share")).not_to_be_empty()
    expect(page.get_by_test_id("card-ten").locator("h3")).to_contain_text("digits 0 to 9")
    page.get_by_test_id("model").select_option("cnn")
    expect(page.locator("#bars li")).to_have_count(5)
    expect(page.get_by_test_id("digit")).to_have_text("2")


def test_a_correction_can_be_any_digit(page: Page) -> None:
    """Pictures can be corrected to digits that the selected model does not know."""
    files = [picture(DIGITS[n], f"{n}.png") for n in (1, 2)]
    page.get_by_test_id("upload").set_input_files(files)
    expect(page.locator("#verdicts button")).to_have_count(11)
    expect(page.locator("#summary")).not_to_contain_text("waiting")
    page.get_by_test_id("row").first.click()
    page.keyboard.press("7")

    expect(page.get_by_test_id("row").first.locator(".digit")).to_have_text("7")


def test_a_blank_picture_shows_no_digit(page: Page) -> None:
    """No digit, no confidence and no bar are shown for an empty picture, by any model."""
    page.get_by_test_id("upload").set_input_files([picture([], "blank.png")])

    expect(page.get_by_test_id("decision")).to_have_text("abstain")
    expect(page.get_by_test_id("digit")).to_have_text("\u2013")
    expect(page.get_by_test_id("confidence")).to_be_empty()
    expect(page.get_by_test_id("bar-1").locator(".share")).to_be_empty()
    expect(page.get_by_test_id("reason")).to_contain_text("the picture is empty")
    for name in ("cnn", "ten"):
        expect(page.get_by_test_id(f"card-{name}").locator(".said")).to_have_text("\u2013abstain")


def test_confirming_a_blank_picture_names_no_digit(page: Page) -> None:
    """Enter on an empty picture says that it shows none of the digits."""
    page.get_by_test_id("upload").set_input_files(
        [picture([], "blank.png"), picture(DIGITS[2], "2.png")]
    )
    blank = page.get_by_test_id("row").filter(has_text="blank.png")
    expect(blank).to_contain_text("empty")
    expect(blank.locator(".digit")).to_be_empty()

    blank.click()
    page.keyboard.press("Enter")

    expect(blank.locator(".digit")).to_have_text("none")
    expect(blank).to_contain_text("confirmed")
