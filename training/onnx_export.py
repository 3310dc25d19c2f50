"""ONNX export of a classifier."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from model_core.classifier import Classifier
from model_core.layers import (
    Conv2d,
    Dropout,
    Flatten,
    Identity,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Tanh,
)
from model_core.parameter import Array
from model_core.test_time_augmentation import (
    CERTAIN_DIGIT,
    CERTAIN_REJECT,
    DIRECTIONS,
    shift_matrices,
)
from model_core.weights import Pretrained
from training.errors import ExportError

# Old enough for the runtimes in use, recent enough for every operator below.
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
    Dropout: lambda _: ("Identity", {}),  # as in inference
    Flatten: lambda _: ("Flatten", {"axis": 1}),
    Identity: lambda _: ("Identity", {}),
    Linear: lambda _: ("Gemm", {}),
    MaxPool2d: _max_pool2d,
    ReLU: lambda _: ("Relu", {}),
    Tanh: lambda _: ("Tanh", {}),
}


def to_onnx(pretrained: Pretrained) -> onnx.ModelProto:
    """Convert a model to ONNX; labels, thresholds and digest of the weights file are metadata.

    Shapes: input ``images`` (N, height, width) float32 in 0..1, light ink on black; output
    ``probabilities`` (N, len(labels)) float32, in the order of the metadata's ``labels``; and, if
    the network has a reject class, its probability ``none_of_them`` (N, 1) float32.
    Test-time augmentation is part of the graph, which evaluates five views of every image.
    Raises: ExportError for a layer without an ONNX operator in ``OPERATORS``.
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
    labels, network = len(classifier.labels), classifier.network
    tensors = {
        "first": np.array([0]),
        "axis": np.array([1]),
        "labels": np.array([labels]),
        "temperature": np.array(classifier.abstention.temperature, np.float32),
        **{name: parameter.value for name, parameter in network.named_parameters()},
    }
    outputs = [_batch("probabilities", labels)]
    if classifier.abstention.has_reject_class:
        tensors |= _augmentation_constants(classifier)
        nodes = [
            *_views(),
            *layer_nodes(network.layers, "views", "view_logits"),
            *_averaged_logits(),
            helper.make_node("Softmax", ["logits"], ["outcomes"], axis=1),
            helper.make_node("Slice", ["outcomes", "labels", "end", "axis"], ["none_of_them"]),
        ]
        outputs.append(_batch("none_of_them", 1))
    else:
        nodes = [
            helper.make_node("Unsqueeze", ["images", "axis"], ["channels"]),
            *layer_nodes(network.layers, "channels", "logits"),
        ]
    nodes += [
        helper.make_node("Slice", ["logits", "first", "labels", "axis"], ["digits"]),
        helper.make_node("Div", ["digits", "temperature"], ["scaled"]),
        helper.make_node("Softmax", ["scaled"], ["probabilities"], axis=1),
    ]
    constants = [numpy_helper.from_array(tensor, name) for name, tensor in tensors.items()]
    inputs = [_batch("images", *classifier.input_shape)]
    return helper.make_graph(nodes, "digitserve", inputs, outputs, constants)


def _augmentation_constants(classifier: Classifier) -> dict[str, Array]:
    """Return the constants of :func:`_views` and :func:`_averaged_logits`."""
    height, width = classifier.input_shape
    class_count = classifier.class_count
    return {
        "end": np.array([class_count]),
        "pixels": np.array([-1, height * width]),
        "view": np.array([-1, 1, height, width]),
        "by_view": np.array([-1, 1 + len(DIRECTIONS), class_count]),
        "one": np.array([-1, class_count]),
        "shifts": np.concatenate(shift_matrices(classifier.input_shape), axis=1),
        "certain_digit": np.array(CERTAIN_DIGIT, np.float32),
        "certain_reject": np.array(CERTAIN_REJECT, np.float32),
    }


def _views() -> list[onnx.NodeProto]:
    """Return the nodes for ``views`` (5N, 1, height, width): each image and its four shifts."""
    return [
        helper.make_node("Reshape", ["images", "pixels"], ["flat"]),
        helper.make_node("MatMul", ["flat", "shifts"], ["shifted"]),
        helper.make_node("Concat", ["flat", "shifted"], ["all_views"], axis=1),
        helper.make_node("Reshape", ["all_views", "view"], ["views"]),
    ]


def _averaged_logits() -> list[onnx.NodeProto]:
    """Return the nodes that average the logits of five views where the first is uncertain."""
    return [
        helper.make_node("Reshape", ["view_logits", "by_view"], ["by_image"]),
        helper.make_node("Slice", ["by_image", "first", "axis", "axis"], ["first_view"]),
        helper.make_node("Reshape", ["first_view", "one"], ["plain"]),
        helper.make_node("ReduceMean", ["by_image"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("Softmax", ["plain"], ["plain_outcomes"], axis=1),
        helper.make_node("Slice", ["plain_outcomes", "labels", "end", "axis"], ["reject"]),
        helper.make_node("Greater", ["reject", "certain_digit"], ["not_certain_digit"]),
        helper.make_node("Less", ["reject", "certain_reject"], ["not_certain_reject"]),
        helper.make_node("And", ["not_certain_digit", "not_certain_reject"], ["uncertain"]),
        helper.make_node("Where", ["uncertain", "mean", "plain"], ["logits"]),
    ]


def layer_nodes(layers: tuple[Layer, ...], first: str, last: str) -> list[onnx.NodeProto]:
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
