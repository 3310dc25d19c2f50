"""Ctrl-C that waits for the end of a block."""

import signal
from types import FrameType, TracebackType


class Interruption:
    """Remembers the first Ctrl-C instead of breaking off; a second one breaks off at once."""

    def __init__(self) -> None:
        self.wanted = False

    def __enter__(self) -> "Interruption":
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
        if self.wanted:
            raise KeyboardInterrupt
        self.wanted = True
