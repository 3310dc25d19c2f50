"""Library call: the same predictions as the service's, typed."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import digitserve
from model_core.weights import pretrained_dir
from tests.app.conftest import Client
from tests.support.pictures import as_bytes, encode, negative, two
from tests.support.uploads import uploads

FILES = {
    "small": as_bytes(),
    "blank": encode(Image.new("L", (28, 28), 255)),
    "JPEG": encode(two(300).convert("RGB"), "JPEG"),
    "WebP": encode(two(90), "WEBP"),
    "CMYK": encode(negative(two(64)).convert("CMYK"), "TIFF"),
    "reduced JPEG": encode(two(2100).convert("RGB"), "JPEG"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({}, ""),
        ({"rotate": "90"}, "&rotate=90"),
        ({"rotate": "auto", "threshold": 0.5}, "&rotate=auto&threshold=0.5"),
        ({"normalise": False}, "&normalise=off"),
    ],
    ids=str,
)
def test_a_file_is_predicted_as_by_the_service(
    default_client: Client, name: str, options: dict[str, object], query: str
) -> None:
    """Digit, probabilities, decision, reason and model are those of the service's JSON."""
    response = default_client.post(f"/v1/predictions?model=dnn{query}", content=FILES[name])
    expected = response.json()
    del expected["request_id"]

    got = digitserve.load("dnn").predict(FILES[name], **options)  # type: ignore[call-overload]

    assert got.model_dump(exclude={"input", "explanation"}) == expected


def test_a_list_is_predicted_as_a_batch_of_the_service(default_client: Client) -> None:
    """The ten uploads of the documentation, in order; probabilities agree within 1e-5."""
    pictures = [encode(Image.fromarray(pixels)) for _, pixels in uploads()]
    parts = [("images", data) for data in pictures]
    expected = default_client.post("/v1/predictions/batch", files=parts).json()["predictions"]

    got = digitserve.predict(pictures)

    assert [one.digit for one in got] == [one["digit"] for one in expected]
    for one, other in zip(got, expected, strict=True):
        assert one.probabilities == pytest.approx(other["probabilities"], abs=1e-5)


@pytest.mark.parametrize(
    "convert",
    [
        lambda picture, _: np.asarray(picture),
        lambda picture, _: np.asarray(picture)[:, :, np.newaxis],
        lambda picture, _: np.asarray(picture) / 255,
        lambda picture, _: np.asarray(picture.convert("RGBA")),
        lambda picture, _: np.asarray(picture) > 127,
        lambda picture, _: picture,
        lambda picture, _: picture.convert("F"),
        lambda picture, _: encode(picture),
        lambda picture, folder: _written(picture, folder),
        lambda picture, folder: str(_written(picture, folder)),
    ],
)
def test_pixels_images_bytes_and_paths(
    tmp_path: Path, convert: Callable[[Image.Image, Path], digitserve.Picture]
) -> None:
    """A two is a two in every form in which it can be given."""
    prediction = digitserve.predict(convert(two(), tmp_path))

    assert (prediction.digit, prediction.decision) == (2, "accept")


def _written(picture: Image.Image, folder: Path) -> os.PathLike[str]:
    path = folder / "two.png"
    picture.save(path)
    return path


def test_an_image_keeps_its_orientation() -> None:
    """The EXIF orientation of an opened image is applied, as that of its file is."""
    turned = two(100).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.info["exif"] = exif.tobytes()

    got = digitserve.predict(turned).probabilities

    assert got == pytest.approx(digitserve.predict(two(100)).probabilities, abs=1e-3)


@pytest.mark.parametrize(
    ("picture", "error"),
    [
        (b"", "image: expected the bytes of an image, got none"),
        (b"%PDF-1.7", "image: expected PNG, .* got PDF"),
        (np.zeros(5), r"array: expected the shape \(H, W\), .* got \(5,\)"),
        (np.zeros((0, 5)), "array: expected the shape"),
        (np.full((5, 5), 2.0), "array: expected .* got values from 2 to 2"),
        (np.full((5, 5), np.nan), "array: expected .* got values from nan to nan"),
        (np.zeros((5, 5), np.int64), "array: expected uint8, .* got int64"),
        (5, "picture: expected a path, bytes, an array or a PIL image, got int"),
    ],
)
def test_what_is_no_picture_is_named(picture: digitserve.Picture, error: str) -> None:
    """One line says what was expected and what came."""
    with pytest.raises(digitserve.AppError, match=f"^{error}"):
        digitserve.predict(picture)


def test_the_place_of_a_bad_picture_is_named() -> None:
    """In a list, the message has the place of the first picture that cannot be read."""
    with pytest.raises(digitserve.AppError, match=r"^\[1\] image: expected PNG"):
        digitserve.predict([as_bytes(), b"text", b""])


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    """As everywhere in Python."""
    with pytest.raises(FileNotFoundError):
        digitserve.predict(tmp_path / "none.png")


def test_no_pictures_give_no_predictions() -> None:
    """An empty list has an empty result."""
    nothing: list[str] = []

    assert digitserve.predict(nothing) == []


def test_models_by_name_and_file(tmp_path: Path) -> None:
    """A shipped model by its name, any weights file by its path."""
    own = tmp_path / "own.safetensors"
    own.write_bytes((pretrained_dir() / "cnn10.safetensors").read_bytes())

    assert digitserve.load("cnn10").labels == tuple(range(10))
    assert digitserve.load(own).predict(as_bytes()).model.name == "own"
    assert repr(digitserve.load()).startswith("Model('cnn', version=")
    assert digitserve.predict(as_bytes(), model="dnn").model.name == "dnn"


def test_unknown_and_invalid_models_are_named(tmp_path: Path) -> None:
    """An unknown name lists the known ones; an invalid file says what to do."""
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"x")

    with pytest.raises(digitserve.AppError, match="model: expected cnn or cnn10 or dnn, got 'x'"):
        digitserve.load("x")
    with pytest.raises(digitserve.RegistryError, match=r"broken\.safetensors"):
        digitserve.load(broken)


@pytest.mark.parametrize(("name", "value"), [("threshold", 1.5), ("rotate", "45")])
def test_options_are_checked(name: str, value: object) -> None:
    """As the service checks its query."""
    with pytest.raises(digitserve.AppError, match=f"^{name}: expected"):
        digitserve.load().predict(as_bytes(), **{name: value})  # type: ignore[call-overload]


def test_threads_can_share_a_model() -> None:
    """Predictions from several threads at once are those of one."""
    model = digitserve.load()
    expected = model.predict(FILES["JPEG"])

    with ThreadPoolExecutor(4) as threads:
        got = list(threads.map(model.predict, [FILES["JPEG"]] * 40))

    assert got == [expected] * 40
