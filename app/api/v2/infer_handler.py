"""HTTP handler of the infer routes: parses a request, calls the inference, responds."""

from app.api.client import client_of
from app.api.messages import HttpRequest, HttpResponse
from app.api.paths import split_infer_path
from app.api.v2.compression import compress, decompress
from app.api.v2.http_request import HEADER_LENGTH, read_infer_request
from app.api.v2.http_response import infer_http_response
from app.api.v2.infer_request import InferLimits
from app.api.v2.inference import Inference
from app.inference.registry import Registry
from app.inference.service import PredictionService
from app.settings import Settings


class InferHandler:
    """Handler of POST requests to the infer routes; a Content-Type is not needed."""

    def __init__(
        self, settings: Settings, registry: Registry, predictions: PredictionService
    ) -> None:
        self._max_bytes = settings.max_body_bytes
        self._keyed = bool(settings.api_keys)
        self._registry = registry
        self._inference = Inference(predictions)
        self._limits = InferLimits(settings.max_json_tensor_values, settings.max_batch_images)

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request.

        Raises: an AppError for an invalid request, or of the service; AbandonedError and
        ClientDisconnect if the client has disconnected.
        """
        name, version = split_infer_path(request.path)
        model = self._registry.get(name, version, request.record.request_id)
        body = await self._read(request)
        sent = read_infer_request(body, request.header(HEADER_LENGTH), self._limits)
        response = await self._inference.infer(
            sent,
            model,
            request.record,
            caller=request,
            client=client_of(request.peer, request.headers, keyed=self._keyed),
        )
        answer = infer_http_response(response, sent.outputs)
        accepted = request.header(b"accept-encoding")
        return await compress(answer, accepted) if accepted else answer

    async def _read(self, request: HttpRequest) -> bytes:
        body = await request.read()
        coding = request.header(b"content-encoding").strip().lower()
        if coding in ("", "identity"):
            return body
        return await decompress(body, coding, max_bytes=self._max_bytes, hold=request.hold)
