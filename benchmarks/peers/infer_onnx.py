"""Inference of conv16-pool-64-5 in ONNX Runtime, on one thread."""

from collections.abc import Callable
from typing import Any

import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from model_core.classifier import Classifier
from model_core.parameter import Array


def onnx_runtime(classifier: Classifier) -> Callable[[Array], Any]:
    """Return a function from images to probabilities that runs in ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_graph(classifier), options)
    return lambda images: session.run(None, {"images": images[:, None]})[0]


def _graph(classifier: Classifier) -> bytes:
    """Return the network as ONNX."""

    def value(name: str, *shape: int | str) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    parameters = [p.value for _, p in classifier.network.named_parameters()]
    names = ["kernel", "bias", "weight1", "bias1", "weight2", "bias2"]
    tensors = [numpy_helper.from_array(p, n) for p, n in zip(parameters, names, strict=True)]
    nodes = [
        helper.make_node("Conv", ["images", "kernel", "bias"], ["maps"], kernel_shape=[3, 3]),
        helper.make_node("MaxPool", ["maps"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weight1", "bias1"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "weight2", "bias2"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    inputs, outputs = [value("images", "N", 1, 14, 14)], [value("probabilities", "N", 5)]
    graph = helper.make_graph(nodes, "conv16-pool-64-5", inputs, outputs, tensors)
    opset = helper.make_opsetid("", 17)
    content: bytes = helper.make_model(
        graph, opset_imports=[opset], ir_version=8
    ).SerializeToString()
    return content
