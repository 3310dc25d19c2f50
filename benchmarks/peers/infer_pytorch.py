"""Inference of conv16-pool-64-5 in PyTorch, on one thread."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from model_core.classifier import Classifier
from model_core.parameter import Array


def pytorch(classifier: Classifier) -> Callable[[Array], Any]:
    """Return a function from images to probabilities that runs in PyTorch."""
    torch.set_num_threads(1)
    network = nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(576, 64),
        nn.ReLU(),
        nn.Linear(64, 5),
    ).eval()
    with torch.no_grad():
        for theirs, (_, ours) in zip(
            network.parameters(), classifier.network.named_parameters(), strict=True
        ):
            theirs.copy_(torch.tensor(ours.value.T if ours.value.ndim == 2 else ours.value))

    def infer(images: Array) -> Any:
        with torch.no_grad():
            return torch.softmax(network(torch.from_numpy(images[:, None])), 1)

    return infer
