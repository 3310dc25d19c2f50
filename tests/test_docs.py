"""Documentation: settings, commands, tables and links agree with the code."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import numpy as np
import pytest

from app.api.schemas import PredictionQuery
from app.images.decoder import FORMATS
from app.inference.readiness import Readiness
from app.inference.registry import load_registry
from app.inference.types import ROTATIONS
from app.main import create_app
from app.settings import Settings, describe_settings
from benchmarks import ablation, rotation, summary, threshold
from benchmarks.how_it_sees import table
from model_core.preprocessing import downsample, normalise
from model_core.weights import load_weights, pretrained_dir
from tests.support.models import SHIPPED
from tests.support.uploads import uploads

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SOURCES = ("app", "benchmarks", "client", "digitserve", "model_core", "tests", "training")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "client").glob("*.md")]


def test_the_table_of_settings_is_complete() -> None:
    """The README's table has every setting with its default and meaning, in order."""
    for variable, default, meaning in describe_settings():
        assert f"| `{variable}` | {default} | {meaning} |" in README

    rows = re.findall(r"^\| `(DIGITS_\w+)` \|", README, re.MULTILINE)
    assert rows == [variable for variable, _, _ in describe_settings()]


def test_every_limit_is_in_the_list_of_limits() -> None:
    """The table of limits in docs/operations.md has every setting that is a limit."""
    page = (ROOT / "docs" / "operations.md").read_text()
    table = page.partition("\n## Limits")[2].partition("\n## ")[0]
    limits = [name for name, _, _ in describe_settings() if name.startswith("DIGITS_MAX_")]

    assert len(limits) > 5
    assert [name for name in limits if f"`{name}`" not in table] == []


def test_every_query_parameter_is_explained() -> None:
    """docs/requests.md has every parameter of a prediction, with its values, in order."""
    page = (ROOT / "docs" / "requests.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", page, re.MULTILINE)

    assert [name for name, _ in rows] == list(PredictionQuery.model_fields)
    assert [f"`{one}`" in dict(rows)["rotate"] for one in ROTATIONS] == [True] * len(ROTATIONS)


@pytest.mark.parametrize("benchmark", [rotation, threshold])
def test_the_tables_of_requests_are_those_of_the_benchmarks(benchmark: ModuleType) -> None:
    """docs/requests.md has the headings that the two benchmarks print."""
    page = (ROOT / "docs" / "requests.md").read_text()

    assert f"\n{benchmark.HEADINGS}\n" in page


def test_every_make_target_exists() -> None:
    """Every `make` target in a page exists, and `make help` lists all targets."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    command = ["make", "--no-print-directory", "help"]  # quiet when a make is above it, too
    helped = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    for page in PAGES:
        assert set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(), re.M)) <= targets
    assert {line.split()[0] for line in helped.stdout.splitlines()} == targets


# Commands of the README, with their arguments.
COMMANDS = re.findall(r"python -m ((?:training|app)(?: [a-z]+)?)\b ?([^\n`]*)", README)


@pytest.mark.parametrize("command", sorted({command for command, _ in COMMANDS}))
def test_every_command_has_help(command: str) -> None:
    """--help of each command in the README works, and lists the options used there."""
    done = subprocess.run(
        [sys.executable, "-m", *command.split(), "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    for arguments in (arguments for name, arguments in COMMANDS if name == command):
        for option in re.findall(r"--[a-z-]+", arguments.partition("#")[0]):
            assert option in done.stdout


@pytest.mark.parametrize("name", ["summary", "memory", *summary.parts(Path())])
def test_every_benchmark_has_help(name: str) -> None:
    """The summary, its parts and the benchmark of memory have --help, and are in the README."""
    command = f"python -m benchmarks.{name}"
    done = subprocess.run(
        [sys.executable, *command.split()[1:], "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"usage: {command}" in done.stdout
    assert f"`{command}`" in README


def test_make_bench_prints_the_summary() -> None:
    """`make bench` runs the summary, which runs its parts in one process."""
    assert "$(BIN)/python -m benchmarks.summary\n" in (ROOT / "Makefile").read_text()


def test_the_steps_in_how_it_sees_are_those_taken() -> None:
    """docs/how-it-sees.md has the steps that are taken, and the digits are right."""
    page = (ROOT / "docs" / "how-it-sees.md").read_text()
    classifier = load_weights(pretrained_dir() / "cnn.safetensors").classifier

    seen = np.stack([normalise(upload).pixels for _, upload in uploads()])

    assert table() in page
    assert [a.digit for a in classifier.predict(downsample(seen))] == [2, 3, 4, 2, 3, 1, 4, 2, 3, 4]


def test_the_ablation_in_how_it_sees_has_every_step() -> None:
    """The table in docs/how-it-sees.md has a row for each step that the benchmark switches off."""
    page = (ROOT / "docs" / "how-it-sees.md").read_text()
    table = page.partition("\n| without |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)

    assert rows == ["nothing: all steps", *ablation.STEPS]


def test_the_ablation_replaces_what_there_is() -> None:
    """Every function and number that the benchmark replaces exists in the module that it names."""
    for replaced in ablation.STEPS.values():
        for target in replaced:
            owner, name = ablation.locate(target)
            assert hasattr(owner, name), target


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md"])
def test_every_image_format_is_named(page: str) -> None:
    """README and SECURITY list the formats of the decoder, in its order."""
    text = (ROOT / page).read_text().lower()
    first, last = ", ".join(FORMATS[:-1]).lower(), FORMATS[-1].lower()

    assert re.search(f"{first} (and|or) {last}", text)


def test_app_help_lists_every_setting() -> None:
    """`python -m app --help` lists every variable with its meaning and default."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "--help"], capture_output=True, text=True, check=True
    )

    printed = " ".join(done.stdout.split())
    for variable, default, meaning in describe_settings():
        assert f"{variable} {meaning} [{default}]" in printed


def test_the_how_tos_name_what_there_is() -> None:
    """Files, constants, classes and tests that CONTRIBUTING.md names exist."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    terms = set(re.findall(r"`([^`\s<>]+)`", page)) - {"utils.py"}  # that name is forbidden
    paths = {term for term in terms if re.fullmatch(r"[\w./]+\.(py|yml|md|html|toml)", term)}
    names = {term for term in terms if re.fullmatch(r"_?[A-Z]\w{3,}(\.\w+)?|test_\w+", term)}
    folders = [ROOT, ROOT / "tests/app/robustness"]
    sources = {path for package in SOURCES for path in (ROOT / package).rglob("*.*")}
    code = " ".join(path.read_text() for path in sources if path.suffix == ".py")

    assert len(paths) > 50
    assert len(names) > 20
    for term in paths:
        known = any((folder / term).exists() for folder in folders)
        assert known or term in {path.name for path in sources}, term
    for term in names:
        assert all(re.search(rf"\b{part}\b", code) for part in term.split(".")), term


def test_relative_links_exist() -> None:
    """Every relative link of a page points to a file of the repository."""
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_accuracy_in_the_readme_is_that_of_the_weights(name: str) -> None:
    """The table of results has the accuracy of the shipped model cards."""
    metrics = load_weights(pretrained_dir() / f"{name}.safetensors").card.metrics
    share, errors = f"{metrics['test_accuracy']:.2%}", f"{metrics['test_errors']:.0f}"
    images = f"{metrics['test_images']:,.0f}"

    assert f"| shipped `{name}` | {share.replace('%', ' %')} | {errors} of {images} |" in README


def test_the_layout_is_that_of_the_repository() -> None:
    """Every path in the README's layout exists."""
    layout = README.partition("## Layout")[2].partition("```")[2].partition("```")[0]
    paths = [line.split()[0] for line in layout.splitlines() if line.strip()]

    assert len(paths) > 8
    for path in paths:
        assert (ROOT / path).exists(), path


def test_the_example_answer_is_real() -> None:
    """The README's example response is what the service returns for that picture."""
    block = README.partition("docs/two.png http://")[2].partition("```json")[2].partition("```")[0]
    settings = Settings()
    registry = load_registry(settings.weights_dir, default=settings.default_model)
    app = create_app(settings, registry, Readiness())

    async def ask() -> dict[str, Any]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            picture = (ROOT / "docs" / "two.png").read_bytes()
            result: dict[str, Any] = (
                await client.post("/v1/predictions", files={"image": picture})
            ).json()
            return result

    expected, got = json.loads(block), asyncio.run(ask())

    assert got.keys() == expected.keys()
    for key in ("digit", "decision", "reason", "model"):
        assert got[key] == expected[key]
    for digit, probability in expected["probabilities"].items():
        assert got["probabilities"][digit] == pytest.approx(probability, abs=1e-4)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("copies", [1, 2, 5, 33, 64])
def test_a_batch_of_copies_agrees_with_one_picture(name: str, copies: int) -> None:
    """Probabilities of equal pictures differ by less than 1e-5, as the README says."""
    classifier = load_weights(pretrained_dir() / f"{name}.safetensors").classifier
    pictures = downsample(np.stack([normalise(upload).pixels for _, upload in uploads()]))

    for picture in pictures[:, np.newaxis]:
        (alone,) = classifier.predict(picture)
        for answer in classifier.predict(np.repeat(picture, copies, axis=0)):
            assert answer.digit == alone.digit
            np.testing.assert_allclose(answer.probabilities, alone.probabilities, rtol=0, atol=1e-5)
