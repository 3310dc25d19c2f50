"""tritonclient.http: inference with its default settings, as JSON, compressed, by 8 threads."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient
from tritonclient.utils import InferenceServerException

from tests.app.clients.open_inference.answers import Answers, ask, texts
from tests.app.clients.open_inference.tensors import classes, image, image_bytes, outputs
from tests.support.recording_proxy import recording
from tests.support.servers import Server

ROWS = pytest.mark.parametrize("rows", [1, 256])


@ROWS
def test_default_settings(triton: Any, drawn: Answers, rows: int) -> None:
    """Binary tensors both ways, no outputs named: every output comes, equal to /v1's answer."""
    expected = drawn.first(rows)

    result = triton.infer("cnn", [image(expected.images)])

    expected.check(result)
    document = result.get_response()
    assert document["model_name"] == "cnn"
    assert "id" not in document
    assert result.get_output("probabilities")["parameters"]["binary_data_size"] == rows * 5 * 4


@ROWS
@pytest.mark.parametrize("sent", [True, False], ids=["binary sent", "JSON sent"])
@pytest.mark.parametrize("wanted", [True, False], ids=["binary wanted", "JSON wanted"])
def test_binary_and_json(triton: Any, drawn: Answers, rows: int, sent: bool, wanted: bool) -> None:
    """Each way of sending is answered in each way."""
    expected = drawn.first(rows)

    result = triton.infer(
        "cnn", [image(expected.images, binary=sent)], outputs=outputs(binary=wanted)
    )

    expected.check(result)
    assert ("data" in result.get_output("digit")) is not wanted


@pytest.mark.parametrize("rows", [1, 64])
@pytest.mark.parametrize("wanted", [True, False], ids=["binary wanted", "JSON wanted"])
def test_encoded_pictures(triton: Any, drawn: Answers, rows: int, wanted: bool) -> None:
    """PNG files as elements of ``image_bytes`` get the answers that /v1 gives for them."""
    expected = drawn.first(rows)

    result = triton.infer("cnn", [image_bytes(expected.files)], outputs=outputs(binary=wanted))

    expected.check(result)


@pytest.mark.parametrize("model", ["dnn", "cnn10"])
def test_the_other_models(triton: Any, service: Server, drawn: Answers, model: str) -> None:
    """Each model answers with its own number of labels."""
    expected = ask(service, drawn.files[:3], model)

    expected.check(triton.infer(model, [image(expected.images)]))


def test_only_the_named_outputs_come(triton: Any, drawn: Answers) -> None:
    """Outputs come in the order asked for; one may be binary beside one in JSON."""
    named = [*outputs("digit", binary=False), *outputs("probabilities")]

    result = triton.infer("cnn", [image(drawn.images[:2])], outputs=named)

    assert [one["name"] for one in result.get_response()["outputs"]] == ["digit", "probabilities"]
    assert result.as_numpy("digit").tolist() == drawn.digits[:2]
    assert result.as_numpy("probabilities").shape == (2, 5)
    assert result.as_numpy("decision") is None


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
@pytest.mark.parametrize("rows", [1, 256])
def test_compressed(triton: Any, drawn: Answers, algorithm: str, rows: int) -> None:
    """A compressed request is read, and the answer to a client that takes compression is right."""
    expected = drawn.first(rows)

    result = triton.infer(
        "cnn",
        [image(expected.images)],
        request_compression_algorithm=algorithm,
        response_compression_algorithm=algorithm,
    )

    expected.check(result)


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("count", [1, 3, 5, 9])
def test_classification(triton: Any, drawn: Answers, count: int, binary: bool) -> None:
    """The most probable labels come as value:index:label, best first, at most all labels."""
    result = triton.infer("cnn", [image(drawn.images[:2])], outputs=classes(count, binary=binary))

    found = result.as_numpy("probabilities")
    assert found.shape == (2, min(count, 5))
    assert result.get_output("probabilities")["datatype"] == "BYTES"
    for row, probabilities in zip(found, drawn.probabilities, strict=False):
        best = np.argsort(probabilities)[::-1]
        for text, place in zip(texts(row), best, strict=False):
            value, index, label = text.split(":")
            assert (int(index), label) == (place, str(place))
            assert float(value) == pytest.approx(probabilities[place], rel=1e-3, abs=1e-6)


def test_the_id_is_echoed(triton: Any, drawn: Answers) -> None:
    """The request's id is in the answer, whatever its characters."""
    for name in ("1", "a-b_c.d", "zw\u00f6lf und \u4e8c"):
        result = triton.infer("cnn", [image(drawn.images[:1])], request_id=name)

        assert result.get_response()["id"] == name


def test_unknown_parameters_are_ignored(triton: Any, drawn: Answers) -> None:
    """Sequence, priority, timeout and parameters of the caller's own change nothing."""
    result = triton.infer(
        "cnn",
        [image(drawn.images[:1])],
        sequence_id=7,
        sequence_start=True,
        priority=2,
        timeout=1_000_000,
        parameters={"team": "a"},
    )

    drawn.first(1).check(result)


def test_the_version_is_answered(triton: Any, drawn: Answers) -> None:
    """A request that names the version gets it, and the answer names it."""
    version = triton.get_model_metadata("cnn")["versions"][-1]

    result = triton.infer("cnn", [image(drawn.images[:1])], model_version=version)

    drawn.first(1).check(result)
    assert result.get_response()["model_version"] == version


def test_one_connection_is_kept(service: Server, drawn: Answers) -> None:
    """Requests of every kind and errors between them use one connection."""
    expected = drawn.first(2)
    with recording(service.port) as proxy:
        with InferenceServerClient(f"127.0.0.1:{proxy.port}") as client:
            for binary in (True, False, True):
                expected.check(client.infer("cnn", [image(expected.images, binary=binary)]))
                expected.check(client.infer("cnn", [image_bytes(expected.files)]))
                with pytest.raises(InferenceServerException, match="unknown"):
                    client.infer("unknown", [image(expected.images)])
                client.get_model_metadata("cnn")

        assert proxy.connections == 1


def test_no_rows(triton: Any, drawn: Answers) -> None:
    """No images get no predictions."""
    result = triton.infer("cnn", [image(drawn.images[:0])])

    assert result.as_numpy("probabilities").size == 0
    assert result.get_output("probabilities")["shape"] == [0, 5]


def test_async_infer(service: Server, drawn: Answers) -> None:
    """Requests of the client's greenlets, four at the same time, get their own answers."""
    with InferenceServerClient(f"127.0.0.1:{service.port}", concurrency=4) as client:
        asked = [
            client.async_infer("cnn", [image(drawn.images[row : row + 1])]) for row in range(32)
        ]
        digits = [one.get_result().as_numpy("digit")[0] for one in asked]

    assert digits == drawn.digits[:32]


def test_eight_threads(service: Server, drawn: Answers) -> None:
    """Eight clients in threads send at the same time; no answer is another's."""

    def send(thread: int) -> None:
        with InferenceServerClient(f"127.0.0.1:{service.port}") as client:
            for number in range(25):
                row = thread * 25 + number
                name = f"{thread}.{number}"
                sent = [image(drawn.images[row : row + 1])]
                result = client.infer("cnn", sent, request_id=name)
                assert result.get_response()["id"] == name
                assert result.as_numpy("digit").tolist() == drawn.digits[row : row + 1]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
