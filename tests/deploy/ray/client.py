"""Requests to the service on the cluster and to the plain service."""

import http.client
import json
from typing import Any

from tests.support.load import Request
from tests.support.pictures import as_bytes

KEY = "a-key-of-the-tests"
HEADERS = {"Authorization": f"Bearer {KEY}"}
REQUEST = Request("small", body=as_bytes(), headers=HEADERS)


def post(port: int, body: bytes) -> tuple[int, Any, dict[str, str]]:
    """Return status, document and the headers that are equal in two requests."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = HEADERS | {"Content-Type": "image/png"}
    connection.request("POST", "/v1/predictions", body=body, headers=headers)
    response = connection.getresponse()
    document = json.loads(response.read())
    connection.close()
    document.pop("request_id")
    others = {"date", "server", "x-request-id"}
    kept = {k.lower(): v for k, v in response.getheaders() if k.lower() not in others}
    kept.pop("content-length")  # of request ids of two lengths
    return response.status, document, kept
