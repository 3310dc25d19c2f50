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
from model_core.parameter import Array
from model_core.test_time_augmentation import DIGIT, NONE, turns
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
    the model has learned it, ``none_of_them`` (N, 1) float32. When to abstain is in the metadata.
    The second look at what is doubtful is part of the model, which looks at every image thrice.
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
    labels, network = len(classifier.labels), classifier.network
    tensors = {
        "first": np.array([0]),
        "axis": np.array([1]),
        "labels": np.array([labels]),
        "temperature": np.array(classifier.abstention.temperature, np.float32),
        **{name: parameter.value for name, parameter in network.named_parameters()},
    }
    outputs = [_batch("probabilities", labels)]
    if classifier.abstention.knows_none:
        tensors |= _second_look_tensors(classifier)
        nodes = [
            *_views(),
            *_chain(network.layers, "views", "looks"),
            *_second_look(),
            helper.make_node("Softmax", ["logits"], ["outcomes"], axis=1),
            helper.make_node("Slice", ["outcomes", "labels", "end", "axis"], ["none_of_them"]),
        ]
        outputs.append(_batch("none_of_them", 1))
    else:
        nodes = [
            helper.make_node("Unsqueeze", ["images", "axis"], ["channels"]),
            *_chain(network.layers, "channels", "logits"),
        ]
    nodes += [
        helper.make_node("Slice", ["logits", "first", "labels", "axis"], ["digits"]),
        helper.make_node("Div", ["digits", "temperature"], ["scaled"]),
        helper.make_node("Softmax", ["scaled"], ["probabilities"], axis=1),
    ]
    constants = [numpy_helper.from_array(tensor, name) for name, tensor in tensors.items()]
    inputs = [_batch("images", *classifier.input_shape)]
    return helper.make_graph(nodes, "digitserve", inputs, outputs, constants)


def _second_look_tensors(classifier: Classifier) -> dict[str, Array]:
    """Return the constants of :func:`_views` and :func:`_second_look`."""
    height, width = classifier.input_shape
    outcomes = classifier.outcomes
    return {
        "end": np.array([outcomes]),
        "pixels": np.array([-1, height * width]),
        "view": np.array([-1, 1, height, width]),
        "three": np.array([-1, 3, outcomes]),
        "one": np.array([-1, outcomes]),
        "turns": np.concatenate(turns(classifier.input_shape), axis=1),
        "digit": np.array(DIGIT, np.float32),
        "none": np.array(NONE, np.float32),
    }


def _views() -> list[onnx.NodeProto]:
    """Return what puts two turned views behind each image: ``views``, (3N, 1, height, width)."""
    return [
        helper.make_node("Reshape", ["images", "pixels"], ["flat"]),
        helper.make_node("MatMul", ["flat", "turns"], ["turned"]),
        helper.make_node("Concat", ["flat", "turned"], ["three_views"], axis=1),
        helper.make_node("Reshape", ["three_views", "view"], ["views"]),
    ]


def _second_look() -> list[onnx.NodeProto]:
    """Return what takes the mean of three ``looks``, (3N, outcomes), where the first doubts."""
    return [
        helper.make_node("Reshape", ["looks", "three"], ["by_image"]),
        helper.make_node("Slice", ["by_image", "first", "axis", "axis"], ["one_look"]),
        helper.make_node("Reshape", ["one_look", "one"], ["at_first"]),
        helper.make_node("ReduceMean", ["by_image"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("Softmax", ["at_first"], ["outcomes_at_first"], axis=1),
        helper.make_node("Slice", ["outcomes_at_first", "labels", "end", "axis"], ["doubt"]),
        helper.make_node("Greater", ["doubt", "digit"], ["no_digit"]),
        helper.make_node("Less", ["doubt", "none"], ["not_none"]),
        helper.make_node("And", ["no_digit", "not_none"], ["doubtful"]),
        helper.make_node("Where", ["doubtful", "mean", "at_first"], ["logits"]),
    ]


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
