"""Inference in ONNX Runtime on one thread, of the layers as `training` exports them."""

from collections.abc import Callable
from typing import Any

import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from model_core.classifier import Classifier
from model_core.parameter import Array
from training.onnx_export import IR_VERSION, OPSET, layer_nodes


def onnx_runtime(classifier: Classifier) -> Callable[[Array], Any]:
    """Return a function from images to probabilities that runs in ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_model(classifier), options)
    return lambda images: session.run(None, {"images": images[:, None]})[0]


def _model(classifier: Classifier) -> bytes:
    """Return the network and the softmax as ONNX."""

    def value(name: str, *shape: int | str) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    network = classifier.network
    constants = [numpy_helper.from_array(p.value, name) for name, p in network.named_parameters()]
    nodes = [
        *layer_nodes(network.layers, "images", "logits"),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    inputs = [value("images", "N", 1, *classifier.input_shape)]
    outputs = [value("probabilities", "N", classifier.class_count)]
    graph = helper.make_graph(nodes, "network", inputs, outputs, constants)
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    content: bytes = model.SerializeToString()
    return content
