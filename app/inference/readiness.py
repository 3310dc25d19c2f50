"""Readiness of the service, for load balancers and the readiness probe."""

from app.errors import NotReadyError


class Readiness:
    """Readiness flag of a process: set when it has started, cleared when its shutdown begins."""

    def __init__(self) -> None:
        self.ready = False

    def check(self) -> None:
        """Raise NotReadyError if the flag is not set."""
        if not self.ready:
            raise NotReadyError("service: expected to be ready, got starting or shutting down")
