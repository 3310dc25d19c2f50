"""The whole loop: serve, correct, fit, load the new version without a restart, fewer mistakes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from model_core.weights import load_weights, pretrained_dir
from tests.support.databases import sqlite
from tests.support.hand import write_in_hand
from tests.support.pictures import encode
from tests.support.servers import Server, serve
from training.acceptance.proof import MORE_ERRORS
from training.data.mnist import Mnist

KEY = "an-admin-key-of-the-test"
# A sixth of the recipe's drawn pictures and half of MNIST's, so that the test takes half a minute.
# With fewer, the network would forget some of MNIST's.
SIZES = {"handwriting": 2500, "clutter": 2500, "printed": 500, "pens": 500, "others": 6000}
FEW = [f"--{name}={number}" for name, number in SIZES.items()] + ["--train-per-digit=3000"]


@pytest.fixture(scope="module")
def corrected(mnist: Mnist, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with 200 pictures of the hand, as they are exported: <label>/<file>."""
    folder = tmp_path_factory.mktemp("corrected")
    for number, (digit, picture) in enumerate(write_in_hand(mnist, slice(0, 40))):
        (folder / str(digit)).mkdir(exist_ok=True)
        (folder / str(digit) / f"{number}.png").write_bytes(picture)
    return folder


def shipped_as_version_6(directory: Path) -> Path:
    """Copy the shipped cnn into a model directory; return the directory."""
    (directory / "cnn" / "6").mkdir(parents=True)
    shutil.copy(pretrained_dir() / "cnn.safetensors", directory / "cnn/6/model.safetensors")
    return directory


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model directory with the shipped cnn as version 6."""
    return shipped_as_version_6(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of a database with the tables of feedback."""
    return sqlite(tmp_path_factory.mktemp("database"))


@pytest.fixture(scope="module")
def server(models: Path, database: str) -> Iterator[Server]:
    """Return a running service of the model directory that keeps feedback."""
    settings = {"DIGITS_WEIGHTS_DIR": str(models), "DIGITS_ADMIN_KEY": KEY}
    with serve(DIGITS_DATABASE_URL=database, **settings) as one:
        yield one


def fit(models: Path, mnist_dir: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Fine-tune the version 6 of a model directory into it."""
    start = models / "cnn" / "6" / "model.safetensors"
    command = [sys.executable, "-m", "training", "fit", "cnn", "--from", start, "--into", models]
    return subprocess.run(
        [*map(str, command), *map(str, arguments), "--data", str(mnist_dir)],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
        timeout=1500,
        check=False,
    )


def count_mistakes(server: Server, pictures: list[tuple[int, bytes]], version: str) -> int:
    """Return the number of pictures that the served version does not accept as their digit."""
    mistakes = 0
    with httpx.Client(base_url=server.url) as client:
        for digit, picture in pictures:
            answer = client.post("/v1/predictions", content=picture).raise_for_status().json()
            assert answer["model"]["version"] == version
            mistakes += (answer["decision"], answer["digit"]) != ("accept", digit)
    return mistakes


def correct(server: Server, pictures: list[tuple[int, bytes]]) -> None:
    """Send the true digit of each picture, as the page does."""
    with httpx.Client(base_url=server.url) as client:
        for digit, picture in pictures:
            form = {"digit": str(digit)}
            response = client.post("/v1/feedback", data=form, files={"image": picture})
            assert response.status_code == 202


def load(server: Server) -> None:
    """Ask a running service to load the new version."""
    headers = {"Authorization": f"Bearer {KEY}"}
    url = f"{server.url}/v2/repository/models/cnn/load"
    httpx.post(url, headers=headers).raise_for_status()


def test_what_people_correct_is_read_better_by_the_next_version(
    server: Server, models: Path, database: str, mnist: Mnist, mnist_dir: Path
) -> None:
    """A hand that is read badly: less than half of the mistakes, on pictures that are new."""
    new_pictures = write_in_hand(mnist, slice(300, 340))
    before = count_mistakes(server, new_pictures, "6")

    correct(server, write_in_hand(mnist, slice(0, 40)))
    done = fit(models, mnist_dir, "--also", database, *FEW, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    load(server)
    after = count_mistakes(server, new_pictures, "7")

    assert before > 60
    assert after < before / 2
    assert server.process.poll() is None
    old, new = (load_weights(models / f"cnn/{one}/model.safetensors").card for one in "67")
    assert summary["path"] == str(models / "cnn" / "7" / "model.safetensors")
    assert new.metrics["test_errors"] <= old.metrics["test_errors"] + MORE_ERRORS
    assert (new.version, new.recipe["name"]) == ("7", "fine-tune")
    facts = new.corrections
    assert (summary["accepted"], summary["corrections"]) == (True, facts)
    assert facts["by_label"] == {str(digit): 40 for digit in range(5)}
    assert facts["trained_on"] + facts["held_back"] == facts["pictures"] == 200
    assert facts["held_back_mistakes"][0] > 3 * facts["held_back_mistakes"][1]
    assert facts["mnist_errors"] == [old.metrics["test_errors"], new.metrics["test_errors"]]
    assert (
        facts["old_sha256"]
        == new.started_from
        == load_weights(models / "cnn/6/model.safetensors").sha256
    )
    assert f"200 corrections: {facts['trained_on']} to train on" in done.stderr


def test_a_version_without_proof_is_not_written(
    tmp_path: Path, corrected: Path, mnist_dir: Path
) -> None:
    """A rate so small that nothing is learnt: exit code 3, the reason, no new version."""
    models = shipped_as_version_6(tmp_path)
    before = sorted(models.rglob("*"))
    sizes = {"handwriting": 200, "clutter": 200, "printed": 50, "pens": 50, "others": 200}
    little = [f"--{name}={number}" for name, number in sizes.items()]
    little += ["--learning-rate=1e-9", "--train-per-digit=200"]

    done = fit(models, mnist_dir, "--also", corrected, *little, "--version", "9", "--json")

    assert done.returncode == 3
    last = done.stderr.splitlines()[-1]
    assert last.startswith("not accepted: corrections held back: expected significantly fewer")
    assert last.endswith("; nothing was written")
    rejected = json.loads(done.stdout)
    assert rejected["accepted"] is False
    assert [reason in last for reason in rejected["reasons"]] == [True]
    assert len(set(rejected["corrections"]["held_back_mistakes"])) == 1
    assert sorted(models.rglob("*")) == before


def test_an_old_version_without_mistakes_cannot_be_improved(
    mnist: Mnist, mnist_dir: Path, tmp_path: Path
) -> None:
    """Pictures that are read well: said before the training, with exit code 3."""
    models = shipped_as_version_6(tmp_path / "models")
    tmp_path /= "pictures"
    (tmp_path / "3").mkdir(parents=True)
    for number, image in enumerate(mnist.train_images[mnist.train_labels == 3][-20:]):
        (tmp_path / "3" / f"{number}.png").write_bytes(encode(Image.fromarray(image)))

    done = fit(models, mnist_dir, "--also", tmp_path)

    assert done.returncode == 3
    assert "not accepted: expected at least 5 mistakes of version" in done.stderr
    assert "epoch" not in done.stderr
    assert done.stdout == ""
