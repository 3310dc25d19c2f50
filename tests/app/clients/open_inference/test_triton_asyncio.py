"""tritonclient.http.aio: the same calls from a coroutine."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tritonclient.http.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from tests.app.clients.open_inference.answers import Answers
from tests.app.clients.open_inference.tensors import classes, image, image_bytes, outputs
from tests.support.servers import Server

Talk = Callable[[Any], Awaitable[Any]]


def talk(service: Server, conversation: Talk) -> Any:
    """Run a conversation of a client with the service; return its result."""

    async def run() -> Any:
        async with InferenceServerClient(f"127.0.0.1:{service.port}") as client:
            return await conversation(client)

    return asyncio.run(run())


@pytest.mark.parametrize("rows", [1, 256])
@pytest.mark.parametrize("sent", [True, False], ids=["binary sent", "JSON sent"])
@pytest.mark.parametrize("wanted", [None, True, False], ids=["default", "binary", "JSON"])
def test_infer(service: Server, drawn: Answers, rows: int, sent: bool, wanted: bool | None) -> None:
    """Each way of sending is answered in each way."""
    expected = drawn.first(rows)
    named = None if wanted is None else outputs(binary=wanted)

    async def infer(client: Any) -> Any:
        return await client.infer("cnn", [image(expected.images, binary=sent)], outputs=named)

    expected.check(talk(service, infer))


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_compressed(service: Server, drawn: Answers, algorithm: str) -> None:
    """A compressed request is read, and the answer to a client that takes compression is right."""

    async def infer(client: Any) -> Any:
        return await client.infer(
            "cnn",
            [image(drawn.images)],
            request_compression_algorithm=algorithm,
            response_compression_algorithm=algorithm,
        )

    drawn.check(talk(service, infer))


def test_encoded_pictures_classes_and_id(service: Server, drawn: Answers) -> None:
    """PNG files, the most probable label, and the id that was sent."""

    async def infer(client: Any) -> Any:
        files = [image_bytes(drawn.files[:4])]
        return (
            await client.infer("cnn", files),
            await client.infer("cnn", files, outputs=classes(1), request_id="four"),
        )

    every, best = talk(service, infer)

    drawn.first(4).check(every)
    assert best.as_numpy("probabilities").shape == (4, 1)
    assert best.get_response()["id"] == "four"


def test_sixteen_at_the_same_time(service: Server, drawn: Answers) -> None:
    """Requests at the same time get their own answers."""

    async def infer(client: Any) -> Any:
        rows = [image(drawn.images[row : row + 1]) for row in range(64)]
        return await asyncio.gather(*(client.infer("cnn", [row]) for row in rows))

    found = [result.as_numpy("digit")[0] for result in talk(service, infer)]

    assert found == drawn.digits[:64]


def test_everything_about_server_and_models(service: Server) -> None:
    """Health, metadata, config, statistics and index are read by this client, too."""

    async def read(client: Any) -> None:
        assert await client.is_server_live()
        assert await client.is_server_ready()
        assert await client.is_model_ready("cnn")
        assert not await client.is_model_ready("unknown")
        assert (await client.get_server_metadata())["name"] == "digitserve"
        metadata = await client.get_model_metadata("cnn")
        assert await client.get_model_metadata("cnn", metadata["versions"][-1]) == metadata
        assert (await client.get_model_config("cnn"))["name"] == "cnn"
        assert (await client.get_inference_statistics("cnn"))["model_stats"]
        names = {one["name"] for one in await client.get_model_repository_index()}
        assert names == {"cnn", "cnn10", "dnn"}

    talk(service, read)


def test_an_error_has_our_message(service: Server, drawn: Answers) -> None:
    """An error raises the client's exception with status and message; the client goes on."""

    async def infer(client: Any) -> None:
        with pytest.raises(InferenceServerException, match="unknown") as caught:
            await client.infer("unknown", [image(drawn.images[:1])])
        assert caught.value.status() == "404"
        drawn.first(1).check(await client.infer("cnn", [image(drawn.images[:1])]))

    talk(service, infer)
