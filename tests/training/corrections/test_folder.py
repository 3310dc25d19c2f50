"""Folders of labelled pictures, and the messages about unusable ones."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from model_core.preprocessing import normalise
from tests.support.pictures import as_bytes, encode, negative, two
from training.corrections.folder import read_folder
from training.corrections.sources import read_corrections
from training.errors import CorrectionsError

NO_TEST_IMAGES = np.empty((0, 28, 28), np.uint8)


def save(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder; return it."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_pictures_pass_the_preprocessing_of_the_service(tmp_path: Path) -> None:
    """Small and large ones, dark on light, of several formats; `none` and hidden files, too."""
    large = negative(two(600))
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 60), np.uint8))
    files = {
        "2/small.png": as_bytes(),
        "2/large.png": encode(large),
        "none/noise.bmp": encode(noise, "BMP"),
        "2/.hidden": b"ignored",
        ".cache/x": b"ignored",
    }

    rows = read_folder(save(tmp_path, files))

    assert [row.label for row in rows] == [2, 2, -1]
    for row, picture in zip(rows, (large, two(), noise), strict=True):
        expected = normalise(np.asarray(picture))
        assert_array_equal(row.picture, expected.pixels)
        assert row.trust == expected.trust


def test_everything_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """Unknown labels, files that are no pictures, and misplaced ones, all in one error."""
    files = {
        "2/good.png": as_bytes(),
        "2/cut.png": as_bytes()[:60],
        "3/notes.txt": b"not a picture",
        "4/deep/one.png": as_bytes(),
        "seven/one.png": as_bytes(),
        "10/one.png": as_bytes(),
        "readme.txt": b"",
    }

    with pytest.raises(CorrectionsError) as caught:
        read_folder(save(tmp_path, files))

    message = str(caught.value)
    assert message.startswith(f"{tmp_path}: expected pictures as <label>/<file>, with the labels")
    assert "got 6 that cannot be used: " in message
    for part in (
        "2/cut.png: image: expected",
        "3/notes.txt: image: expected PNG, JPEG",
        "4/deep: not a file",
        "seven: not a folder of a label",
        "10: not a folder of a label",
        "readme.txt: not a folder of a label",
    ):
        assert part in message
    assert "\n" not in message
    assert "good" not in message


def test_many_problems_are_counted(tmp_path: Path) -> None:
    """Ten are named."""
    save(tmp_path, {f"1/{number:02}.png": b"x" for number in range(12)})

    with pytest.raises(CorrectionsError, match=r"got 12 that .*1/09.png: .*; and 2 more$"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("name", "message"), [("gone", "expected a folder, got: No such file"), ("", "got no picture")]
)
def test_a_folder_without_pictures_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    """Missing or empty."""
    with pytest.raises(CorrectionsError, match=message):
        read_folder(tmp_path / name)


def test_an_invalid_setting_of_the_service_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits of pictures are the service's settings."""
    monkeypatch.setenv("DIGITS_MAX_PIXELS", "many")

    with pytest.raises(CorrectionsError, match=r"DIGITS_MAX_PIXELS: .*many"):
        read_folder(save(tmp_path, {"2/one.png": as_bytes()}))


def test_a_limit_of_the_service_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture that the service refuses is refused here, too."""
    monkeypatch.setenv("DIGITS_MAX_PIXELS", "10000")

    with pytest.raises(CorrectionsError, match=r"2/one.png: image: expected at most 10000 pixels"):
        read_folder(save(tmp_path, {"2/one.png": encode(two(200))}))


def test_sources_are_joined_and_each_picture_counts_once(tmp_path: Path) -> None:
    """A picture in two folders is one; another size that looks the same may be another."""
    one = save(tmp_path / "one", {"2/a.png": as_bytes(), "2/b.png": as_bytes()})
    other = save(tmp_path / "other", {"2/c.png": as_bytes(), "none/d.png": as_bytes(100)})

    collected = read_corrections([str(one), str(other)], NO_TEST_IMAGES)

    assert collected.corrections.counts == {"2": 1, "none": 1}
    assert collected.notices == ()


def test_two_labels_of_one_picture_are_an_error(tmp_path: Path) -> None:
    """Both files are named."""
    folder = save(tmp_path, {"2/a.png": as_bytes(), "3/b.png": as_bytes()})

    with pytest.raises(CorrectionsError) as caught:
        read_corrections([str(folder)], NO_TEST_IMAGES)

    expected = f"{folder}/3/b.png: expected the label 2 of the same picture in {folder}/2/a.png, "
    assert str(caught.value) == f"{expected}got 3"


def test_pictures_that_cannot_teach_are_left_out_and_named(tmp_path: Path) -> None:
    """Those without ink, and MNIST's test images, which would no longer measure anything."""
    white = encode(Image.new("L", (50, 50), 255))
    tested = np.asarray(two())
    other = encode(two(100))
    folder = save(
        tmp_path, {"1/white.png": white, "2/tested.png": as_bytes(), "2/other.png": other}
    )

    collected = read_corrections([str(folder)], tested[None])

    assert len(collected.corrections) == 1
    assert collected.notices == (
        f"left out 1 pictures without ink, or of several figures: {folder}/1/white.png",
        f"left out 1 pictures that are MNIST's test images: {folder}/2/tested.png",
    )


def test_only_pictures_that_cannot_teach_are_an_error(tmp_path: Path) -> None:
    """There is nothing to train on."""
    folder = save(tmp_path, {"2/tested.png": as_bytes()})

    with pytest.raises(CorrectionsError, match="expected pictures to train on, got none"):
        read_corrections([str(folder)], np.asarray(two())[None])
