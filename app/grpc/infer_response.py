"""gRPC framing of inference responses: the receipt as parameters, the outputs as raw contents."""

from app.api.v2.infer_response import InferResponse
from app.api.v2.tensors import encode_binary
from app.grpc.messages import Message, ModelInferResponse


def encode_response(response: InferResponse) -> Message:
    """Return an inference response as a ModelInferResponse."""
    model = response.model
    message = ModelInferResponse(
        model_name=model.name,
        model_version=model.version,
        id=response.id,
        raw_output_contents=[encode_binary(tensor) for tensor in response.outputs],
    )
    for tensor in response.outputs:
        message.outputs.add(name=tensor.name, datatype=tensor.datatype, shape=tensor.shape)
    receipt = message.parameters
    receipt["sha256"].string_param = model.sha256
    receipt["preprocessing"].string_param = model.pretrained.card.preprocessing
    receipt["request_id"].string_param = response.request_id
    return message
