"""POST /v2/models/{name}/infer: answers, and one raw request for each error."""

import gzip
import json
import struct
import tracemalloc
import zlib
from typing import Any

import httpx
import numpy as np
import pytest

from app.api.v2.tensors import DATATYPES, Tensor
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from model_core.preprocessing import PREPROCESSING_VERSION
from tests.app.conftest import Client
from tests.support.pictures import as_bytes, encode, two
from tests.support.servers import Server
from tests.support.tensors import (
    binary_request,
    describe,
    files_tensor,
    image_tensor,
    json_request,
    model_input,
)

URL = "/v2/models/cnn/infer"
ROW = image_tensor(1)
OUTPUTS = ["probabilities", "digit", "decision", "reason"]


def framed(head: bytes, data: bytes, **headers: str) -> dict[str, Any]:
    """Return the content and the headers of a request with binary data."""
    return {
        "content": head + data,
        "headers": {"Inference-Header-Content-Length": str(len(head)), **headers},
    }


def read_binary(response: httpx.Response) -> dict[str, Any]:
    """Return the outputs of a response with binary data, by name."""
    length = int(response.headers["inference-header-content-length"])
    document, rest = json.loads(response.content[:length]), response.content[length:]
    values: dict[str, Any] = {}
    for output in document["outputs"]:
        assert "data" not in output
        size = output["parameters"]["binary_data_size"]
        values[output["name"]], rest = _decode(output, rest[:size]), rest[size:]
    assert rest == b""
    return values


def _decode(output: dict[str, Any], data: bytes) -> Any:
    if output["datatype"] != "BYTES":
        return np.frombuffer(data, DATATYPES[output["datatype"]]).reshape(output["shape"]).tolist()
    texts = []
    while data:
        (length,) = struct.unpack_from("<I", data)
        texts.append(data[4 : 4 + length].decode())
        data = data[4 + length :]
    return texts


def values(response: httpx.Response) -> dict[str, Any]:
    """Return the data of the outputs in JSON, by name."""
    assert response.status_code == 200, response.text
    return {output["name"]: output["data"] for output in response.json()["outputs"]}


def refuse(client: Client, status: int = 400, **request: Any) -> str:
    """Send a request that is refused; return the text of the error."""
    response = client.post(URL, **request)

    assert response.status_code == status, response.text
    document = response.json()
    assert document["error"] == document["detail"]
    return str(document["error"])


def test_the_default_request_of_clients(client: Client, registry: Registry) -> None:
    """Binary data in both directions, without a Content-Type; all outputs in their order."""
    response = client.post(URL, **framed(*binary_request(ROW)))
    document = json.loads(
        response.content[: int(response.headers["inference-header-content-length"])]
    )

    assert response.status_code == 200
    assert "content-type" not in response.request.headers
    assert response.headers["content-type"] == "application/octet-stream"
    kinds = [(one["name"], one["datatype"], one["shape"]) for one in document["outputs"]]
    assert kinds == [
        ("probabilities", "FP32", [1, 5]),
        ("digit", "INT64", [1]),
        ("decision", "BYTES", [1]),
        ("reason", "BYTES", [1]),
    ]
    got = read_binary(response)
    [expected] = registry.default.classifier.predict(model_input()[None])
    assert got["probabilities"] == [pytest.approx(expected.probabilities, abs=1e-6)]
    assert (got["digit"], got["decision"], got["reason"]) == ([2], ["accept"], [""])


def test_the_receipt_says_what_has_answered(client: Client, registry: Registry) -> None:
    """Name, version, digest, version of the preprocessing, request id; and the caller's id."""
    headers = {"X-Request-ID": "my-request"}
    answer = client.post(URL, content=json_request(ROW, id="a \u00e9"), headers=headers).json()
    model = registry.default

    assert (answer["model_name"], answer["model_version"]) == ("cnn", model.version)
    assert answer["id"] == "a \u00e9"
    assert answer["parameters"] == {
        "sha256": model.sha256,
        "preprocessing": PREPROCESSING_VERSION,
        "request_id": "my-request",
    }
    assert "id" not in client.post(URL, content=json_request(ROW)).json()


def test_json_and_binary_data_give_the_same(client: Client) -> None:
    """In each direction; JSON data is flat or nested."""
    expected = values(client.post(URL, content=json_request(ROW)))
    flat = describe(ROW, data=np.asarray(ROW.values).ravel().tolist())
    head, data = binary_request(ROW, binary_output=False)

    assert values(client.post(URL, content=json.dumps({"inputs": [flat]}))) == expected
    assert values(client.post(URL, **framed(head, data))) == expected
    binary = read_binary(client.post(URL, **framed(*binary_request(ROW))))
    assert binary["probabilities"] == [pytest.approx(expected["probabilities"])]
    assert {name: binary[name] for name in OUTPUTS[1:]} == {
        name: expected[name] for name in OUTPUTS[1:]
    }


@pytest.mark.parametrize("content_type", ["application/json", "application/octet-stream", "x"])
def test_the_content_type_does_not_matter(client: Client, content_type: str) -> None:
    """Clients send different ones, or none."""
    headers = {"Content-Type": content_type}

    assert client.post(URL, content=json_request(ROW), headers=headers).status_code == 200


@pytest.mark.parametrize("rows", [1, 31, 32, 33, 70])
def test_each_row_is_answered_in_order(client: Client, registry: Registry, rows: int) -> None:
    """Whatever the number of passes."""
    images = np.repeat(model_input()[None], rows, axis=0)
    images[::3] = 0  # each third is blank
    head, data = binary_request(Tensor("image", "FP32", images.shape, images))

    got = read_binary(client.post(URL, **framed(head, data)))

    expected = registry.default.classifier.predict(images)
    assert got["digit"] == [one.digit for one in expected]
    assert got["decision"] == [one.decision for one in expected]
    assert got["reason"] == [one.reason or "" for one in expected]
    for row, one in zip(got["probabilities"], expected, strict=True):
        assert row == pytest.approx(one.probabilities, abs=1e-6)


def test_an_empty_batch_has_an_empty_answer(client: Client) -> None:
    """For both inputs."""
    for tensor in (image_tensor(0), files_tensor()):
        answer = client.post(URL, content=json_request(tensor)).json()

        assert [one["shape"] for one in answer["outputs"]] == [[0, 5], [0], [0], [0]]
        assert [one["data"] for one in answer["outputs"]] == [[], [], [], []]


def test_encoded_images_are_preprocessed(client: Client) -> None:
    """The answers are those of uploads; binary, or base64 in JSON."""
    files = [as_bytes(300), encode(two(28), "BMP"), as_bytes()]
    expected = [client.post("/v1/predictions", content=one).json() for one in files]

    for request in (
        framed(*binary_request(files_tensor(*files), binary_output=False)),
        {"content": json_request(files_tensor(*files))},
    ):
        got = values(client.post(URL, **request))

        assert got["digit"] == [one["digit"] for one in expected]
        assert got["decision"] == [one["decision"] for one in expected]
        flat = [share for one in expected for share in one["probabilities"].values()]
        assert got["probabilities"] == pytest.approx(flat, abs=1e-6)


def test_the_requested_outputs_are_returned(client: Client) -> None:
    """In the order of the request; the parameters of an output win over those of the request."""
    outputs = [
        {"name": "reason", "parameters": {"binary_data": False}},
        {"name": "probabilities", "parameters": {"unknown": 1}},
        {"name": "digit"},
    ]
    response = client.post(URL, **framed(*binary_request(ROW, outputs=outputs)))
    length = int(response.headers["inference-header-content-length"])
    reason, probabilities, digit = json.loads(response.content[:length])["outputs"]

    assert reason == {"name": "reason", "datatype": "BYTES", "shape": [1], "data": [""]}
    assert (probabilities["name"], probabilities["parameters"]) == (
        "probabilities",
        {"binary_data_size": 20},
    )
    assert digit["parameters"] == {"binary_data_size": 8}
    assert len(response.content) == length + 28
    empty = client.post(URL, content=json_request(ROW, outputs=[], parameters=None))
    assert list(values(empty)) == OUTPUTS


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (3, 3), (5, 5), (1000, 5)])
def test_classification_is_clamped(client: Client, asked: int, given: int) -> None:
    """The best labels as value:index:label, best first, at most as many as there are."""
    outputs = [{"name": "probabilities", "parameters": {"classification": asked}}]
    rows = image_tensor(2)
    [output] = client.post(URL, content=json_request(rows, outputs=outputs)).json()["outputs"]
    best = [text.split(":") for text in output["data"][:given]]

    assert (output["datatype"], output["shape"]) == ("BYTES", [2, given])
    assert output["data"] == output["data"][:given] * 2
    assert best[0][1:] == ["2", "2"]
    assert [float(one[0]) for one in best] == sorted((float(one[0]) for one in best), reverse=True)
    head, data = binary_request(rows, outputs=outputs)
    binary = read_binary(client.post(URL, **framed(head, data)))
    assert binary["probabilities"] == output["data"]


def test_a_version_can_be_named(client: Client, registry: Registry) -> None:
    """By number or role; another one is unknown."""
    body = json_request(ROW)
    for version in (registry.default.version, "stable"):
        answer = client.post(f"/v2/models/cnn/versions/{version}/infer", content=body).json()
        assert answer["model_version"] == registry.default.version

    for url in ("/v2/models/cnn/versions/0/infer", "/v2/models/x/infer"):
        response = client.post(url, content=body)
        assert response.status_code == 404
        assert "expected" in response.json()["error"]


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_compressed_bodies(client: Client, coding: str) -> None:
    """JSON and binary data are compressed together; the length is that of the JSON before."""
    squeeze = gzip.compress if coding == "gzip" else zlib.compress
    head, data = binary_request(image_tensor(200), binary_output=False)
    sent = {"Content-Encoding": coding, "Accept-Encoding": coding}
    request = framed(head, data, **sent) | {"content": squeeze(head + data)}

    response = client.post(URL, **request)

    assert len(values(response)["digit"]) == 200
    assert response.headers["content-encoding"] == coding


def test_a_response_is_plain_unless_the_client_asks(client: Client) -> None:
    """And metadata always is."""
    plain = {"Accept-Encoding": "identity"}
    body = json_request(image_tensor(50))

    assert "content-encoding" not in client.post(URL, content=body, headers=plain).headers
    for path in ("/v2", "/v2/models/cnn", "/v2/models/cnn/config"):
        assert "content-encoding" not in client.get(path).headers


def test_a_bomb_is_refused(client: Client) -> None:
    """The limit on bodies counts decompressed bytes."""
    bomb = {"content": gzip.compress(bytes(50_000_000)), "headers": {"Content-Encoding": "gzip"}}

    error = refuse(client, 413, **bomb)

    assert error == "body: expected at most 200000 bytes when decompressed, got more"
    assert client.app.body_limit.total_bytes == 0


def test_decompressed_bodies_count_in_the_total(registry: Registry, readiness: Readiness) -> None:
    """A body that is small when compressed cannot exceed the limit of all bodies together."""
    client = Client(create_app(Settings(max_total_body_bytes=2_000), registry, readiness))
    head, data = binary_request(image_tensor(10))
    request = framed(head, data) | {"content": gzip.compress(head + data)}
    request["headers"]["Content-Encoding"] = "gzip"

    assert "at most 2000 bytes of request bodies" in refuse(client, 429, **request)
    assert client.app.body_limit.total_bytes == 0


@pytest.mark.parametrize("length", ["x", "-1", "1.5", "2000", "9" * 30, "\u0661"])
def test_the_length_of_the_json_is_within_the_body(client: Client, length: str) -> None:
    """A number of bytes, not more than there are."""
    head, data = binary_request(ROW)
    headers = {"Inference-Header-Content-Length": length.encode()}

    error = refuse(client, content=head + data, headers=headers)

    assert error.startswith("Inference-Header-Content-Length: expected the length of the JSON")


def test_the_binary_data_is_as_long_as_the_json_says(client: Client) -> None:
    """Too few bytes, and bytes left over."""
    head, data = binary_request(ROW)
    text = "body: expected 784 bytes of binary data behind the JSON, got "

    assert refuse(client, **framed(head, data[:-1])) == f"{text}783"
    assert refuse(client, **framed(head, data + b"x")) == f"{text}785"
    assert refuse(client, content=head) == f"{text}0"
    assert refuse(client, content=head + data).startswith("body: expected an inference request")


def changed(**fields: Any) -> bytes:
    """Return a JSON request whose input has other fields; None removes one."""
    one = describe(ROW, data=np.asarray(ROW.values).tolist()) | fields
    return json.dumps({"inputs": [{k: v for k, v in one.items() if v is not None}]}).encode()


ERRORS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "body: expected an inference request, got"),
    "no JSON": (b"{", "body: expected an inference request, got: Invalid JSON"),
    "deep": (b"[" * 50_000, "body: expected an inference request, got: Invalid JSON"),
    "array": (b"[]", "body: expected an inference request"),
    "no inputs": (b"{}", "inputs: expected an inference request, got: Field required"),
    "id": (json_request(ROW, id=1), "id: expected an inference request, got: Input should be a"),
    "no name": (changed(name=None), "inputs.0.name: "),
    "no input": (b'{"inputs":[]}', "exactly one of image and image_bytes, got none"),
    "other input": (changed(name="x"), "exactly one of image and image_bytes, got 'x'"),
    "two inputs": (
        json_request(ROW, files_tensor(as_bytes())),
        "exactly one of image and image_bytes, got 'image', 'image_bytes'",
    ),
    "twice": (json_request(ROW, ROW), "exactly one of image and image_bytes, got 'image', 'ima"),
    "unknown datatype": (changed(datatype="FP31"), "inputs.0.datatype: "),
    "other datatype": (changed(datatype="FP64"), "image: expected datatype FP32, got FP64"),
    "files as numbers": (
        json_request(Tensor("image_bytes", "FP32", (1,), np.zeros(1, np.float32))),
        "image_bytes: expected datatype BYTES, got FP32",
    ),
    "image as files": (
        json_request(Tensor("image", "BYTES", (1,), [b"x"])),
        "image: expected datatype FP32, got BYTES",
    ),
    "negative shape": (changed(shape=[-1, 14, 14]), "inputs.0.shape.0: "),
    "other shape": (
        json_request(Tensor("image", "FP32", (1, 28, 28), np.zeros((1, 28, 28), np.float32))),
        "image: expected shape [N, 14, 14], got [1, 28, 28]",
    ),
    "flat shape": (
        changed(shape=[196], data=[0] * 196),
        "image: expected shape [N, 14, 14], got [196]",
    ),
    "scalar": (changed(shape=[], data=[0]), "image: expected shape [N, 14, 14], got []"),
    "shape of files": (
        json_request(Tensor("image_bytes", "BYTES", (1, 1), [b"x"])),
        "image_bytes: expected shape [N], got [1, 1]",
    ),
    "too many files": (
        json_request(files_tensor(*[b"x"] * 5)),
        "image_bytes: expected at most 4 elements, got 5",
    ),
    "wrong number": (changed(data=[0, 1]), "image: expected 196 values for shape [1, 14, 14], got"),
    "text": (changed(data=["0"] * 196), "image: expected values of FP32, got others"),
    "no data": (changed(data=None), "image: expected either data or parameters.binary_data_size"),
    "both": (
        changed(parameters={"binary_data_size": 784}),
        "image: expected either data or parameters.binary_data_size, got both",
    ),
    "large shape": (changed(shape=[2**63]), "inputs.0.shape.0: "),
    "long shape": (changed(shape=[2**62] * 9), "inputs.0.shape: "),
    "large size": (
        changed(shape=[2**62] * 8, data=None, parameters={"binary_data_size": 0}),
        f"image: expected {2**498} bytes for FP32",
    ),
    "long name": (changed(name="x" * 257), "inputs.0.name: "),
    "many inputs": (json_request(*[ROW] * 17), "inputs: "),
    "many outputs": (json_request(ROW, outputs=[{"name": "digit"}] * 17), "outputs: "),
    "negative size": (
        changed(data=None, parameters={"binary_data_size": -1}),
        "inputs.0.parameters.binary_data_size: ",
    ),
    "shared memory": (
        changed(parameters={"shared_memory_region": "x"}),
        "image: expected data in the request, got shared_memory_region, which is not supported",
    ),
    "shared memory of an output": (
        json_request(ROW, outputs=[{"name": "digit", "parameters": {"shared_memory_region": "x"}}]),
        "digit: expected data in the request, got shared_memory_region, which is not supported",
    ),
    "other output": (
        json_request(ROW, outputs=[{"name": "x"}]),
        "outputs: expected some of probabilities, digit, decision, reason, got 'x'",
    ),
    "output twice": (
        json_request(ROW, outputs=[{"name": "digit"}] * 2),
        "outputs: expected digit once, got it repeatedly",
    ),
    "no classes": (
        json_request(ROW, outputs=[{"name": "probabilities", "parameters": {"classification": 0}}]),
        "outputs.0.parameters.classification: ",
    ),
    "classes of digits": (
        json_request(ROW, outputs=[{"name": "digit", "parameters": {"classification": 1}}]),
        "digit: expected classification only for probabilities, got it here",
    ),
    "not base64": (
        json.dumps({"inputs": [describe(files_tensor(b""), data=["?"])]}).encode(),
        "image_bytes[0]: expected base64, got",
    ),
}


@pytest.mark.parametrize(("body", "error"), ERRORS.values(), ids=ERRORS)
def test_invalid_requests_are_refused(client: Client, body: bytes, error: str) -> None:
    """Each has 400 with an error that says what was expected, and what came."""
    assert error in refuse(client, content=body)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.nan, "nan"),
        (np.inf, "inf"),
        (-np.inf, "-inf"),
        (255.0, "255.0"),
        (np.nextafter(np.float32(1), np.float32(2)), "1.0000001"),
        (-0.5, "-0.5"),
    ],
)
def test_values_out_of_range_are_refused(client: Client, value: float, shown: str) -> None:
    """The error says where it is; -0 is in the range."""
    images = np.zeros((2, 14, 14), np.float32)
    images[0, 0, 0], images[1, 2, 3] = -0.0, value
    tensor = Tensor("image", "FP32", images.shape, images)

    expected = f"image[1][2][3]: expected a number from 0 to 1, got {shown}"
    assert refuse(client, **framed(*binary_request(tensor))) == expected
    if np.isfinite(value):
        assert refuse(client, content=json_request(tensor)) == expected
    images[1, 2, 3] = 1
    assert client.post(URL, **framed(*binary_request(tensor))).status_code == 200


@pytest.mark.parametrize(
    ("file", "status", "error"),
    [
        (b"", 400, "image_bytes[1]: image: expected"),
        (b"%PDF-1.4", 415, "image_bytes[1]: image: expected"),
        (as_bytes()[:60], 422, "image_bytes[1]: image: "),
        (encode(two(1001)), 413, "image_bytes[1]: image: "),
    ],
)
def test_a_broken_file_is_named(client: Client, file: bytes, status: int, error: str) -> None:
    """The request has the status of its first file that cannot be decoded."""
    tensor = files_tensor(as_bytes(), file, b"also broken")

    assert refuse(client, status, **framed(*binary_request(tensor))).startswith(error)


def test_json_has_a_largest_number_of_values(registry: Registry, readiness: Readiness) -> None:
    """They are counted before they are parsed; binary data is not."""
    settings = Settings(max_json_tensor_values=250)
    client = Client(create_app(settings, registry, readiness))

    assert client.post(URL, content=json_request(ROW)).status_code == 200
    assert client.post(URL, **framed(*binary_request(image_tensor(9)))).status_code == 200
    error = refuse(client, 413, content=json_request(image_tensor(2)))
    assert error == (
        "JSON: expected at most 250 values, got more; send large tensors as binary data"
    )
    long = json_request(ROW, id="x" * 250 * 32)
    assert "JSON: expected at most 8000 bytes" in refuse(client, 413, content=long)


def test_texts_take_no_more_memory_than_they_have(client: Client) -> None:
    """NumPy's array of texts would have the longest one's length for each: 6 GB here."""
    texts = ["0" * 100_000, *["0"] * 14_999]
    body = changed(shape=[len(texts)], data=texts)
    tracemalloc.start()
    try:
        assert "expected values of FP32" in refuse(client, content=body)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("unit", [b"[],", b"{},", b"0,", b'"",'])
def test_the_number_of_values_bounds_the_memory(client: Client, unit: bytes) -> None:
    """Each kind of value is counted."""
    body = b'{"inputs":[' + unit * 65_600 + b"0]}"

    assert "at most 65536 values" in refuse(client, 413, content=body)


def test_the_limit_on_bodies_bounds_the_rows(client: Client) -> None:
    """A tensor of images has no other limit."""
    assert client.post(URL, **framed(*binary_request(image_tensor(250)))).status_code == 200
    assert "at most 200000 bytes" in refuse(
        client, 413, **framed(*binary_request(image_tensor(256)))
    )


def test_another_coding_is_refused(client: Client) -> None:
    """The response names the supported ones (RFC 9110, section 15.5.16)."""
    response = client.post(URL, content=b"x", headers={"Content-Encoding": "br"})

    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "gzip, deflate"
    assert response.json()["error"] == "Content-Encoding: expected gzip or deflate, got br"


def test_a_real_server_answers(server: Server) -> None:
    """Fast path and ASGI application; 256 rows need another limit than this server's."""
    for rows in (1, 100):
        request = framed(*binary_request(image_tensor(rows)))
        got = read_binary(httpx.post(server.url + URL, **request))
        assert got["digit"] == [2] * rows
    quoted = httpx.post(f"{server.url}/v2/models/%63nn/infer", content=json_request(ROW))
    assert values(quoted)["digit"] == [2]
