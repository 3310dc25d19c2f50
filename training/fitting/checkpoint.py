"""Checkpoints: a training run saved to a file, to be resumed exactly."""

import dataclasses
from pathlib import Path
from typing import Any

from model_core.atomic_write import write_atomically
from model_core.errors import WeightsFileError
from model_core.layers.conv import KERNEL_LAYOUT
from model_core.parameter import Array
from model_core.safetensors_file import decode, encode
from training.data.mnist import data_digest
from training.errors import CheckpointError
from training.fitting.loop import TrainingRun, TrainingState

FILE = "checkpoint.safetensors"


class Checkpoint:
    """The checkpoint file of one run, in a directory of its own.

    Raises: CheckpointError if the directory cannot be made, or already has a checkpoint and
    ``resume`` is false: another run does not overwrite it.
    """

    def __init__(self, directory: Path, *, resume: bool) -> None:
        self.path = directory / FILE
        try:
            directory.mkdir(parents=True, exist_ok=True)
            found = self.path.exists()
        except OSError as error:
            raise CheckpointError(
                f"--checkpoint {directory}: expected a directory, got: {error.strerror}"
            ) from None
        if found and not resume:
            raise CheckpointError(
                f"{self.path}: expected none, got that of another run; go on with it by --resume, "
                "or remove it"
            )

    def save(self, run: TrainingRun) -> None:
        """Save the run, replacing the previous checkpoint atomically.

        Raises: CheckpointError if it cannot be written.
        """
        state = dataclasses.asdict(run.state)
        document = {"run": _identity(run), "state": state, "version": run.version}
        try:
            write_atomically(self.path, encode(run.arrays, document))
        except OSError as error:
            raise CheckpointError(
                f"{self.path}: expected to write it, got: {error.strerror}"
            ) from None

    def restore(self, run: TrainingRun) -> None:
        """Restore a new run from the checkpoint; without a checkpoint it is unchanged.

        Raises: CheckpointError if the checkpoint is corrupt, or belongs to a run with another
        recipe, seed, digits or data.
        """
        if not self.path.exists():
            return
        arrays, document = self._read()
        self._check(document.get("run", {}), _identity(run))
        for name, array in run.arrays.items():
            array[...] = arrays[name]
        run.state = TrainingState(**document["state"])

    @property
    def version(self) -> str | None:
        """The model version of the saved run; None without a checkpoint.

        Raises: CheckpointError if the checkpoint is corrupt.
        """
        return self._read()[1].get("version") if self.path.exists() else None

    def _read(self) -> tuple[dict[str, Array], dict[str, Any]]:
        try:
            return decode(self.path.read_bytes())
        except (WeightsFileError, OSError) as error:
            raise CheckpointError(f"{self.path}: {error}") from None

    def _check(self, expected: dict[str, Any], got: dict[str, Any]) -> None:
        for name in expected | got:
            value = got.get(name)
            if expected.get(name) != value:
                raise CheckpointError(
                    f"{self.path}: {name}: expected {expected.get(name)} as in the checkpoint, "
                    f"got {value}"
                )


def _identity(run: TrainingRun) -> dict[str, Any]:
    """Return the configuration of a run as a JSON object: all that decides its outcome."""
    return dataclasses.asdict(run.recipe) | {
        "digits": list(run.classifier.labels),
        "seed": run.seed,
        "training_data": data_digest(),
        "kernel_layout": KERNEL_LAYOUT,
        **run.origin,
    }
