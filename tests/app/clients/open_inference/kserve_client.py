"""KServe's InferenceRESTClient; the test runs it with the Python of its own environment.

It reads a line of JSON from its standard input (``images``, and the same pictures as files in
base64) and prints a line of JSON for each call: its name, and what came of it.
"""

import asyncio
import base64
import itertools
import json
import sys
from collections.abc import Awaitable
from typing import Any

import numpy as np
from httpx import HTTPStatusError
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

NAMES = {True: "binary", False: "JSON", None: "nothing"}
OUTPUTS = ("probabilities", "digit", "decision", "reason")


def request(
    name: str, datatype: str, array: Any, *, sent: bool, wanted: bool | None, model: str = "cnn"
) -> InferRequest:
    """Return a request with one input; ``wanted`` is whether outputs are binary, or not named."""
    tensor = InferInput(name, list(array.shape), datatype)
    tensor.set_data_from_numpy(array, binary_data=sent)
    outputs = None
    if wanted is not None:
        outputs = [RequestedOutput(one, parameters={"binary_data": wanted}) for one in OUTPUTS]
    return InferRequest(model, [tensor], request_id="kserve", request_outputs=outputs)


def tensors(response: Any) -> dict[str, Any]:
    """Return the outputs of a response as lists."""
    found = {one.name: one.as_numpy() for one in response.outputs}
    texts = {name: array.tolist() for name, array in found.items()}
    for name in ("decision", "reason"):
        texts[name] = [one.decode() if isinstance(one, bytes) else one for one in texts[name]]
    return {"id": response.id, "model": response.model_name, **texts}


async def result(name: str, call: Awaitable[Any]) -> None:
    """Print what a call returns, or the text of its error."""
    try:
        answer = await call
    except HTTPStatusError as error:
        answer = {"status": error.response.status_code, "error": str(error)}
    if hasattr(answer, "outputs"):
        answer = tensors(answer)
    sys.stdout.write(json.dumps({"name": name, "answer": answer}) + "\n")


async def main(url: str, images: Any, files: list[bytes]) -> None:
    """Make every call of the client's protocol v2."""
    encoded, rows = np.array(files, np.object_), len(files)
    async with InferenceRESTClient(RESTConfig(protocol="v2", timeout=20)) as client:

        async def infer(words: str, name: str, *tensor: Any, **options: Any) -> None:
            """Send a request, and print what came of it."""
            sending = request(name, *tensor, **({"sent": True, "wanted": None} | options))
            await result(f"infer, {words}", client.infer(url, sending, sending.model_name))

        await result("is_server_live", client.is_server_live(url))
        await result("is_server_ready", client.is_server_ready(url))
        await result("is_model_ready", client.is_model_ready(url, "cnn"))
        await result("is_model_ready, unknown", client.is_model_ready(url, "unknown"))
        for count in sorted({1, rows}):
            for sent, wanted in itertools.product((True, False), (None, True, False)):
                words = f"{NAMES[sent]} sent, {NAMES[wanted]} wanted, rows: {count}"
                await infer(words, "image", "FP32", images[:count], sent=sent, wanted=wanted)
        await infer(f"files, rows: {rows}", "image_bytes", "BYTES", encoded, wanted=True)
        await infer("unknown model", "image", "FP32", images, model="unknown")
        await infer("wrong shape", "image", "FP32", images[:, 1:])


if __name__ == "__main__":
    given = json.loads(sys.stdin.readline())
    asyncio.run(
        main(
            sys.argv[1],
            np.array(given["images"], np.float32),
            [base64.b64decode(one) for one in given["files"]],
        )
    )
