"""Deferred handling of Ctrl-C (SIGINT)."""

import signal
from types import FrameType, TracebackType


class DeferredInterrupt:
    """Context in which the first Ctrl-C only sets ``requested``; a second one interrupts."""

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> "DeferredInterrupt":
        self._before = signal.signal(signal.SIGINT, self._remember)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _remember(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
