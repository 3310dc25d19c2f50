"""Request handler of feedback: store, show, list, delete."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.api.client import client_of
from app.api.feedback.documents import detail_document, entry_document, policy_document
from app.api.feedback.schemas import FeedbackListQuery, FeedbackQuery
from app.api.feedback.upload import GivenFeedback, read_feedback
from app.api.messages import HttpRequest, HttpResponse
from app.api.query import read_query_as
from app.api.responses import json_response
from app.errors import FeedbackOffError, MalformedRequestError, UnknownFeedbackError
from app.feedback.types import Answer, Label, LabelledPicture
from app.inference.registry import Registry
from app.inference.service import PredictionService
from app.inference.types import Preparation
from app.setting_variables import variable
from app.settings import Settings

if TYPE_CHECKING:
    from app.feedback.service import FeedbackService

_ID = re.compile(r"[0-9a-f]{32}")


class FeedbackHandler:
    """Handler of feedback; ``count`` is called with each new label.

    Raises: from every method, FeedbackOffError if no database is set, DatabaseError if it cannot be
    used now.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        predictions: PredictionService,
        feedback: "FeedbackService | None",
        count: Callable[[Answer, Label], None],
    ) -> None:
        self._settings = settings
        self._keyed = bool(settings.api_keys)
        self._registry, self._predictions = registry, predictions
        self._feedback, self._count = feedback, count

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Store feedback; the status is 202, or 200 if the same was stored already.

        Raises: also the AppErrors of the body, of the picture and of the prediction service.
        """
        service = self._service()
        given = await read_feedback(request, self._settings)
        added = await service.add(await self._find(request, given))
        if added.is_new:
            picture = added.feedback.picture
            self._count(picture.answer, picture.label)
        response = json_response(entry_document(added.feedback))
        response.status = 202 if added.is_new else 200
        return response

    async def show(self, feedback_id: str) -> HttpResponse:
        """Return feedback with its picture and its history.

        Raises: also UnknownFeedbackError.
        """
        service = self._service()
        found = await service.get(feedback_id) if _ID.fullmatch(feedback_id) else None
        if found is None:
            raise _unknown(feedback_id)
        return json_response(detail_document(found))

    async def show_page(self, request: HttpRequest) -> HttpResponse:
        """Return a page of the list, oldest first.

        Raises: also MalformedRequestError for an invalid query.
        """
        service = self._service()
        query = read_query_as(FeedbackListQuery, request.query)
        found = await service.page(query.after, query.limit)
        more = found[-1].number if len(found) == query.limit else None
        keeps = policy_document(self._settings)
        entries = [entry_document(one) for one in found]
        return json_response({"feedback": entries, "next": more, "keeps": keeps})

    async def delete(self, feedback_id: str) -> HttpResponse:
        """Delete feedback: its picture and all labels.

        Raises: also UnknownFeedbackError.
        """
        service = self._service()
        if not (_ID.fullmatch(feedback_id) and await service.delete(feedback_id)):
            raise _unknown(feedback_id)
        return HttpResponse(204, [], b"")

    async def _find(self, request: HttpRequest, given: GivenFeedback) -> LabelledPicture:
        """Return the picture that was sent, or that of a recent request, with the answer."""
        if given.image is not None:
            return await self._predict(request, given.image, given.label)
        if request.query:
            raise MalformedRequestError(
                "query: expected no parameters with request_id, whose answer is known, got some"
            )
        found = self._service().recent.find(given.request_id, given.index)
        if found is None:
            raise UnknownFeedbackError(
                f"request_id: expected a recent request of this service with a picture "
                f"{given.index}, got {given.request_id!r}; send the picture"
            )
        pixels, answer = found
        return LabelledPicture(pixels, answer, given.label, given.request_id)

    async def _predict(self, request: HttpRequest, image: bytes, label: Label) -> LabelledPicture:
        """Predict a picture; it is not counted as a prediction: it was chosen, often as a mistake.

        Counted, it would change the share of abstentions, for which there is an alert.
        """
        query = read_query_as(FeedbackQuery, request.query)
        model = self._registry.get(query.model, query.version, request.record.request_id)
        result = await self._predictions.predict(
            image,
            model,
            preparation=Preparation(query.normalise == "auto", query.rotate),
            caller=request,
            client=client_of(request.peer, request.headers, keyed=self._keyed),
        )
        original = image if self._settings.keep_originals else None
        pixels = result.normalised.pixels.tobytes()
        return LabelledPicture(pixels, Answer.of(model, result), label, original=original)

    def _service(self) -> "FeedbackService":
        if self._feedback is None:
            raise FeedbackOffError(
                f"feedback: expected the setting {variable('database_url')} to store it, got none"
            )
        return self._feedback


def _unknown(feedback_id: str) -> UnknownFeedbackError:
    return UnknownFeedbackError(
        f"feedback: expected the id of one that is stored, got {feedback_id[:100]!r}"
    )
