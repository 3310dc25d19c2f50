"""A classifier as an ONNX model, for runtimes that know nothing of this project."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from model_core.classifier import Classifier
from model_core.layers import Conv2d, Flatten, Identity, Layer, Linear, MaxPool2d, ReLU, Tanh
from model_core.weights import Pretrained
from training.errors import ExportError

# Old enough for the runtimes in use, new enough for every operator below.
OPSET = 17
IR_VERSION = 8

# An operator's name and attributes. Its inputs are the layer's input, then its parameters.
Operator = tuple[str, dict[str, Any]]


def _conv2d(layer: Conv2d) -> Operator:
    return "Conv", {"strides": [layer.stride] * 2, "pads": [layer.padding] * 4}


def _max_pool2d(layer: MaxPool2d) -> Operator:
    square = [layer.kernel_size] * 2
    return "MaxPool", {"kernel_shape": square, "strides": square}


OPERATORS: dict[type[Layer], Callable[[Any], Operator]] = {
    Conv2d: _conv2d,
    Flatten: lambda _: ("Flatten", {"axis": 1}),
    Identity: lambda _: ("Identity", {}),
    Linear: lambda _: ("Gemm", {}),
    MaxPool2d: _max_pool2d,
    ReLU: lambda _: ("Relu", {}),
    Tanh: lambda _: ("Tanh", {}),
}


def to_onnx(pretrained: Pretrained) -> onnx.ModelProto:
    """Return the model of a weights file; its metadata says which labels, and which file.

    Shapes: input ``images`` (N, height, width) float32 in 0..1, light ink on black; output
    ``probabilities`` (N, len(labels)) float32, in the order of the metadata's ``labels``; and, if
    the model has learned it, ``none_of_them`` (N, 1) float32, at one look: the classifier looks
    again at what is doubtful. When to abstain is in the metadata.
    Raises: ExportError if ONNX's twin of a layer is not known here.
    """
    model = helper.make_model(
        _graph(pretrained.classifier),
        producer_name="digitserve",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    metadata = {
        "labels": json.dumps(pretrained.card.labels),
        "abstention": json.dumps(dataclasses.asdict(pretrained.card.abstention)),
        "preprocessing": pretrained.card.preprocessing,
        "sha256": pretrained.sha256,
    }
    helper.set_model_props(model, metadata)
    return model


def _graph(classifier: Classifier) -> onnx.GraphProto:
    images, logits, labels = "images", "logits", len(classifier.labels)
    nodes = [helper.make_node("Unsqueeze", [images, "one"], ["channels"])]
    nodes += _chain(classifier.network.layers, "channels", logits)
    nodes += [
        helper.make_node("Slice", [logits, "zero", "labels", "one"], ["digits"]),
        helper.make_node("Div", ["digits", "temperature"], ["scaled"]),
        helper.make_node("Softmax", ["scaled"], ["probabilities"], axis=1),
    ]
    outputs = [_batch("probabilities", labels)]
    if classifier.abstention.knows_none:
        nodes += [
            helper.make_node("Softmax", [logits], ["outcomes"], axis=1),
            helper.make_node("Slice", ["outcomes", "labels", "end", "one"], ["none_of_them"]),
        ]
        outputs.append(_batch("none_of_them", 1))
    integers = {"zero": 0, "one": 1, "labels": labels, "end": labels + 1}
    constants = [helper.make_tensor(n, TensorProto.INT64, [1], [i]) for n, i in integers.items()]
    temperature = np.array(classifier.abstention.temperature, np.float32)
    parameters = classifier.network.named_parameters()
    tensors = [numpy_helper.from_array(p.value, name) for name, p in parameters]
    tensors.append(numpy_helper.from_array(temperature, "temperature"))
    inputs = [_batch(images, *classifier.input_shape)]
    return helper.make_graph(nodes, "digitserve", inputs, outputs, [*constants, *tensors])


def _chain(layers: tuple[Layer, ...], first: str, last: str) -> list[onnx.NodeProto]:
    """Return a node per layer, each working on the output of the one before."""
    nodes, value = [], first
    for number, layer in enumerate(layers):
        operator, attributes = _operator(number, layer)
        name = f"layers.{number}"
        inputs = [value, *(f"{name}.{parameter}" for parameter in layer.parameters())]
        value = last if number == len(layers) - 1 else f"{name}.output"
        nodes.append(helper.make_node(operator, inputs, [value], name, **attributes))
    return nodes


def _operator(number: int, layer: Layer) -> Operator:
    if type(layer) not in OPERATORS:
        known = ", ".join(kind.__name__ for kind in OPERATORS)
        raise ExportError(f"layer {number}: expected one of {known}, got {layer}")
    return OPERATORS[type(layer)](layer)


def _batch(name: str, *shape: int) -> onnx.ValueInfoProto:
    """Return a float32 input or output whose first axis has any length N."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape])
