"""Labelled pictures for tests."""

from app.feedback.types import Answer, Label, LabelledPicture

ANSWER = Answer("cnn", "5", "a" * 64, 7, accepted=True, confidence=0.75)


def labelled(
    digit: int | None, grey: int = 0, answer: Answer = ANSWER, original: bytes | None = None
) -> LabelledPicture:
    """Return a grey picture with a label."""
    return LabelledPicture(bytes([grey]) * 784, answer, Label(digit, "me"), "a-request", original)
