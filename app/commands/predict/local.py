"""Prediction in this process, by the prediction service, without HTTP."""

import asyncio
import logging
import warnings
from typing import TYPE_CHECKING

import structlog

from app.api.responses import prediction_document
from app.commands.decoding import prepare_decoding
from app.commands.exit_codes import USAGE, CommandError
from app.commands.predict.files import predict_files
from app.commands.predict.outcome import Document, Outcome, app_problem, internal_problem
from app.commands.predict.sources import Source
from app.commands.predict.task import Task
from app.errors import AppError
from app.inference.admission import AdmissionQueue
from app.inference.limits import decode_limits
from app.inference.pipeline import Pipeline
from app.inference.registry import LoadedModel, Registry, RegistryError, load_registry
from app.inference.registry.start import load_single
from app.inference.service import PredictionService
from app.inference.types import PredictionResult, Preparation

if TYPE_CHECKING:
    from app.commands.predict.local_sheets import SheetPredictor

# Files that are in memory at the same time, in bytes.
_GROUP_BYTES = 16_000_000


class LocalPredictor:
    """Prediction service of this process, with its decoder process for large pictures.

    Raises: CommandError if the model or the layout cannot be loaded.
    """

    def __init__(self, task: Task) -> None:
        _be_quiet()
        prepare_decoding(task.settings)
        self._task, self._max_bytes = task, task.settings.max_body_bytes
        self._model = _find_model(task)
        registry = Registry({}, default=self._model.name)
        pipeline = Pipeline(decode_limits(task.settings))
        self._service = PredictionService(registry, pipeline, AdmissionQueue(1, 0.0))
        self._loop: asyncio.AbstractEventLoop | None = None  # of the process that predicts
        self._sheets: SheetPredictor | None = None
        if task.sheets:
            from app.commands.predict import local_sheets  # needs 0.2 s to import

            self._sheets = local_sheets.SheetPredictor(task, self._service, self._model)

    def predict(self, sources: list[Source]) -> list[Outcome]:
        """Return the outcome of each picture, in order."""
        return predict_files(
            sources, self._answers, max_file_bytes=self._max_bytes, max_group_bytes=_GROUP_BYTES
        )

    def close(self) -> None:
        """End the decoder process and the event loop."""
        self._service.stop()
        if self._loop is not None:
            self._loop.close()

    def _answers(self, uploads: list[bytes]) -> list[Document]:
        if self._loop is None:  # not asyncio.Runner, which installs a handler of SIGINT in 1 ms
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(self._answer(uploads))

    async def _answer(self, uploads: list[bytes]) -> list[Document]:
        if self._sheets is not None:
            return [await self._sheets.answer(data) for data in uploads]
        return [self._document(one) for one in await self._outcomes(uploads)]

    async def _outcomes(self, uploads: list[bytes]) -> list[PredictionResult | AppError | Document]:
        """Return the results of a batch; after an unexpected exception, of each picture alone."""
        try:
            batch = await self._service.predict_batch(
                uploads, self._model, preparation=Preparation()
            )
            return list(batch)
        except Exception as error:
            if len(uploads) == 1:
                return [internal_problem(error)]
        return [one for data in uploads for one in await self._outcomes([data])]

    def _document(self, outcome: PredictionResult | AppError | Document) -> Document:
        if isinstance(outcome, PredictionResult):
            return prediction_document(outcome, self._model) | {"model": self._model.reference}
        return app_problem(outcome) if isinstance(outcome, AppError) else outcome


def _find_model(task: Task) -> LoadedModel:
    settings, name = task.settings, task.model or task.settings.default_model
    try:
        if name is None:
            registry = load_registry(settings.weights_dir)
        else:
            registry = load_single(settings.weights_dir, name)
        return registry.get(None, task.version)
    except RegistryError as error:
        raise CommandError(str(error)) from None
    except AppError as error:
        raise CommandError(str(error), USAGE) from None


def _be_quiet() -> None:
    """Write no warnings and log lines: each picture has its own line in the output."""
    warnings.simplefilter("ignore")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
