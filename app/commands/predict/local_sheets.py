"""Prediction of sheets in this process, by the prediction service, without HTTP."""

from app.api.sheets.documents import page_document
from app.api.sheets.handler import check_installed
from app.commands.exit_codes import USAGE, CommandError
from app.commands.predict.outcome import Document, app_problem, internal_problem
from app.commands.predict.task import Task
from app.errors import AppError
from app.inference.registry import LoadedModel
from app.inference.service import PredictionService
from app.sheets.layout.directory import resolve_layout


class SheetPredictor:
    """Prediction of all boxes of sheets."""

    def __init__(self, task: Task, service: PredictionService, model: LoadedModel) -> None:
        self._service, self._model = service, model
        try:
            check_installed()
            directory = task.settings.layouts_dir
            self._layout = resolve_layout(task.layout, directory) if task.layout else None
        except AppError as error:
            raise CommandError(str(error), USAGE) from None

    async def answer(self, data: bytes) -> Document:
        """Return the document of a sheet, or its problem."""
        try:
            pages = await self._service.predict_sheet(data, self._model, layout=self._layout)
        except AppError as error:
            return app_problem(error)
        except Exception as error:
            return internal_problem(error)
        documents = [
            app_problem(page)
            if isinstance(page, AppError)
            else page_document(page, self._model, with_input=False)
            for page in pages
        ]
        return {"model": self._model.reference, "pages": documents}
