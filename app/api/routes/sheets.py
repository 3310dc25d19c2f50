"""POST /v1/sheets."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.messages import StarletteRequest, to_starlette
from app.api.openapi.bodies import SHEET_BODY
from app.api.openapi.parameters import SHEET_QUERY
from app.api.openapi.responses import problem_responses
from app.api.paths import SHEETS
from app.api.services import ServicesDependency
from app.api.sheets.schemas import SheetResponse

router = APIRouter(prefix=SHEETS, tags=["sheets"])

_ERRORS = problem_responses(400, 401, 404, 408, 413, 415, 422, 429, 501, 503)


@router.post(
    "", response_model=SheetResponse, responses=_ERRORS, openapi_extra={**SHEET_BODY, **SHEET_QUERY}
)
async def read_sheet(request: Request, services: ServicesDependency) -> Response:
    """Find and classify the boxes of a sheet: a picture, or a PDF or TIFF of several pages."""
    return to_starlette(await services.handler.handle(StarletteRequest(request)))
