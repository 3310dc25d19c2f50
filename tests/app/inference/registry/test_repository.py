"""Model repository: load, unload, and followers of the plan that cannot follow."""

import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.errors import ModelConflictError, UnknownModelError
from app.inference.registry import Registry, load_registry
from app.inference.registry.index import index_entries
from app.inference.registry.repository import ModelRepository
from app.inference.registry.shared_plan import SharedPlan
from tests.support.model_directory import DAMAGES, REASONS, damage, put, put_version


class Service:
    """A repository of a directory with the versions 1 and 2 of cnn, and version 1 of dnn."""

    def __init__(self, directory: Path) -> None:
        for version in (1, 2):
            put_version(directory, version)
        put_version(directory, 1, name="dnn")
        self.directory = directory
        self.shared = SharedPlan(2)
        self.loads: list[tuple[str, int]] = []
        self.registry = load_registry(directory)
        self.repository = ModelRepository(
            directory,
            self.registry,
            self.shared,
            on_load=lambda *one: self.loads.append(one),
        )
        self.loads.clear()

    def served(self) -> dict[str, str]:
        """Return the served version of each model."""
        return {name: one.stable.version for name, one in self.registry.models.items()}

    def states(self, name: str = "cnn") -> dict[str, str]:
        """Return the states of a model's versions."""
        return {one.version: one.state for one in index_entries(self.repository.plan, name)}


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """Return a repository with its directory."""
    return Service(tmp_path)


def test_a_rollback_by_unload_and_back_by_load(service: Service) -> None:
    """The version before is served, and after the load the higher one again."""
    service.repository.unload("cnn", "2")
    after_unload = service.served(), service.states()
    service.repository.load("cnn", "2")

    assert after_unload == (
        {"cnn": "1", "dnn": "1"},
        {"1": "READY", "2": "UNAVAILABLE"},
    )
    assert service.served() == {"cnn": "2", "dnn": "1"}


def test_a_reload_does_not_end_an_unload(service: Service) -> None:
    """Only load does."""
    service.repository.unload("cnn", "2")
    service.shared.request_reload()
    service.repository.work()

    assert service.served()["cnn"] == "1"


def test_unloaded_versions_are_forgotten_with_their_files(service: Service) -> None:
    """The plan does not grow with each version that has come and gone."""
    service.repository.unload("cnn", "2")
    service.repository.unload("dnn")
    for folder in (service.directory / "cnn" / "2", service.directory / "dnn"):
        shutil.rmtree(folder)
    put_version(service.directory, 3)
    service.repository.load("cnn", "3")

    assert service.repository.plan.unloaded == frozenset()
    assert service.states() == {"3": "READY", "1": "READY"}


def test_a_whole_model_is_unloaded_until_it_is_loaded(service: Service) -> None:
    """One of its versions can be loaded alone."""
    put_version(service.directory, 2, name="dnn")
    service.repository.load("dnn")
    service.repository.unload("dnn")
    after_unload = service.served(), service.states("dnn")
    service.repository.load("dnn", "1")
    after_one = service.served(), service.states("dnn")
    service.repository.load("dnn")

    assert after_unload == ({"cnn": "2"}, {"2": "UNAVAILABLE", "1": "UNAVAILABLE"})
    assert after_one == (
        {"cnn": "2", "dnn": "1"},
        {"1": "READY", "2": "UNAVAILABLE"},
    )
    assert service.served() == {"cnn": "2", "dnn": "2"}


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ([""], "default model: expected a version, got none"),
        (["2", "1"], "default model: expected a version, got none"),
    ],
)
def test_the_default_model_keeps_a_version(
    service: Service, versions: list[str], message: str
) -> None:
    """Unloading it or its last version is refused and changes nothing."""
    *first, last = versions
    for version in first:
        service.repository.unload("cnn", version)
    before = service.repository.plan

    with pytest.raises(ModelConflictError) as error:
        service.repository.unload("cnn", last)

    assert str(error.value) == message
    assert service.repository.plan == before


def test_a_pinned_version_is_not_unloaded(service: Service) -> None:
    """The pin has to be changed first."""
    (service.directory / "cnn" / "labels.json").write_text('{"stable": "1"}')

    with pytest.raises(ModelConflictError, match="stable: expected one of 2, got 1"):
        service.repository.unload("cnn", "1")

    assert service.served()["cnn"] == "2"  # the pin is not in force before a load


@pytest.mark.parametrize("operation", ["load", "unload"])
@pytest.mark.parametrize(("name", "version"), [("rnn", ""), ("cnn", "9"), ("", ""), ("..", "")])
def test_an_unknown_model_or_version_is_refused(
    service: Service, operation: str, name: str, version: str
) -> None:
    """The error lists what is loaded."""
    with pytest.raises(UnknownModelError, match="expected cnn:1 or cnn:2 or dnn:1, got"):
        getattr(service.repository, operation)(name, version)


@pytest.mark.parametrize("kind", DAMAGES)
def test_an_invalid_file_is_refused_and_reported_once(service: Service, kind: str) -> None:
    """Nothing is switched; log and counter have the problem one time, the index has it too."""
    damage(service.directory / "cnn" / "3" / "model.safetensors", kind)
    with capture_logs() as logged:
        for _ in range(2):
            with pytest.raises(ModelConflictError) as error:
                service.repository.load("cnn")
    [line] = [one for one in logged if one["event"] == "model refused"]
    entry = next(one for one in index_entries(service.repository.plan, "cnn") if one.version == "3")

    assert service.served()["cnn"] == "2"
    assert REASONS[kind] in str(error.value)
    assert (line["model"], line["version"]) == ("cnn", "3")
    assert line["problem"] == entry.reason
    assert entry.state == "UNAVAILABLE"
    assert str(service.directory) not in entry.reason
    assert [count for outcome, count in service.loads if outcome == "failure"] == [1]


def test_a_repaired_file_ends_the_problem(service: Service) -> None:
    """The version is served, and no problem is left."""
    damage(service.directory / "cnn" / "3" / "model.safetensors", "corrupt")
    with pytest.raises(ModelConflictError):
        service.repository.load("cnn", "3")
    put_version(service.directory, 3)
    service.repository.load("cnn", "3")

    assert service.served()["cnn"] == "3"
    assert service.repository.plan.problems == ()


def test_a_change_says_what_it_has_changed(service: Service) -> None:
    """One line in the log, from the process that made it."""
    put_version(service.directory, 3)
    with capture_logs() as logged:
        service.repository.load("cnn")

    assert logged == [
        {
            "event": "models changed",
            "log_level": "info",
            "cause": "load",
            "added": ["cnn:3"],
            "removed": [],
            "served": {"cnn": "3", "dnn": "1"},
        }
    ]


def test_an_equal_plan_is_not_published(service: Service) -> None:
    """A reload without changes has a line in the log and no new number."""
    before = service.shared.generation
    service.shared.request_reload()
    with capture_logs() as logged:
        service.repository.work()

    assert service.shared.generation == before
    assert [line["event"] for line in logged] == ["models unchanged"]
    assert not service.repository.has_work


class Worker:
    """A second process that follows the plan, in this one."""

    def __init__(self, service: Service) -> None:
        self.registry = Registry(service.registry.models, default="cnn")
        self.repository = ModelRepository(service.directory, self.registry, service.shared)
        self.repository.follower.become(1)
        service.repository.work()


def test_a_worker_follows_the_plan(service: Service) -> None:
    """It loads what is new, keeps what it has, and says so."""
    worker = Worker(service)
    put_version(service.directory, 3)
    generation = service.repository.load("cnn")
    before = service.shared.have_followed(generation)
    worker.repository.work()

    own, other = worker.registry.models["cnn"], service.registry.models["cnn"]
    assert (before, service.shared.have_followed(generation)) == (False, True)
    assert own.versions[:2] == other.versions[:2]
    assert own.stable is not other.stable
    assert own.stable.sha256 == other.stable.sha256
    assert service.shared.served(0) == service.shared.served(1)


@pytest.mark.parametrize("name", ["cnn", "dnn"])
@pytest.mark.parametrize("change", ["removed", "damaged", "another"])
def test_a_worker_that_cannot_follow_makes_a_plan_that_all_can(
    service: Service, name: str, change: str
) -> None:
    """If the file has changed since, the log says it, and all serve the same versions again."""
    worker = Worker(service)
    put_version(service.directory, 3, name=name)
    service.repository.load(name)
    path = service.directory / name / "3" / "model.safetensors"
    if change == "removed":
        shutil.rmtree(path.parent)
    elif change == "damaged":
        damage(path, "corrupt")
    else:
        put(path, seed=99)
    with capture_logs() as logged:
        worker.repository.work()
    service.repository.work()

    assert "plan cannot be followed" in [line["event"] for line in logged]
    assert service.shared.served(0) == service.shared.served(1)
    served = service.served()[name]
    assert served == ("3" if change == "another" else "2" if name == "cnn" else "1")


def test_a_new_model_comes_and_goes(service: Service) -> None:
    """It is served only between the two."""
    put_version(service.directory, 1, name="abc")
    service.repository.load("abc")
    assert service.served() == {"abc": "1", "cnn": "2", "dnn": "1"}

    service.repository.unload("abc")

    assert service.served() == {"cnn": "2", "dnn": "1"}
