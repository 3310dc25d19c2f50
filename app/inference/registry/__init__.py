"""Model registry: the directory of weights files, loading, and the versions of each model."""

from app.inference.registry.errors import RegistryError
from app.inference.registry.loaded_model import LoadedModel, ModelVersions
from app.inference.registry.registry import Registry
from app.inference.registry.rollout.trials import Trials
from app.inference.registry.start import load_registry

__all__ = [
    "LoadedModel",
    "ModelVersions",
    "Registry",
    "RegistryError",
    "Trials",
    "load_registry",
]
