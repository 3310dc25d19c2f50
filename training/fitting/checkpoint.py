"""Where a run stands, in a file: enough to go on as if it had never stopped."""

import dataclasses
from pathlib import Path
from typing import Any

from model_core.atomic_write import write_atomically
from model_core.errors import WeightsFileError
from model_core.safetensors_file import decode, encode
from training.data.mnist import data_digest
from training.errors import CheckpointError
from training.fitting.loop import Run, State

FILE = "checkpoint.safetensors"


class Checkpoint:
    """The checkpoint of one run, in a directory of its own.

    Raises: CheckpointError if the directory cannot be made, or has a checkpoint that is not to be
    resumed: it is not overwritten by another run.
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

    def save(self, run: Run) -> None:
        """Write where the run stands; the checkpoint before is there until this one is whole.

        Raises: CheckpointError if it cannot be written.
        """
        document = {"run": _identity(run), "state": dataclasses.asdict(run.state)}
        try:
            write_atomically(self.path, encode(run.memory, document))
        except OSError as error:
            raise CheckpointError(
                f"{self.path}: expected to write it, got: {error.strerror}"
            ) from None

    def restore(self, run: Run) -> None:
        """Put a new run where the checkpoint stands; without one it stays at the start.

        Raises: CheckpointError if the checkpoint is broken, or that of a run with another recipe,
        seed, digits or data.
        """
        if not self.path.exists():
            return
        try:
            arrays, document = decode(self.path.read_bytes())
        except (WeightsFileError, OSError) as error:
            raise CheckpointError(f"{self.path}: {error}") from None
        self._check(document.get("run", {}), _identity(run))
        for name, array in run.memory.items():
            array[...] = arrays[name]
        run.state = State(**document["state"])

    def _check(self, expected: dict[str, Any], got: dict[str, Any]) -> None:
        for name, value in got.items():
            if expected.get(name) != value:
                raise CheckpointError(
                    f"{self.path}: {name}: expected {expected.get(name)} as in the checkpoint, "
                    f"got {value}"
                )


def _identity(run: Run) -> dict[str, Any]:
    """Return all that makes a run this run, as JSON has it."""
    return dataclasses.asdict(run.recipe) | {
        "digits": list(run.classifier.labels),
        "seed": run.seed,
        "training_data": data_digest(),
    }
