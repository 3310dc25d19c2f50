"""The progress bar of a training run."""

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from training.loop import EpochState


class TrainingProgress:
    """One bar per run on a terminal; silent anywhere else.

    Units: loss in nats and accuracy in per cent, both over the running epoch so far.
    """

    def __init__(self, title: str, *, epochs: int, images: int) -> None:
        console = Console(stderr=True)
        self._epochs, self._images = epochs, images
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            TextColumn("loss {task.fields[loss]:.4f}"),
            TextColumn("accuracy {task.fields[accuracy]:.2%}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(
            title, total=epochs * images, epoch=1, epochs=epochs, loss=float("nan"), accuracy=0.0
        )

    def update(self, state: EpochState) -> None:
        """Show the state of the running epoch."""
        self._bar.update(
            self._task,
            completed=state.epoch * self._images + state.images,
            epoch=state.epoch + 1,
            loss=state.loss,
            accuracy=state.accuracy,
        )

    def __enter__(self) -> "TrainingProgress":
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()
