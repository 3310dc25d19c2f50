"""The place of the weights that ``fit`` writes: a file, or a new version in a model directory."""

import dataclasses
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from model_core.classifier import Classifier
from model_core.errors import ModelCoreError
from model_core.model_card import ModelCard
from model_core.weights import load_weights, save_weights
from training.errors import OutputError

# The file of a version in a model directory: docs/operations.md.
FILE_NAME = "model.safetensors"

_VERSION = re.compile(r"[1-9][0-9]{0,17}")


class Written(NamedTuple):
    """A weights file that was written: path, model card, SHA-256 in hex."""

    path: Path
    card: ModelCard
    sha256: str


class Destination(Protocol):
    """Interface of a place for weights."""

    def check(self) -> None:
        """Refuse a place that cannot be written, before hours of training rather than after."""
        ...

    def newest(self) -> Path | None:
        """Return the weights file with the highest version there, if there is one."""
        ...

    def next_version(self) -> int:
        """Return the version that the weights get unless another one is given."""
        ...

    def write(self, classifier: Classifier, card: ModelCard) -> Written:
        """Write the weights file."""
        ...


@dataclass(frozen=True, slots=True)
class WeightsPath:
    """A weights file, which is replaced; versions begin above ``above``."""

    path: Path
    above: int = 0

    def __str__(self) -> str:
        return str(self.path)

    def check(self) -> None:
        """Raise OutputError if the file cannot be written."""
        directory = self.path.parent
        if self.path.is_dir() or not directory.is_dir() or not os.access(directory, os.W_OK):
            raise OutputError(
                f"--out {self.path}: expected a file in a directory that can be written"
            )

    def newest(self) -> Path | None:
        """Return the file, if it exists."""
        return self.path if self.path.is_file() else None

    def next_version(self) -> int:
        """Return one more than the version of the file, or the first one."""
        return 1 + max(self.above, stored_version(self.path))

    def write(self, classifier: Classifier, card: ModelCard) -> Written:
        """Write the file atomically; the version is that of the card."""
        return Written(self.path, card, save_weights(self.path, classifier, card))


@dataclass(frozen=True, slots=True)
class ModelDirectory:
    """A directory of models, ``NAME/VERSION/model.safetensors``, as the service serves it.

    ``version`` is the number to write; None takes the next free one, above ``above``.
    """

    directory: Path
    name: str
    version: int | None = None
    above: int = 0

    def __str__(self) -> str:
        return f"a version of {self.name} in {self.directory}"

    def check(self) -> None:
        """Raise OutputError if the directory cannot be written, or has the version."""
        if not self.directory.is_dir() or not os.access(self.directory, os.W_OK):
            raise OutputError(
                f"--into {self.directory}: expected a directory of models that can be written"
            )
        if self.version and self._folder(self.version).exists():
            raise self._taken(self.version)

    def newest(self) -> Path | None:
        """Return the file of the highest version in a folder, else the single file of the model."""
        for version in sorted(self._versions(), reverse=True):
            return self._folder(version) / FILE_NAME
        single = self._single
        return single if single.is_file() else None

    def next_version(self) -> int:
        """Return the next free number."""
        single = stored_version(self._single)
        return 1 + max([self.above, single, *self._versions()])

    def write(self, classifier: Classifier, card: ModelCard) -> Written:
        """Write the version beside its place, then rename it: the service sees all of it or none.

        Raises: OutputError if the version that was asked for exists by now.
        """
        model = self.directory / self.name
        model.mkdir(exist_ok=True)
        part = model / f".{secrets.token_hex(4)}.part"
        part.mkdir()
        try:
            while True:
                version = self.version or self.next_version()
                numbered = dataclasses.replace(card, version=str(version))
                sha256 = save_weights(part / FILE_NAME, classifier, numbered)
                if self._rename(part, version):
                    return Written(self._folder(version) / FILE_NAME, numbered, sha256)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _rename(self, part: Path, version: int) -> bool:
        """Give a version its name; return whether it was free."""
        try:
            part.rename(self._folder(version))
        except OSError:
            if self.version or not self._folder(version).exists():
                raise self._taken(version) from None
            return False
        return True

    def _versions(self) -> list[int]:
        """Return the numbers of all version folders, also those without a weights file."""
        folder = self.directory / self.name
        names = os.listdir(folder) if folder.is_dir() else []
        return [int(name) for name in names if _VERSION.fullmatch(name)]

    def _folder(self, version: int) -> Path:
        return self.directory / self.name / str(version)

    @property
    def _single(self) -> Path:
        return self.directory / f"{self.name}.safetensors"

    def _taken(self, version: int) -> OutputError:
        return OutputError(f"{self._folder(version)}: expected no such version yet, got one")


def stored_version(path: Path) -> int:
    """Return the version of a weights file; 0 if there is none, or it is no number."""
    try:
        version = load_weights(path).card.version
    except ModelCoreError:
        return 0
    return int(version) if version.isdecimal() else 0
