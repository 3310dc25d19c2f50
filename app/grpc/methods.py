"""Methods of the protocol, and for each the HTTP path with the same meaning."""

from app.api.paths import V2

_SERVICE = "/inference.GRPCInferenceService/"

SERVER_LIVE = f"{_SERVICE}ServerLive"
SERVER_READY = f"{_SERVICE}ServerReady"
SERVER_METADATA = f"{_SERVICE}ServerMetadata"
MODEL_READY = f"{_SERVICE}ModelReady"
MODEL_METADATA = f"{_SERVICE}ModelMetadata"
MODEL_INFER = f"{_SERVICE}ModelInfer"

# Labels in metrics and logs; the calls of probes are neither counted nor logged.
ROUTES = (SERVER_METADATA, MODEL_READY, MODEL_METADATA, MODEL_INFER)

PROBES = {SERVER_LIVE: f"{V2}/health/live", SERVER_READY: f"{V2}/health/ready"}


def http_path(method: str) -> str:
    """Return the path whose rules hold for a method: those of probes for probes."""
    return PROBES.get(method, method)
