"""The methods' answers, from the same objects as those of HTTP."""

from collections.abc import Awaitable, Callable

from app.api.client import client_of
from app.api.services import Services
from app.api.v2.infer_request import InferLimits
from app.api.v2.inference import Inference
from app.api.v2.metadata import model_metadata, server_metadata
from app.errors import NotSupportedError
from app.grpc import messages, methods
from app.grpc.call import Call
from app.grpc.infer_request import decode_request, read_head
from app.grpc.infer_response import encode_response
from app.inference.registry import LoadedModel

# Triton's names of the protocol's extensions that work over gRPC.
EXTENSIONS = ["classification"]

Answer = Callable[[bytes, Call], Awaitable[messages.Message]]


class InferenceService:
    """Methods of GRPCInferenceService; each gets the message of a call and returns its response.

    Raises: an AppError for an invalid message, or of the prediction service; AbandonedError.
    """

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self._services = services
        self._keyed = bool(settings.api_keys)
        self._inference = Inference(services.predictions)
        self._limits = InferLimits(settings.max_json_tensor_values, settings.max_batch_images)
        self.answers: dict[str, Answer] = {
            methods.SERVER_LIVE: self._server_live,
            methods.SERVER_READY: self._server_ready,
            methods.SERVER_METADATA: self._server_metadata,
            methods.MODEL_READY: self._model_ready,
            methods.MODEL_METADATA: self._model_metadata,
            methods.MODEL_INFER: self._infer,
        }

    async def _server_live(self, _data: bytes, _call: Call) -> messages.Message:
        return messages.ServerLiveResponse(live=True)

    async def _server_ready(self, _data: bytes, _call: Call) -> messages.Message:
        return messages.ServerReadyResponse(ready=self._services.readiness.ready)

    async def _server_metadata(self, _data: bytes, _call: Call) -> messages.Message:
        document = server_metadata() | {"extensions": EXTENSIONS}
        return messages.ServerMetadataResponse(**document)

    async def _model_ready(self, data: bytes, _call: Call) -> messages.Message:
        self._find(messages.parse(messages.ModelReadyRequest, data))
        return messages.ModelReadyResponse(ready=self._services.readiness.ready)

    async def _model_metadata(self, data: bytes, _call: Call) -> messages.Message:
        model = self._find(messages.parse(messages.ModelMetadataRequest, data))
        document = model_metadata(model, self._services.registry)
        del document["parameters"]  # which the message does not have
        return messages.ModelMetadataResponse(**document)

    async def _infer(self, data: bytes, call: Call) -> messages.Message:
        request = read_head(data, self._limits)
        call.use_id(request.id)
        record = call.record
        model = self._services.registry.get(request.model, request.version, record.request_id)
        sent = decode_request(request, self._limits)
        client = client_of(call.peer, call.headers, keyed=self._keyed)
        response = await self._inference.infer(sent, model, record, caller=call, client=client)
        return encode_response(response)

    def _find(self, request: messages.Message) -> LoadedModel:
        """Return the version that a message names; without one, the stable version."""
        return self._services.registry.get(request.name, request.version or "stable")


async def refuse_method(_data: bytes, call: Call) -> messages.Message:
    """Refuse the call of a method that the service does not have.

    Raises: NotSupportedError.
    """
    known = ", ".join(name.rpartition("/")[2] for name in (*methods.PROBES, *methods.ROUTES))
    raise NotSupportedError(f"{call.method[:100]}: expected one of {known}, got another method")
