"""URL paths: which are public, and the route label of each in metrics and logs."""

import re
from collections.abc import Iterable
from functools import lru_cache

from starlette.routing import compile_path

from app.telemetry.families import OTHER

# Every GET route also answers HEAD; the server omits the body.
GET_AND_HEAD = ["GET", "HEAD"]

API = "/v1/"
PREDICTIONS = f"{API}predictions"
BATCH = f"{PREDICTIONS}/batch"
SHEETS = f"{API}sheets"
LAYOUTS = f"{API}layouts"
FEEDBACK = f"{API}feedback"

# The Open Inference Protocol.
V2 = "/v2"
_INFER = re.compile(rf"{V2}/models/([^/%]+)(?:/versions/([^/%]+))?/infer")

# Requested every few seconds by orchestrators and Prometheus: neither counted nor logged.
PROBES = frozenset({"/healthz", "/readyz", "/metrics", f"{V2}/health/live", f"{V2}/health/ready"})

# Paths without an API key: probes, the page, the documentation. All other paths are protected.
PUBLIC = PROBES | {"/", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}
PUBLIC_FOLDERS = ("/static/", "/static-offline-docs/")

# Paths that change the models: they need the admin key.
ADMIN_FOLDER = "/v2/repository/models/"


def is_public(path: str) -> bool:
    """Return whether a path needs no API key."""
    return path in PUBLIC or path.startswith(PUBLIC_FOLDERS)


@lru_cache(256)
def infer_path(target: bytes) -> str | None:
    """Return the path of an inference request whose model's name is not percent-encoded."""
    path = target.decode("latin-1")
    return path if _INFER.fullmatch(path) else None


@lru_cache(256)
def split_infer_path(path: str) -> tuple[str, str | None]:
    """Return the name and the version of the model in the path of an inference request."""
    _, _, rest = path.partition("/models/")
    name, *more = rest.removesuffix("/infer").split("/")
    return name, more[1] if more else None


def is_for_admin(path: str) -> bool:
    """Return whether a path changes the models, and needs the admin key."""
    return path.startswith(ADMIN_FOLDER)


class RouteLabels:
    """Route labels of metrics: maps a path to its route template, like ``/v1/models/{name}``.

    ``routes`` are the templates in Starlette's syntax.
    """

    def __init__(self, routes: Iterable[str]) -> None:
        self.routes = tuple(routes)
        self._exact = {route for route in self.routes if "{" not in route}
        self._patterns = [(compile_path(one)[0], one) for one in self.routes if "{" in one]
        self._match = lru_cache(256)(self._find_pattern)

    def label(self, path: str) -> str:
        """Return the route template that matches a path, or ``other``: clients add no labels."""
        return path if path in self._exact else self._match(path)

    def _find_pattern(self, path: str) -> str:
        return next((route for pattern, route in self._patterns if pattern.match(path)), OTHER)
