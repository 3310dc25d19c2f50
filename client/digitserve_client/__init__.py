"""Client of digitserve, which reads handwritten digits: ``Client`` and ``AsyncClient``."""

from digitserve_client.answers import (
    Box,
    Feedback,
    FileAnswer,
    ImageAnswer,
    Model,
    ModelCard,
    ModelInput,
    ModelReference,
    ModelVersion,
    Page,
    PageAnswer,
    Prediction,
    Sheet,
    SheetField,
)
from digitserve_client.async_client import AsyncClient
from digitserve_client.client import Client
from digitserve_client.errors import (
    DeadlineExceededError,
    DigitserveError,
    InvalidAnswerError,
    NoResponseError,
)
from digitserve_client.images import ImageSource
from digitserve_client.options import PredictionOptions, SheetOptions
from digitserve_client.problems import Problem, ResponseError
from digitserve_client.retry import RetryPolicy
from digitserve_client.version import VERSION

__version__ = VERSION

__all__ = [
    "AsyncClient",
    "Box",
    "Client",
    "DeadlineExceededError",
    "DigitserveError",
    "Feedback",
    "FileAnswer",
    "ImageAnswer",
    "ImageSource",
    "InvalidAnswerError",
    "Model",
    "ModelCard",
    "ModelInput",
    "ModelReference",
    "ModelVersion",
    "NoResponseError",
    "Page",
    "PageAnswer",
    "Prediction",
    "PredictionOptions",
    "Problem",
    "ResponseError",
    "RetryPolicy",
    "Sheet",
    "SheetField",
    "SheetOptions",
    "__version__",
]
