"""Preprocessing of picture files by the service's own pipeline, with its limits."""

import asyncio
from pathlib import Path

from app.errors import AppError
from app.inference.limits import decode_limits
from app.inference.pipeline import Pipeline
from app.inference.types import Client, Preparation
from model_core.preprocessing import NormalisedImage
from training.corrections.service_settings import service_settings


def normalise_files(paths: list[Path]) -> list[NormalisedImage | str]:
    """Return each picture as the service brings it to MNIST's format, or why it cannot.

    The limits are those of the service's settings; large pictures go to its decoder process.
    Raises: CorrectionsError if a setting in the environment is invalid.
    """
    pipeline = Pipeline(decode_limits(service_settings()))
    return asyncio.run(_normalise_all(pipeline, paths))


async def _normalise_all(pipeline: Pipeline, paths: list[Path]) -> list[NormalisedImage | str]:
    try:
        return [await _normalise(pipeline, path) for path in paths]
    finally:
        pipeline.stop()  # in the loop, which closes the connection to the decoder process


async def _normalise(pipeline: Pipeline, path: Path) -> NormalisedImage | str:
    preparation = Preparation()
    try:
        data = path.read_bytes()
        upload = pipeline.normalise_inline(data, preparation)
        if upload is None:
            upload = await pipeline.normalise_in_process(
                data, preparation, client=Client(), limited=False
            )
    except OSError as error:
        return f"expected a readable file, got: {error.strerror}"
    except AppError as error:
        return str(error)
    return upload.normalised
