"""Inference in PyTorch on one thread, of the same layers."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from model_core.classifier import Classifier
from model_core.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU
from model_core.parameter import Array


def pytorch(classifier: Classifier) -> Callable[[Array], Any]:
    """Return a function from images to probabilities that runs in PyTorch."""
    torch.set_num_threads(1)
    network = nn.Sequential(*map(_module, classifier.network.layers)).eval()
    with torch.no_grad():
        for theirs, (_, ours) in zip(
            network.parameters(), classifier.network.named_parameters(), strict=True
        ):
            theirs.copy_(torch.tensor(ours.value.T if ours.value.ndim == 2 else ours.value))

    def infer(images: Array) -> Any:
        with torch.no_grad():
            return torch.softmax(network(torch.from_numpy(images[:, None])), 1)

    return infer


def _module(layer: Layer) -> nn.Module:
    match layer:
        case Conv2d():
            outputs, inputs, size, _ = layer.weight.value.shape
            return nn.Conv2d(inputs, outputs, size, layer.stride, layer.padding)
        case Linear():
            return nn.Linear(*layer.weight.value.shape)
        case MaxPool2d():
            return nn.MaxPool2d(layer.kernel_size)
        case Flatten():
            return nn.Flatten()
        case ReLU():
            return nn.ReLU()
    raise TypeError(f"layer: expected one that PyTorch has, got {layer}")
