"""MLServer with a runtime that runs our own classifier: the same arithmetic, another server.

``MLSERVER_PARALLEL_WORKERS=0`` runs it in the server's process; MLServer's default is a process of
its own.
"""

import argparse
import asyncio

import numpy as np
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

from model_core.classifier import Prediction
from model_core.network import BLOCK
from model_core.weights import load_weights, pretrained_dir


class Digits(MLModel):  # type: ignore[misc]
    """Runtime that classifies the input ``image`` in passes of the size that is fastest."""

    async def load(self) -> bool:
        """Load the shipped model of this name."""
        self.classifier = load_weights(pretrained_dir() / f"{self.name}.safetensors").classifier
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Return the same four outputs as our service."""
        images = np.asarray(NumpyCodec.decode_input(payload.inputs[0]), np.float32)
        found: list[Prediction] = []
        for start in range(0, len(images), BLOCK):
            found += self.classifier.predict(images[start : start + BLOCK])
        probabilities = np.array([one.probabilities for one in found], np.float32)
        digits = np.array([one.digit for one in found])
        return InferenceResponse(
            model_name=self.name,
            outputs=[
                NumpyCodec.encode_output("probabilities", probabilities),
                NumpyCodec.encode_output("digit", digits),
                StringCodec.encode_output("decision", [one.decision for one in found]),
                StringCodec.encode_output("reason", [one.reason or "" for one in found]),
            ],
        )


async def serve(port: int) -> None:
    """Serve until the process is ended, without a log and metrics."""
    settings = Settings(
        debug=False, host="127.0.0.1", http_port=port, grpc_port=0, metrics_endpoint=None
    )
    implementation = "benchmarks.peers.serve_mlserver.Digits"  # a process imports it by this name
    models = [ModelSettings(name=name, implementation=implementation) for name in ("cnn", "dnn")]
    await MLServer(settings).start(models)


def main() -> None:
    """Serve at the port that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.serve_mlserver")
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
