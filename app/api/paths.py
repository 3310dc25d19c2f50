"""Which requests are the API's, and which are probes, metrics, documentation or the page."""

from starlette.types import Scope

API = "/v1/"
PREDICTIONS = f"{API}predictions"


def is_api(scope: Scope) -> bool:
    """Return whether a request does the work of the service: it takes a place and needs a key."""
    return scope["type"] == "http" and str(scope["path"]).startswith(API)
