"""Request handler of the route of sheets."""

from functools import cache
from importlib.util import find_spec

from app.api.client import client_of
from app.api.messages import HttpRequest, HttpResponse
from app.api.problems import refusal_document
from app.api.query import read_query_as
from app.api.responses import json_response, origin
from app.api.sheets.documents import page_document
from app.api.sheets.schemas import SheetQuery
from app.api.sheets.upload import read_sheet
from app.errors import AppError, MalformedRequestError, NotSupportedError
from app.inference.registry import Registry
from app.inference.service import PredictionService
from app.inference.sheets.types import PagePrediction
from app.settings import Settings
from app.sheets.layout.directory import resolve_layout
from app.sheets.layout.layout import Layout

# Modules of the extra, and the packages that have them.
_MODULES = {"cv2": "opencv-python-headless", "pypdfium2": "pypdfium2"}


class SheetHandler:
    """Handler of requests with a sheet."""

    def __init__(
        self, settings: Settings, registry: Registry, predictions: PredictionService
    ) -> None:
        self._settings = settings
        self._keyed = bool(settings.api_keys)
        self._registry = registry
        self._predictions = predictions

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Return the response with the boxes of all pages.

        Raises: an AppError for an invalid request, or of the service; AbandonedError and
        ClientDisconnect if the client has disconnected.
        """
        check_installed()
        query, record = read_query_as(SheetQuery, request.query), request.record
        model = self._registry.get(query.model, query.version, record.request_id)
        sheet = await read_sheet(request, self._settings)
        layout = self._layout(query.layout, sheet.layout)
        outcomes = await self._predictions.predict_sheet(
            sheet.data,
            model,
            layout=layout,
            page=query.page,
            with_pictures="picture" in query.include,
            threshold=query.threshold,
            caller=request,
            client=client_of(request.peer, request.headers, keyed=self._keyed),
        )
        record.read_sheet(model, [one for one in outcomes if isinstance(one, PagePrediction)])
        pages = [
            refusal_document(one, record)
            if isinstance(one, AppError)
            else page_document(one, model, with_input="input" in query.include)
            for one in outcomes
        ]
        return json_response(origin(model, record) | {"pages": pages})

    def _layout(self, in_query: str | None, in_form: str | None) -> Layout | None:
        """Return the layout of a request, which is in its query or its form."""
        if in_query is not None and in_form is not None:
            raise MalformedRequestError("layout: expected it in the query or the form, got both")
        text = in_form if in_query is None else in_query
        return None if text is None else resolve_layout(text, self._settings.layouts_dir)


@cache
def check_installed() -> None:
    """Make sure that the extra ``sheets`` is installed, without importing it.

    Raises: NotSupportedError.
    """
    missing = [package for module, package in _MODULES.items() if find_spec(module) is None]
    if missing:
        raise NotSupportedError(
            f"sheets: expected {' and '.join(_MODULES.values())}, got none of "
            f"{' and '.join(missing)}; install them with pip install 'digitserve[sheets]'"
        )
