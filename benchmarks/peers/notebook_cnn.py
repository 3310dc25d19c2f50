"""The notebook's CNN in PyTorch, used by all services that digitserve is compared with."""

import io
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn


class NotebookCnn:
    """Classifier of pictures in MNIST's format, with one thread."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        self._network = nn.Sequential(
            nn.Conv2d(1, 16, 3),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * 6 * 6, 16),
            nn.ReLU(),
            nn.Linear(16, 5),
        ).eval()

    def classify(self, file: bytes) -> dict[str, Any]:
        """Return the digit that a picture shows, and five probabilities."""
        with Image.open(io.BytesIO(file)) as opened:
            small = opened.convert("L").resize((14, 14))
        pixels = np.asarray(small, np.float32) / 255
        with torch.inference_mode():
            probabilities = self._network(torch.from_numpy(pixels)[None, None]).softmax(1)[0]
        return {"digit": int(probabilities.argmax()), "probabilities": probabilities.tolist()}
