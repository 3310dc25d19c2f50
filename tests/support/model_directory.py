"""Model directories of untrained models, with valid and invalid weights files."""

from pathlib import Path

import numpy as np

from model_core.architectures import build
from model_core.preprocessing import PREPROCESSING_VERSION
from model_core.weights import save_weights
from tests.support.models import pretrained


def put(
    path: Path,
    *,
    seed: int = 0,
    version: str = "7",
    preprocessing: str = PREPROCESSING_VERSION,
    labels: tuple[int, ...] = (0, 1, 2, 3, 4),
) -> str:
    """Write a weights file at once and return its SHA-256; ``version`` is that of its card."""
    classifier = build("notebook-dnn", labels=labels, rng=np.random.default_rng(seed))
    one = pretrained(
        classifier, architecture="notebook-dnn", version=version, preprocessing=preprocessing
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    return save_weights(path, classifier, one.card)


def put_version(directory: Path, version: int, *, name: str = "cnn") -> str:
    """Write a version with weights of its own and return the SHA-256 of its file."""
    return put(directory / name / str(version) / "model.safetensors", seed=version)


def damage(path: Path, kind: str) -> None:
    """Write an invalid weights file: truncated, corrupt, with another self-test, or outdated."""
    put(path, preprocessing="1" if kind == "outdated" else PREPROCESSING_VERSION)
    content = path.read_bytes()
    if kind == "truncated":
        path.write_bytes(content[:1000])
    elif kind == "corrupt":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif kind == "self-test":
        _change_self_test(path)


def _change_self_test(path: Path) -> None:
    """Write a valid file whose stored answers are those of other weights."""
    from model_core import weights

    answers = weights._self_test_answers
    try:
        weights._self_test_answers = lambda classifier: np.roll(answers(classifier), 1, axis=1)
        put(path)
    finally:
        weights._self_test_answers = answers


DAMAGES = ["truncated", "corrupt", "self-test", "outdated"]
REASONS = {
    "truncated": "expected a complete safetensors file, got 1000 bytes",
    "corrupt": "content: expected SHA-256",
    "self-test": "self-test: expected [[",
    "outdated": "expected weights for preprocessing version",
}
