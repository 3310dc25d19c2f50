"""The paths of the service: which are public, and under which label each is counted."""

from collections.abc import Iterable

from starlette.routing import compile_path

from app.telemetry.metrics import OTHER

# HEAD is answered wherever GET is: the server leaves the body out.
GET_AND_HEAD = ["GET", "HEAD"]

API = "/v1/"
PREDICTIONS = f"{API}predictions"
BATCH = f"{PREDICTIONS}/batch"

# Asked every few seconds, by machines: neither counted nor in the log.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

# What needs no API key: probes, the page, the documentation. Every other path is protected.
PUBLIC = PROBES | {"/", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}
PUBLIC_FOLDERS = ("/static/", "/static-offline-docs/")


def is_public(path: str) -> bool:
    """Return whether a path is one of those listed as public."""
    return path in PUBLIC or path.startswith(PUBLIC_FOLDERS)


class RouteLabels:
    """Finds the route of a path, as a label of metrics: ``/v1/models/{name}``.

    ``routes`` are the paths of the routes, in the form of Starlette and FastAPI.
    """

    def __init__(self, routes: Iterable[str]) -> None:
        self.routes = tuple(routes)
        self._exact = {route for route in self.routes if "{" not in route}
        self._patterns = [(compile_path(one)[0], one) for one in self.routes if "{" in one]

    def label(self, path: str) -> str:
        """Return the route that has this path, or ``other``: callers cannot make up labels."""
        if path in self._exact:
            return path
        return next((route for pattern, route in self._patterns if pattern.match(path)), OTHER)
