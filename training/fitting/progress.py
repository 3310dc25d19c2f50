"""Progress display of a training run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from training.fitting.loop import TrainingState


@contextmanager
def working(title: str) -> Iterator[None]:
    """Show a spinner with a title on a terminal while the block runs."""
    with Console(stderr=True).status(title):
        yield


class TrainingProgress:
    """Progress bar on a terminal, else one line per epoch; both on standard error.

    Units: loss in nats and accuracy in per cent, over the current epoch so far.
    """

    def __init__(self, title: str, *, epochs: int, images: int, state: TrainingState) -> None:
        self._console = Console(stderr=True)
        self._title, self._epochs, self._images = title, epochs, images
        self._started, self._before = time.perf_counter(), self._done(state)
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[text]}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            expand=True,
        )
        self._task = self._bar.add_task(
            title, total=epochs * images, completed=self._before, text=""
        )

    def update(self, state: TrainingState) -> None:
        """Show the progress of the run."""
        text = self._text(state)
        self._bar.update(self._task, completed=self._done(state), text=text)
        if not self._console.is_terminal and not state.images:
            self._console.print(f"{self._title}: {text}", highlight=False, soft_wrap=True)

    def _done(self, state: TrainingState) -> int:
        return state.epoch * self._images + state.images

    def _text(self, state: TrainingState) -> str:
        last = state.history[-1] if state.history else {}
        if state.images:
            epoch, loss, right = state.epoch + 1, state.loss, state.correct
            loss, share = loss / state.images, right / state.images
        else:
            epoch, loss, share = state.epoch, last["train_loss"], last["train_accuracy"]
        seconds = time.perf_counter() - self._started
        rate = (self._done(state) - self._before) / max(seconds, 1e-9)
        validation = last.get("validation_accuracy")
        watched = "" if validation is None else f"validation {validation:.2%}  "
        return (
            f"epoch {epoch}/{self._epochs}  loss {loss:.4f}  accuracy {share:.2%}  "
            f"{watched}{rate:,.0f} images/s"
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
