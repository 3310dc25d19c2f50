"""Response to a request that has no cycle, because its header is invalid or incomplete."""

from app.api.messages import Headers
from app.api.problems import error_response
from app.errors import AppError
from app.server.fast_cycle import encode
from app.telemetry.metrics import OTHER
from app.telemetry.telemetry import Telemetry


def refuse_header(
    error: AppError, headers: Headers, telemetry: Telemetry, default_headers: bytes
) -> bytes:
    """Count and log a refused header, and return the response; it closes the connection."""
    record = telemetry.begin(headers)
    record.refuse(error)
    response = error_response(error, record.request_id)
    record.finish(OTHER, "-", response.status)
    return encode(response, record.request_id, default_headers, close=True)
