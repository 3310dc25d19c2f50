"""Model directories with several versions of the shipped model."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np

from model_core.weights import load_weights, pretrained_dir, save_weights


def save_versions(
    directory: Path, *versions: str, noise: float = 0.1, labels: dict[str, str] | None = None
) -> Path:
    """Write versions of the shipped cnn; return the directory.

    The first version is the shipped file. The weights of the others have relative ``noise``: with
    0.1 they give nearly the same answers, with 1 they often give others. ``labels`` pins versions.
    """
    shipped = pretrained_dir() / "cnn.safetensors"
    for number, version in enumerate(versions):
        path = directory / "cnn" / version / "model.safetensors"
        path.parent.mkdir(parents=True)
        if number == 0:
            shutil.copy(shipped, path)
        else:
            _save_changed(shipped, path, version, noise)
    if labels is not None:
        (directory / "cnn" / "labels.json").write_text(json.dumps(labels))
    return directory


def _save_changed(source: Path, path: Path, version: str, noise: float) -> None:
    rng = np.random.default_rng(len(version) + ord(version[-1]))
    one = load_weights(source)
    for _, parameter in one.classifier.network.named_parameters():
        value = parameter.value
        parameter.value = value * (1 + noise * rng.standard_normal(value.shape, np.float32))
    save_weights(path, one.classifier, dataclasses.replace(one.card, version=version))
