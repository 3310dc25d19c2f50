"""JSON documents of feedback."""

import base64
from typing import Any

from app.feedback.export import picture_png
from app.feedback.types import Answer, Label, StoredFeedback
from app.settings import Settings


def policy_document(settings: Settings) -> dict[str, Any]:
    """Return what the service keeps of feedback, and how long (schema: FeedbackPolicy)."""
    return {"originals": settings.keep_originals, "days": settings.feedback_days}


def entry_document(feedback: StoredFeedback) -> dict[str, Any]:
    """Return the document of feedback without its picture (schema: FeedbackEntry)."""
    picture = feedback.picture
    return {
        "id": feedback.id,
        **_label_document(picture.label, picture.answer),
        "request_id": picture.request_id,
        "sha256": feedback.sha256,
        "has_original": feedback.has_original,
        "created": feedback.created,
        "updated": feedback.updated,
    }


def detail_document(feedback: StoredFeedback) -> dict[str, Any]:
    """Return the document of feedback with picture and history (schema: FeedbackDetail)."""
    original = feedback.picture.original
    return entry_document(feedback) | {
        "picture": _data_url("image/png", picture_png(feedback.picture.pixels)),
        "original": original and _data_url("application/octet-stream", original),
        "labels": [
            _label_document(one.label, one.answer) | {"created": one.created}
            for one in feedback.labels
        ],
    }


def _label_document(label: Label, answer: Answer) -> dict[str, Any]:
    return {
        "digit": label.digit,
        "source": label.source,
        "answer": {
            "digit": answer.digit,
            "decision": "accept" if answer.accepted else "abstain",
            "confidence": answer.confidence,
            "correct": answer.is_correct(label.digit),
            "model": {"name": answer.model, "version": answer.version, "sha256": answer.sha256},
        },
    }


def _data_url(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
