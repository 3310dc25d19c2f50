"""GET /v1/layouts: the saved layouts of sheets."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.etag import IfNoneMatch, json_etag_response
from app.api.openapi.responses import NOT_MODIFIED, problem_responses
from app.api.paths import GET_AND_HEAD, LAYOUTS
from app.api.services import ServicesDependency
from app.api.sheets.schemas import LayoutList
from app.sheets.layout.directory import layout_names

router = APIRouter(prefix=LAYOUTS, tags=["sheets"])


@router.api_route(
    "",
    response_model=LayoutList,
    responses=NOT_MODIFIED | problem_responses(401, 429),
    methods=GET_AND_HEAD,
)
async def list_layouts(services: ServicesDependency, known: IfNoneMatch) -> Response:
    """List the saved layouts, by name; none without DIGITS_LAYOUTS_DIR."""
    names = layout_names(services.settings.layouts_dir)
    return json_etag_response({"layouts": [{"name": name} for name in names]}, known)
