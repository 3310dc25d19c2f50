"""Loading of model versions: digest, metadata, self-test and version of the preprocessing."""

import hashlib
from contextlib import suppress

from app.inference.batcher import MicroBatcher
from app.inference.registry.directory import WeightsFile
from app.inference.registry.errors import RegistryError
from app.inference.registry.loaded_model import LoadedModel
from model_core.errors import ModelCoreError
from model_core.preprocessing import PREPROCESSING_VERSION
from model_core.weights import load_weights

_REMEDY = "train it again with `python -m training fit`, or remove the file"


def load_model(file: WeightsFile) -> LoadedModel:
    """Load, verify and self-test a weights file.

    The version is the folder's, also if the model card has another one.
    Raises: RegistryError for an invalid file.
    """
    path = file.path
    try:
        pretrained = load_weights(path)
        pretrained.self_test()
    except ModelCoreError as error:
        text = str(error) if str(path) in str(error) else f"{path}: {error}"
        raise RegistryError(f"{text}; {_REMEDY}") from error
    version = pretrained.card.preprocessing
    if version != PREPROCESSING_VERSION:
        raise RegistryError(
            f"{path}: expected weights for preprocessing version {PREPROCESSING_VERSION}, "
            f"got {version}; {_REMEDY}"
        )
    return LoadedModel(
        file.name,
        file.version or pretrained.card.version,
        pretrained,
        MicroBatcher(pretrained.classifier),
        path,
    )


def load_or_keep(file: WeightsFile, present: LoadedModel | None) -> LoadedModel:
    """Return ``present`` if the file has the digest from which it was loaded, else load the file.

    Raises: RegistryError for an invalid file.
    """
    try:
        if present is not None:
            with suppress(OSError):
                if hashlib.sha256(file.path.read_bytes()).hexdigest() == present.sha256:
                    return present
        return load_model(file)
    except (OSError, MemoryError) as error:
        raise RegistryError(f"{file.path}: expected a weights file, got {error!r}") from error
