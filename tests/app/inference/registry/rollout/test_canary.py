"""Canary: which requests it answers."""

import subprocess
import sys
from collections import Counter

from structlog.testing import capture_logs

from app.inference.registry import ModelVersions, Registry, Trials
from app.inference.registry.rollout.canary import hash_share
from app.setting_types import VersionShare
from tests.app.inference.registry.test_registry import loaded

ONE, TWO = loaded("1"), loaded("2")
BOTH = {"cnn": ModelVersions((ONE, TWO), ONE, TWO)}

# Chosen ids in another process, where Python's own hashes are different.
OTHER_PROCESS = """
from app.inference.registry.rollout.canary import hash_share
print([number for number in range(2000) if hash_share(f"request-{number}") < 0.05])
"""


def registry(share: float = 0.05) -> Registry:
    """Return a registry of which the second version is a canary."""
    return Registry(BOTH, default="cnn", trials=Trials(canary=VersionShare("cnn", "2", share)))


def test_the_canary_answers_its_share() -> None:
    """5 % of 40,000 ids within four standard deviations, random or counted up."""
    one = registry()
    for ids in ([f"request-{n}" for n in range(40_000)], [f"{n:032x}" for n in range(40_000)]):
        counts = Counter(one.get("cnn", None, text).version for text in ids)

        assert abs(counts["2"] - 2000) < 4 * (40_000 * 0.05 * 0.95) ** 0.5


def test_the_hash_is_evenly_spread() -> None:
    """Each tenth of 0 to 1 has its share of the ids (chi-squared, 9 degrees, p = 0.001)."""
    counts = Counter(int(10 * hash_share(str(number))) for number in range(20_000))

    assert sum((count - 2000) ** 2 / 2000 for count in counts.values()) < 27.9
    assert len(counts) == 10


def test_an_id_has_the_same_version_in_every_process() -> None:
    """The hash does not depend on the process."""
    done = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS], capture_output=True, text=True, check=True
    )
    one = registry()

    chosen = [n for n in range(2000) if one.get(None, None, f"request-{n}") is TWO]

    assert f"{chosen}\n" == done.stdout
    assert len(chosen) > 50


def test_a_request_that_names_a_version_gets_it() -> None:
    """Also if its id is one of the canary's; and another model has no canary."""
    other = loaded("1", "dnn")
    models = BOTH | {"dnn": ModelVersions((other,), other)}
    one = Registry(models, default="cnn", trials=Trials(canary=VersionShare("cnn", "2", 1)))

    assert one.get("cnn", None, "id") is TWO
    assert one.get("cnn", "1", "id") is one.get(None, "stable", "id") is ONE
    assert one.get("dnn", None, "id") is other


def test_a_canary_without_a_share_is_only_named() -> None:
    """One that labels.json pins answers those who ask for it."""
    one = Registry(BOTH, default="cnn")

    assert {one.get(None, None, str(n)) for n in range(100)} == {ONE}
    assert one.get(None, "canary", "1") is TWO


def test_the_stable_version_answers_for_a_canary_that_has_gone() -> None:
    """The log says so once, and once more if it has come back and gone again."""
    one = registry(share=1)
    alone = {"cnn": ModelVersions((ONE,), ONE)}
    with capture_logs() as lines:
        for models in (alone, BOTH, alone):
            one.switch(models)
            answers = {one.get(None, None, str(n)) for n in range(3)}

            assert answers == {models["cnn"].canary or ONE}

    warning = {
        "event": "canary is not loaded, the stable version answers",
        "log_level": "warning",
        "model": "cnn",
        "version": "2",
    }
    assert lines == [warning, warning]
