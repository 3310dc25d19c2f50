"""LitServe with the notebook's CNN in PyTorch; an image comes as base64 in JSON."""

import argparse
import base64
import io
from typing import Any

import litserve
import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn


class Digits(litserve.LitAPI):  # type: ignore[misc]
    """Takes an image to have MNIST's form."""

    def setup(self, device: str) -> None:  # noqa: ARG002
        """Build the network."""
        torch.set_num_threads(1)
        self.model = nn.Sequential(
            nn.Conv2d(1, 16, 3),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * 6 * 6, 16),
            nn.ReLU(),
            nn.Linear(16, 5),
        ).eval()

    def decode_request(self, request: dict[str, str]) -> Tensor:
        """Return pixels."""
        with Image.open(io.BytesIO(base64.b64decode(request["image"]))) as opened:
            small = opened.convert("L").resize((14, 14))
        return torch.from_numpy(np.asarray(small, np.float32) / 255)[None, None]

    def predict(self, pixels: Tensor) -> Tensor:
        """Return probabilities."""
        with torch.inference_mode():
            probabilities: Tensor = self.model(pixels).softmax(1)[0]
        return probabilities

    def encode_response(self, output: Tensor) -> dict[str, Any]:
        """Return what goes over the wire."""
        return {"digit": int(output.argmax()), "probabilities": output.tolist()}


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.serve_litserve")
    parser.add_argument("--port", type=int, required=True)
    api = Digits(api_path="/v1/predictions")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(port=parser.parse_args().port, log_level="warning", generate_client_file=False)


if __name__ == "__main__":
    main()
