"""Readiness of the service, for load balancers and the readiness probe."""


class Readiness:
    """Readiness flag of a process: set when it has started, cleared when its shutdown begins."""

    def __init__(self) -> None:
        self.ready = False

    def start(self) -> None:
        """Set the flag: the service accepts requests."""
        self.ready = True

    def stop(self) -> None:
        """Clear the flag: the service is shutting down."""
        self.ready = False
