"""Task of the command ``predict``: what is done with each picture, and by which model."""

from dataclasses import dataclass

from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Task:
    """Task of a run; it can be sent to another process.

    ``model`` is a name or a weights file, None the default model; ``layout`` is a layout in JSON,
    or the name of a saved one.
    """

    settings: Settings
    model: str | None = None
    version: str | None = None
    sheets: bool = False
    layout: str | None = None

    def chunk(self, jobs: int) -> int:
        """Return the number of pictures that are predicted together: a batch, or one sheet.

        Several jobs share a small folder; the largest batch that a service takes is 64 by default.
        """
        if self.sheets:
            return 1
        return 64 if jobs == 1 else 32
