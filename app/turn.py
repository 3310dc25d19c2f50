"""Pictures that are ready in the same turn of the event loop are answered together."""

from asyncio import Future, get_running_loop
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
import structlog

from app.seen import Picture, Seen
from model_core.classifier import BLOCK, Classifier, Prediction
from model_core.preprocessing import downsample

logger = structlog.get_logger("digitserve")

# The answer, what the model saw, and the picture's share of the seconds that the turn took.
Answer = tuple[Prediction, Seen, float]
# Called with the answer, or with what kept the model from giving one.
Done = Callable[[Answer | Exception], None]


def answer_all(pictures: list[Picture], classifier: Classifier) -> list[Answer]:
    """Return the answers for some pictures, at least one."""
    began = perf_counter()
    images = downsample(np.array([picture.normalised.pixels for picture in pictures]))
    predictions = classifier.predict(images)
    share = (perf_counter() - began) / len(pictures)
    return [
        (prediction, Seen(image, picture), share)
        for prediction, image, picture in zip(predictions, images, pictures, strict=True)
    ]


class Turn:
    """Collects pictures until the event loop has run what is ready, then answers all of them.

    Nobody waits for others: a picture that is alone in its turn is answered at once. For each of
    eight pictures the network takes half of the time that it takes for one.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._waiting: list[tuple[Picture, Done]] = []

    def add(self, picture: Picture, done: Done) -> None:
        """Answer a picture at the end of the turn."""
        if not self._waiting:
            get_running_loop().call_soon(self.end)
        self._waiting.append((picture, done))
        if len(self._waiting) == BLOCK:  # more at a time would take no less for each
            self.end()

    def predict(self, picture: Picture) -> Future[Answer]:
        """Return the answer for a picture, as soon as it is there."""
        future: Future[Answer] = get_running_loop().create_future()

        def done(answer: Answer | Exception) -> None:
            if future.done():  # already, if its request was cancelled
                return
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

        self.add(picture, done)
        return future

    def end(self) -> None:
        """Answer all pictures that wait."""
        waiting, self._waiting = self._waiting, []
        if not waiting:  # the end came before its time
            return
        answers: Sequence[Answer | Exception]
        try:
            answers = answer_all([picture for picture, _ in waiting], self._classifier)
        except Exception as error:
            answers = [error] * len(waiting)
        for (_, done), answer in zip(waiting, answers, strict=True):
            try:
                done(answer)
            except Exception:  # the others are answered all the same
                logger.exception("internal error")
