"""Finding, reading and verifying MNIST files."""

import gzip
import itertools
import sys
from dataclasses import astuple
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from numpy.testing import assert_array_equal

from model_core.weights import load_weights, pretrained_dir
from tests.support.small_mnist import (
    ARRAYS,
    CONTENTS,
    SMALL_FILES,
    SMALL_MNIST,
    idx,
    write_small_mnist,
)
from training.data.load import load_mnist
from training.data.mnist import Mnist, data_digest, data_directory, missing_files, read_mnist
from training.errors import DataFileError

IMAGES = CONTENTS[0]
NAME = SMALL_FILES[0].name


@pytest.mark.parametrize("gzipped", [False, True])
def test_the_files_are_read_plain_and_gzipped(tmp_path: Path, gzipped: bool) -> None:
    """Plain and gzipped files give the same four arrays."""
    write_small_mnist(tmp_path, gzipped=gzipped)

    mnist = read_mnist(tmp_path, SMALL_FILES)

    for got, expected in zip(astuple(mnist), astuple(SMALL_MNIST), strict=True):
        assert got.dtype == np.uint8
        assert_array_equal(got, expected)


def test_a_plain_file_goes_before_a_gzipped_one(tmp_path: Path) -> None:
    """If both exist, the plain file is read and the gzipped one not opened."""
    write_small_mnist(tmp_path, gzipped=False)
    (tmp_path / f"{NAME}.gz").write_bytes(b"not a gzip file")

    mnist = read_mnist(tmp_path, SMALL_FILES)

    assert_array_equal(mnist.train_images, ARRAYS[0])


def test_a_gzipped_file_is_known_by_its_content(tmp_path: Path) -> None:
    """A gzipped file under the plain name is decompressed."""
    write_small_mnist(tmp_path, gzipped=False)
    (tmp_path / NAME).write_bytes(gzip.compress(IMAGES))

    mnist = read_mnist(tmp_path, SMALL_FILES)

    assert_array_equal(mnist.train_images, ARRAYS[0])


def test_the_argument_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """--data has priority over DIGITS_DATA."""
    monkeypatch.setenv("DIGITS_DATA", "environment")

    assert data_directory(Path("argument")) == Path("argument")


def test_the_environment_goes_before_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """DIGITS_DATA has priority over the user's cache directory."""
    monkeypatch.setenv("DIGITS_DATA", "environment")

    assert data_directory(None) == Path("environment")


@pytest.mark.parametrize("value", [None, ""])
def test_the_default_is_the_cache(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """Without DIGITS_DATA, or with an empty one, it is the user's cache directory."""
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    if value is not None:
        monkeypatch.setenv("DIGITS_DATA", value)

    assert data_directory(None) == platformdirs.user_cache_path("digitserve") / "mnist"


def test_missing_files_are_those_that_are_neither_plain_nor_gzipped(tmp_path: Path) -> None:
    """A file that exists neither plain nor gzipped is missing; a directory is no file."""
    (tmp_path / SMALL_FILES[1].name).touch()
    (tmp_path / f"{SMALL_FILES[2].name}.gz").touch()
    (tmp_path / SMALL_FILES[3].name).mkdir()

    missing = missing_files(tmp_path, SMALL_FILES)

    assert missing == [SMALL_FILES[0], SMALL_FILES[3]]


@pytest.mark.parametrize("name", ["absent", "x" * 300, "file"])
def test_in_a_directory_that_cannot_be_searched_everything_is_missing(
    tmp_path: Path, name: str
) -> None:
    """A missing directory, an impossible name and a file in its place are not a crash."""
    (tmp_path / "file").touch()

    assert missing_files(tmp_path / name, SMALL_FILES) == list(SMALL_FILES)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error names the missing file in both forms, and the directory."""
    write_small_mnist(tmp_path, gzipped=True)
    (tmp_path / f"{NAME}.gz").unlink()

    with pytest.raises(DataFileError) as caught:
        read_mnist(tmp_path, SMALL_FILES)

    assert str(caught.value) == f"{tmp_path}: expected {NAME} or {NAME}.gz, got neither"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "expected an IDX file", id="empty"),
        pytest.param(b"<html>", r"expected an IDX file.*3c 68 74 6d", id="a page"),
        pytest.param(b"\0\0\x0d" + IMAGES[3:], "expected an IDX file.*00 00 0d", id="floats"),
        pytest.param(IMAGES[:2000], "expected 31360 bytes for 40x28x28, got 1984", id="cut"),
        pytest.param(IMAGES + b"x", "expected 31360 bytes for 40x28x28, got 31361", id="long"),
        pytest.param(
            idx(ARRAYS[0][:9]), "expected 40x28x28 values, got 9x28x28", id="fewer images"
        ),
        pytest.param(
            IMAGES[:-1] + b"x",
            f"expected content with SHA-256 {SMALL_FILES[0].sha256}",
            id="one byte",
        ),
        pytest.param(gzip.compress(IMAGES)[:2000], "expected a complete gzip file", id="cut gzip"),
        pytest.param(gzip.compress(IMAGES) + b"x", "expected a complete gzip file", id="long gzip"),
        pytest.param(
            gzip.compress(IMAGES)[:50] + b"?" * 50, "expected a complete gzip file", id="bad gzip"
        ),
        pytest.param(
            gzip.compress(IMAGES)[:-8] + bytes(8), "expected a complete gzip file", id="checksum"
        ),
        pytest.param(
            gzip.compress(bytes(10**7)), "expected an IDX file.*00 00 00 00", id="gzip bomb"
        ),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_wrong_file_is_named_with_what_is_wrong(
    tmp_path: Path, content: bytes, message: str, suffix: str
) -> None:
    """Each kind of invalid file has its message, which begins with the path."""
    write_small_mnist(tmp_path, gzipped=False)
    (tmp_path / NAME).unlink()
    path = tmp_path / f"{NAME}{suffix}"
    path.write_bytes(content)

    with pytest.raises(DataFileError, match=message) as caught:
        read_mnist(tmp_path, SMALL_FILES)

    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("length", [1, 4, 10, 15, 16])
def test_a_file_cut_in_its_header_is_refused(tmp_path: Path, length: int) -> None:
    """A file truncated in its header is an error."""
    write_small_mnist(tmp_path, gzipped=False)
    (tmp_path / NAME).write_bytes(IMAGES[:length])

    with pytest.raises(DataFileError, match=NAME):
        read_mnist(tmp_path, SMALL_FILES)


@pytest.mark.parametrize(("name", "content"), list(itertools.permutations(range(4), 2)))
def test_a_file_under_the_name_of_another_is_recognised(
    tmp_path: Path, name: int, content: int
) -> None:
    """A file under another's name is an error that names its content."""
    write_small_mnist(tmp_path, gzipped=True)
    expected, got = SMALL_FILES[name].name, SMALL_FILES[content].name
    (tmp_path / f"{expected}.gz").write_bytes(gzip.compress(CONTENTS[content]))

    with pytest.raises(DataFileError) as caught:
        read_mnist(tmp_path, SMALL_FILES)

    path = tmp_path / f"{expected}.gz"
    assert str(caught.value) == f"{path}: expected {expected}, got the content of {got}"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc for a file that fails to be read")
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A read error of the disk is an error that names the file."""
    write_small_mnist(tmp_path, gzipped=False)
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).symlink_to("/proc/self/mem")

    with pytest.raises(DataFileError, match=rf"{NAME}: expected a readable file, got: Input"):
        read_mnist(tmp_path, SMALL_FILES)


@pytest.mark.parametrize("model", ["dnn", "cnn"])
def test_the_shipped_weights_name_the_training_data(model: str) -> None:
    """The digest in a shipped weights file is that of this MNIST."""
    card = load_weights(pretrained_dir() / f"{model}.safetensors").card

    assert card.training_data_sha256 == data_digest()


def test_the_real_mnist_is_loaded(mnist_dir: Path) -> None:
    """The real files pass verification and have the known shapes."""
    mnist = load_mnist(mnist_dir)

    assert [array.shape for array in astuple(mnist)] == [
        (60000, 28, 28),
        (60000,),
        (10000, 28, 28),
        (10000,),
    ]


def test_the_real_mnist_has_the_known_numbers_of_digits(mnist: Mnist) -> None:
    """Of the digits 0-4 there are 30,596 training and 5,139 test images."""
    assert np.count_nonzero(mnist.train_labels < 5) == 30_596
    assert np.count_nonzero(mnist.test_labels < 5) == 5_139
