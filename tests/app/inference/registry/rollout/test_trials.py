"""Versions on trial: which version is the stable one beside them."""

from pathlib import Path

import pytest

from app.inference.registry import RegistryError, Trials, load_registry
from app.setting_types import VersionShare
from tests.app.inference.registry.test_registry import loaded, save


def trial(version: str, model: str = "cnn") -> VersionShare:
    """Return the setting of a version on trial."""
    return VersionShare(model, version, 0.5)


@pytest.mark.parametrize(
    ("trials", "labels", "roles"),
    [
        (Trials(), {}, ("3", None)),
        (Trials(canary=trial("3")), {}, ("2", "3")),
        (Trials(shadow=trial("3")), {}, ("2", None)),
        (Trials(canary=trial("3"), shadow=trial("2")), {}, ("1", "3")),
        (Trials(canary=trial("1")), {}, ("3", "1")),
        (Trials(canary=trial("3", "dnn")), {}, ("3", None)),
        (Trials(), {"canary": "3"}, ("2", "3")),
        (Trials(), {"stable": "3", "canary": "3"}, ("3", "3")),
        (Trials(canary=trial("3")), {"stable": "1", "canary": "2"}, ("1", "3")),
        (Trials(canary=trial("9")), {}, ("3", None)),
    ],
)
def test_the_stable_version_is_the_highest_that_is_not_on_trial(
    trials: Trials, labels: dict[str, str], roles: tuple[str, str | None]
) -> None:
    """Unless it is pinned; the canary is the setting's, else the pinned one."""
    model = trials.choose_roles((loaded("1"), loaded("2"), loaded("3")), labels)

    assert (model.stable.version, model.canary and model.canary.version) == roles


def test_the_only_version_is_served_though_it_is_on_trial() -> None:
    """A model always has a stable version."""
    assert Trials(canary=trial("1")).choose_roles((loaded("1"),), {}).stable.version == "1"


@pytest.mark.parametrize(
    ("trials", "message"),
    [
        (Trials(canary=trial("9")), "CANARY: expected one of the versions of cnn, 1, 2, got 9"),
        (Trials(shadow=trial("9")), "SHADOW: expected one of the versions of cnn, 1, 2, got 9"),
        (Trials(shadow=trial("1", "x")), "SHADOW: expected one of the models cnn, got x"),
    ],
)
def test_a_version_on_trial_must_be_there_at_the_start(
    tmp_path: Path, trials: Trials, message: str
) -> None:
    """The service does not start with a setting that has no effect."""
    for version in ("1", "2"):
        save(tmp_path / "cnn" / version / "model.safetensors")

    with pytest.raises(RegistryError) as error:
        load_registry(tmp_path, trials=trials)

    assert str(error.value) == f"DIGITS_{message}"
