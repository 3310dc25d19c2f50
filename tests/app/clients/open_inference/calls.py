"""The calls of tritonclient that the table of compatibility has, for both of its clients."""

from typing import Any, NamedTuple

import numpy as np
from tritonclient.http import InferInput

from model_core.parameter import Array
from model_core.preprocessing import downsample
from tests.app.clients.open_inference.tensors import classes, image, image_bytes, outputs
from tests.support.pictures import as_bytes, two

IMAGES: Array = downsample(np.asarray(two())[None])
MANY = np.repeat(IMAGES, 256, axis=0)


class Call(NamedTuple):
    """A call: its words in the table, the client's method, and the arguments."""

    words: str
    method: str
    arguments: tuple[Any, ...] = ()
    options: dict[str, Any] = {}  # noqa: RUF012 - never changed


def infer(words: str, *inputs: Any, model: str = "cnn", **options: Any) -> Call:
    """Return a call of ``infer``; the input is one image if there is none."""
    return Call(f"infer, {words}", "infer", (model, [*inputs] or [image(IMAGES)]), options)


def compressed(algorithm: str) -> dict[str, str]:
    """Return the options for both directions."""
    ways = ("request", "response")
    return {f"{way}_compression_algorithm": algorithm for way in ways}


def tensor(array: Any, datatype: str, name: str = "image") -> Any:
    """Return an input that the model does not have."""
    return InferInput(name, list(array.shape), datatype).set_data_from_numpy(array)


ABOUT = [
    Call("is_server_live", "is_server_live"),
    Call("is_server_ready", "is_server_ready"),
    Call("is_model_ready", "is_model_ready", ("cnn",)),
    Call("is_model_ready, unknown", "is_model_ready", ("unknown",)),
    Call("get_server_metadata", "get_server_metadata"),
    Call("get_model_metadata", "get_model_metadata", ("cnn",)),
    Call("get_model_config", "get_model_config", ("cnn",)),
    Call("get_inference_statistics", "get_inference_statistics", ("cnn",)),
    Call("get_inference_statistics, all", "get_inference_statistics"),
    Call("get_model_repository_index", "get_model_repository_index"),
]

INFER = [
    infer("default settings"),
    infer("256 rows", image(MANY)),
    infer("JSON both ways", image(IMAGES, binary=False), outputs=outputs(binary=False)),
    infer("one output", outputs=outputs("digit")),
    infer("PNG files", image_bytes([as_bytes()] * 2)),
    infer("best 3 labels", outputs=classes(3)),
    infer("best 99 labels, JSON", outputs=classes(99, binary=False)),
    infer("gzip both ways", image(MANY), **compressed("gzip")),
    infer("deflate both ways", image(MANY), **compressed("deflate")),
    infer("request id", request_id="one"),
    infer("unknown model", model="unknown"),
    infer("unknown version", model_version="999"),
    infer("wrong name", tensor(IMAGES, "FP32", "pixels")),
    infer("wrong shape", tensor(np.zeros((1, 28, 28), np.float32), "FP32")),
    infer("wrong type", tensor(IMAGES.astype(np.int64), "INT64")),
    infer("no picture", image_bytes([b"no picture"])),
    infer("unknown output", outputs=outputs("logits")),
]

MANAGE = [
    Call("unload_model, without a key", "unload_model", ("dnn",)),
    Call("unload_model", "unload_model", ("dnn",)),
    Call("load_model", "load_model", ("dnn",)),
    Call("load_model, unknown", "load_model", ("unknown",)),
]

NOT_OFFERED = [
    Call("get_trace_settings", "get_trace_settings"),
    Call("get_log_settings", "get_log_settings"),
    Call("get_system_shared_memory_status", "get_system_shared_memory_status"),
    Call("get_cuda_shared_memory_status", "get_cuda_shared_memory_status"),
]
