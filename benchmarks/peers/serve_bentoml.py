"""BentoML with the notebook's CNN in PyTorch; an image comes as base64 in JSON."""

import argparse
import base64
import io
from typing import Any

import bentoml
import numpy as np
import torch
from PIL import Image
from torch import nn


@bentoml.service(workers=1)
class Digits:
    """Takes an image to have MNIST's form."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        self.model = nn.Sequential(
            nn.Conv2d(1, 16, 3),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * 6 * 6, 16),
            nn.ReLU(),
            nn.Linear(16, 5),
        ).eval()

    @bentoml.api(route="/v1/predictions")  # type: ignore[untyped-decorator]
    async def predict(self, image: str) -> dict[str, Any]:
        """Classify one image."""
        with Image.open(io.BytesIO(base64.b64decode(image))) as opened:
            small = opened.convert("L").resize((14, 14))
        pixels = np.asarray(small, np.float32) / 255
        with torch.inference_mode():
            probabilities = self.model(torch.from_numpy(pixels)[None, None]).softmax(1)[0]
        return {"digit": int(probabilities.argmax()), "probabilities": probabilities.tolist()}


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.serve_bentoml")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    bentoml.serve("benchmarks.peers.serve_bentoml:Digits", port=port, blocking=True)


if __name__ == "__main__":
    main()
