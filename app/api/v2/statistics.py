"""Statistics of model versions, from the counters of the metrics.

Source: triton-inference-server/server, ``docs/protocol/extension_statistics.md``. Fields of which
nothing is counted are left out.
"""

from collections.abc import Iterable
from typing import Any

from app.inference.registry import LoadedModel
from app.telemetry.metrics import Metrics


def model_statistics(models: Iterable[LoadedModel], metrics: Metrics) -> dict[str, Any]:
    """Return the statistics of models, of all processes (schema: StatisticsDocument)."""
    return {"model_stats": [_statistics(model, metrics) for model in models]}


def _statistics(model: LoadedModel, metrics: Metrics) -> dict[str, Any]:
    totals = metrics.version_totals(model)
    return {
        "name": model.name,
        "version": model.version,
        "inference_count": totals.images,
        "inference_stats": {
            "compute_input": _duration(totals.inputs, totals.input_seconds),
            "compute_infer": _duration(totals.requests, totals.inference_seconds),
        },
    }


def _duration(count: int, seconds: float) -> dict[str, int]:
    return {"count": count, "ns": round(seconds * 1e9)}
