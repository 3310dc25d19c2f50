"""tritonclient.http: errors raise InferenceServerException with our message and status."""

import re
from typing import Any

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from tests.app.clients.open_inference.answers import Answers
from tests.app.clients.open_inference.tensors import image, image_bytes
from tests.support.servers import Server, serve

API_KEY = "an-api-key-of-the-tests"


def tensor(name: str, array: Any, datatype: str) -> Any:
    """Return an input of any name and type."""
    return InferInput(name, list(array.shape), datatype).set_data_from_numpy(array)


ONE = np.zeros((1, 14, 14), np.float32)
REFUSED: dict[str, tuple[Any, str, str]] = {
    "28 pixels": ([tensor("image", np.zeros((1, 28, 28), np.float32), "FP32")], "400", "14, ?14"),
    "one axis": ([tensor("image", np.zeros(196, np.float32), "FP32")], "400", "14, ?14"),
    "FP64": ([tensor("image", ONE.astype(np.float64), "FP64")], "400", "FP32.*FP64"),
    "INT64": ([tensor("image", ONE.astype(np.int64), "INT64")], "400", "FP32.*INT64"),
    "unknown input": ([tensor("pixels", ONE, "FP32")], "400", "pixels"),
    "no input": ([], "400", "input"),
    "both inputs": ([image(ONE), image_bytes([b"x"])], "400", "image"),
    "not a picture": ([image_bytes([b"no picture"])], "415", "image"),
    "not a number": ([image(np.full_like(ONE, np.nan))], "400", "image"),
}


@pytest.mark.parametrize(("inputs", "status", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_inputs(
    triton: Any, drawn: Answers, inputs: list[Any], status: str, message: str
) -> None:
    """Wrong names, shapes, types and values are refused in our words; the connection goes on."""
    with pytest.raises(InferenceServerException) as caught:
        triton.infer("cnn", inputs)

    assert caught.value.status() == status
    assert re.search(message, caught.value.message())
    assert re.search("expected .*, got ", caught.value.message())
    drawn.first(1).check(triton.infer("cnn", [image(drawn.images[:1])]))


def test_unknown_model_and_version(triton: Any) -> None:
    """The error names the unknown model or version, and the existing ones."""
    with pytest.raises(InferenceServerException, match=r"cnn.*got.*unknown") as model:
        triton.infer("unknown", [image(ONE)])
    with pytest.raises(InferenceServerException, match="999") as version:
        triton.infer("cnn", [image(ONE)], model_version="999")

    assert (model.value.status(), version.value.status()) == ("404", "404")


def test_unknown_output(triton: Any) -> None:
    """An output that the model does not have is refused by its name."""
    with pytest.raises(InferenceServerException, match=r"expected .*, got .*logits") as caught:
        triton.infer("cnn", [image(ONE)], outputs=[InferRequestedOutput("logits")])

    assert caught.value.status() == "400"


@pytest.mark.parametrize("algorithm", [None, "gzip"])
def test_too_large_a_body(server: Server, drawn: Answers, algorithm: str | None) -> None:
    """A body over the limit is refused with 413, also one that is small until decompressed."""
    with InferenceServerClient(f"127.0.0.1:{server.port}") as client:
        rows = [image(np.zeros((1000, 14, 14), np.float32))]
        with pytest.raises(InferenceServerException, match=r"expected .*200000.*, got ") as caught:
            client.infer("cnn", rows, request_compression_algorithm=algorithm)

        drawn.first(1).check(client.infer("cnn", [image(drawn.images[:1])]))
    assert caught.value.status() == "413"


def test_what_is_not_offered(triton: Any) -> None:
    """Trace, logging and shared memory are answered with 501 and a message."""
    for call in (
        triton.get_trace_settings,
        triton.get_log_settings,
        triton.get_system_shared_memory_status,
        triton.get_cuda_shared_memory_status,
    ):
        with pytest.raises(InferenceServerException, match=r"\w+") as caught:
            call()

        assert caught.value.status() == "501"


def test_shared_memory_is_refused(triton: Any) -> None:
    """An input in shared memory, which the service does not read, gets 400."""
    remote = InferInput("image", [1, 14, 14], "FP32").set_shared_memory("region", 784)

    with pytest.raises(InferenceServerException, match="shared") as caught:
        triton.infer("cnn", [remote])

    assert caught.value.status() == "400"


def test_the_api_key(drawn: Answers) -> None:
    """With keys configured, a client without one gets 401, one with it its answer."""
    right = {"Authorization": f"Bearer {API_KEY}"}
    with (
        serve(DIGITS_API_KEYS=API_KEY) as guarded,
        InferenceServerClient(f"127.0.0.1:{guarded.port}") as client,
    ):
        for headers in (None, {"Authorization": "Bearer wrong"}):
            with pytest.raises(InferenceServerException, match="key") as caught:
                client.infer("cnn", [image(drawn.images[:1])], headers=headers)
            assert caught.value.status() == "401"
        result = client.infer("cnn", [image(drawn.images[:1])], headers=dict(right))

    drawn.first(1).check(result)
