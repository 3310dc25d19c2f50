"""The route /v1/feedback: true digits of pictures, to store, show, list and delete."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.feedback.schemas import FeedbackDetail, FeedbackEntry, FeedbackPage
from app.api.messages import StarletteRequest, to_starlette
from app.api.openapi.bodies import FEEDBACK_BODY
from app.api.openapi.parameters import FEEDBACK_LIST_QUERY, FEEDBACK_QUERY
from app.api.openapi.responses import FEEDBACK_STORED, problem_responses
from app.api.paths import FEEDBACK, GET_AND_HEAD
from app.api.services import ServicesDependency

router = APIRouter(prefix=FEEDBACK, tags=["feedback"])

_ERRORS = problem_responses(400, 401, 404, 408, 413, 415, 422, 429, 503)
_READ_ERRORS = problem_responses(401, 404, 429, 503)
_LIST_ERRORS = problem_responses(400, 401, 404, 429, 503)


@router.post(
    "",
    status_code=202,
    response_model=FeedbackEntry,
    responses=FEEDBACK_STORED | _ERRORS,
    openapi_extra={**FEEDBACK_BODY, **FEEDBACK_QUERY},
)
async def store_feedback(request: Request, services: ServicesDependency) -> Response:
    """Store the true digit of a picture, or of the picture of a recent request."""
    return to_starlette(await services.handler.handle(StarletteRequest(request)))


@router.api_route(
    "",
    response_model=FeedbackPage,
    responses=_LIST_ERRORS,
    methods=GET_AND_HEAD,
    openapi_extra=FEEDBACK_LIST_QUERY,
)
async def list_feedback(request: Request, services: ServicesDependency) -> Response:
    """List feedback, oldest first, a page at a time."""
    return to_starlette(await services.feedback_handler.show_page(StarletteRequest(request)))


@router.api_route(
    "/{id}", response_model=FeedbackDetail, responses=_READ_ERRORS, methods=GET_AND_HEAD
)
async def get_feedback(id: str, services: ServicesDependency) -> Response:  # noqa: A002
    """Return feedback with all that is kept of it: picture, labels, original."""
    return to_starlette(await services.feedback_handler.show(id))


@router.delete("/{id}", status_code=204, response_class=Response, responses=_READ_ERRORS)
async def delete_feedback(id: str, services: ServicesDependency) -> Response:  # noqa: A002
    """Delete feedback: its picture and all labels."""
    return to_starlette(await services.feedback_handler.delete(id))
