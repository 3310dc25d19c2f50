"""MLServer with a runtime that runs our own classifier: the same arithmetic, another server."""

import argparse
import asyncio

import numpy as np
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

from model_core.classifier import BLOCK, Prediction
from model_core.weights import load_weights, pretrained_dir


class Digits(MLModel):  # type: ignore[misc]
    """Runtime that classifies the input ``image`` in passes of the size that is fastest."""

    async def load(self) -> bool:
        """Load the shipped model."""
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


def main() -> None:
    """Serve until the process is ended, without a log and without processes for inference."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.serve_mlserver")
    parser.add_argument("--port", type=int, required=True)
    settings = Settings(
        debug=False,
        parallel_workers=0,
        host="127.0.0.1",
        http_port=parser.parse_args().port,
        grpc_port=0,
        metrics_endpoint=None,
    )
    model = ModelSettings(name="cnn", implementation=Digits)
    asyncio.run(MLServer(settings).start([model]))


if __name__ == "__main__":
    main()
