"""Metadata documents: the server, a model, and a model's configuration.

Source: Open Inference Protocol over REST; Triton's model configuration extension
(``model_config.proto`` as JSON).
"""

from typing import Any

from app.api.v2.infer_request import IMAGE, IMAGE_BYTES
from app.api.v2.infer_response import OUTPUT_TYPES
from app.inference.registry import LoadedModel, Registry
from app.version import VERSION

NAME = "digitserve"

# Triton's names of protocol extensions; only those that work.
EXTENSIONS = [
    "binary_tensor_data",
    "classification",
    "model_configuration",
    "model_repository",
    "statistics",
]


def server_metadata() -> dict[str, Any]:
    """Return the metadata of the server (schema: ServerMetadata)."""
    return {"name": NAME, "version": VERSION, "extensions": EXTENSIONS}


def model_metadata(model: LoadedModel, registry: Registry) -> dict[str, Any]:
    """Return the metadata of a model's version (schema: ModelMetadata)."""
    inputs, outputs = _tensors(model)
    return {
        "name": model.name,
        "versions": [one.version for one in registry.versions(model.name)],
        "platform": NAME,
        "inputs": [_typed(name, *kind) for name, kind in inputs.items()],
        "outputs": [_typed(name, *kind) for name, kind in outputs.items()],
        "parameters": {
            "sha256": model.sha256,
            "preprocessing": model.pretrained.card.preprocessing,
            "labels": list(model.classifier.labels),
        },
    }


def model_config(model: LoadedModel) -> dict[str, Any]:
    """Return the configuration of a model's version.

    ``max_batch_size`` is 0: the shapes have the number of images as their first axis. A request has
    one of the two inputs.
    """
    inputs, outputs = _tensors(model)
    return {
        "name": model.name,
        "platform": NAME,
        "backend": NAME,
        "version_policy": {"specific": {"versions": [model.version]}},
        "max_batch_size": 0,
        "input": [{**_configured(name, *kind), "optional": True} for name, kind in inputs.items()],
        "output": [_configured(name, *kind) for name, kind in outputs.items()],
        "parameters": {
            "sha256": {"string_value": model.sha256},
            "preprocessing": {"string_value": model.pretrained.card.preprocessing},
        },
    }


_Kinds = dict[str, tuple[str, list[int]]]


def _tensors(model: LoadedModel) -> tuple[_Kinds, _Kinds]:
    """Return datatype and shape of each input and output, by name."""
    labels = len(model.classifier.labels)
    inputs = {
        IMAGE: ("FP32", [-1, *model.classifier.input_shape]),
        IMAGE_BYTES: ("BYTES", [-1]),
    }
    outputs = {
        name: (datatype, [labels if axis is None else axis for axis in shape])
        for name, (datatype, shape) in OUTPUT_TYPES.items()
    }
    return inputs, outputs


def _typed(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}


def _configured(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    kind = "STRING" if datatype == "BYTES" else datatype
    return {"name": name, "data_type": f"TYPE_{kind}", "dims": shape}
