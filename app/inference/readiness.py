"""Whether new requests are welcome."""


class Readiness:
    """True from the end of the start until a shutdown begins; one per process."""

    def __init__(self) -> None:
        self.ready = False

    def start(self) -> None:
        """Say that the service answers."""
        self.ready = True

    def stop(self) -> None:
        """Say that the service is shutting down."""
        self.ready = False
