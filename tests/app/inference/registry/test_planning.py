"""Planning: which versions are served after a scan, and what an invalid file changes."""

import shutil
from pathlib import Path

import pytest

from app.inference.registry.plan import Problem
from app.inference.registry.planning import Planned, plan_models
from tests.support.model_directory import DAMAGES, REASONS, damage, put, put_version


def plan(directory: Path, present: Planned, **options: object) -> Planned:
    """Plan with the default model cnn."""
    return plan_models(directory, present, default="cnn", **options)  # type: ignore[arg-type]


@pytest.fixture
def present(tmp_path: Path) -> Planned:
    """Return the models of a directory with one version."""
    put_version(tmp_path, 1)
    return plan(tmp_path, Planned({}))


def served(planned: Planned, name: str = "cnn") -> str:
    """Return the served version."""
    return planned.models[name].stable.version


def test_an_unchanged_file_is_not_loaded_again(tmp_path: Path, present: Planned) -> None:
    """A new version is loaded beside the object of the old one."""
    put_version(tmp_path, 2)

    after = plan(tmp_path, present)

    assert after.models["cnn"].versions[0] is present.models["cnn"].stable
    assert served(after) == "2"


def test_a_changed_file_is_loaded_again(tmp_path: Path, present: Planned) -> None:
    """A version that is overwritten is another object with another digest."""
    digest = put(tmp_path / "cnn" / "1" / "model.safetensors", seed=9)

    after = plan(tmp_path, present)

    assert after.models["cnn"].stable.sha256 == digest
    assert digest != present.models["cnn"].stable.sha256


@pytest.mark.parametrize("kind", DAMAGES)
def test_an_invalid_new_version_changes_nothing(
    tmp_path: Path, present: Planned, kind: str
) -> None:
    """The version before it is served, and the problem has the reason."""
    damage(tmp_path / "cnn" / "2" / "model.safetensors", kind)

    after = plan(tmp_path, present)

    assert after.models == present.models
    [problem] = after.problems
    assert (problem.model, problem.version) == ("cnn", "2")
    assert REASONS[kind] in problem.reason


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("name", ["cnn/1/model.safetensors", "dnn.safetensors"])
def test_an_overwritten_version_stays_in_memory(tmp_path: Path, name: str, kind: str) -> None:
    """If the file of a loaded version becomes invalid, the version is served from memory."""
    put_version(tmp_path, 1)
    put(tmp_path / "dnn.safetensors")
    present = plan(tmp_path, Planned({}))
    damage(tmp_path / name, kind)

    after = plan(tmp_path, present)

    assert after.models == present.models
    [problem] = after.problems
    assert problem.version == after.models[problem.model].stable.version


def test_a_removed_version_is_no_longer_served(tmp_path: Path, present: Planned) -> None:
    """Removing the highest version's folder is a rollback."""
    put_version(tmp_path, 2)
    both = plan(tmp_path, present)
    shutil.rmtree(tmp_path / "cnn" / "2")

    after = plan(tmp_path, both)

    assert after.models == present.models
    assert after.problems == ()


def test_a_removed_model_is_no_longer_served_unless_it_is_the_default(tmp_path: Path) -> None:
    """The default model keeps its versions, with a problem."""
    for name in ("cnn", "dnn", "rnn"):
        put_version(tmp_path, 1, name=name)
    before = plan(tmp_path, Planned({}))
    for name in ("cnn", "dnn"):
        shutil.rmtree(tmp_path / name)

    after = plan(tmp_path, before)

    assert list(after.models) == ["cnn", "rnn"]
    assert after.problems == (Problem("cnn", "", "default model: expected a version, got none"),)


@pytest.mark.parametrize("gone", [True, False], ids=["missing", "empty"])
def test_an_empty_directory_changes_nothing(tmp_path: Path, gone: bool) -> None:
    """A directory that is not there or has no weights is a fault, not an order to unload."""
    for name in ("cnn", "dnn"):
        put_version(tmp_path / "models", 1, name=name)
    before = plan(tmp_path / "models", Planned({}))
    shutil.rmtree(tmp_path / "models")
    if not gone:
        (tmp_path / "models").mkdir()

    after = plan(tmp_path / "models", before)

    assert after.models == before.models
    [problem] = after.problems
    assert (problem.model, problem.version) == ("", "")


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ('{"stable": "3"}', "labels.json of cnn: stable: expected one of 1, 2, got 3"),
        ('{"canary": "3"}', "labels.json of cnn: canary: expected one of 1, 2, got 3"),
        ("{", "labels.json: expected a JSON object"),
    ],
)
def test_invalid_labels_change_nothing(
    tmp_path: Path, present: Planned, labels: str, reason: str
) -> None:
    """Not even a new version is served."""
    put_version(tmp_path, 2)
    (tmp_path / "cnn" / "labels.json").write_text(labels)

    after = plan(tmp_path, present)

    assert after.models == present.models
    assert reason in after.problems[0].reason


def test_labels_roll_back(tmp_path: Path, present: Planned) -> None:
    """A pinned version is served although there is a higher one."""
    put_version(tmp_path, 2)
    (tmp_path / "cnn" / "labels.json").write_text('{"stable": "1", "canary": "2"}')

    after = plan(tmp_path, present)

    model = after.models["cnn"]
    assert model.stable is present.models["cnn"].stable
    assert model.canary is model.find("2")


def test_unloaded_versions_are_left_out(tmp_path: Path, present: Planned) -> None:
    """Of a folder, of a flat file, and of a whole model."""
    put_version(tmp_path, 2)
    put(tmp_path / "cnn.safetensors", version="5")
    put_version(tmp_path, 1, name="dnn")
    unloaded = frozenset({("cnn", "2"), ("cnn", "5"), ("dnn", "")})

    after = plan(tmp_path, present, unloaded=unloaded)

    assert after.models == present.models
    assert after.problems == ()


def test_only_one_model_is_changed(tmp_path: Path, present: Planned) -> None:
    """The others keep their versions and their problems."""
    put_version(tmp_path, 2)
    put_version(tmp_path, 1, name="dnn")
    damage(tmp_path / "rnn" / "1" / "model.safetensors", "corrupt")
    before = Planned(present.models, (Problem("other", "1", "reason"), Problem("dnn", "9", "old")))

    after = plan(tmp_path, before, only="dnn")

    assert {name: served(after, name) for name in after.models} == {"cnn": "1", "dnn": "1"}
    assert after.problems == (Problem("other", "1", "reason"),)


def test_two_files_of_a_version_are_a_problem(tmp_path: Path, present: Planned) -> None:
    """A flat file whose card has the version of a folder is named."""
    put(tmp_path / "cnn.safetensors", version="1")

    after = plan(tmp_path, present)

    [problem] = after.problems
    assert "expected another version than" in problem.reason
    assert [one.version for one in after.models["cnn"].versions] == ["1"]
