"""Metrics of the loaded models: what each worker serves, and the problems of the files."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from app.inference.registry.shared_plan import SharedPlan


def model_metrics(plan: SharedPlan) -> Iterator[Metric]:
    """Yield the metrics of all workers."""
    info = InfoMetricFamily(
        "digitserve_model",
        "The versions that each worker serves; the role is stable, canary or none.",
        labels=("worker", "model", "version", "sha256", "role"),
    )
    for worker in range(plan.workers):
        for one in plan.served(worker):
            info.add_metric((str(worker), *one), {})
    yield info
    yield GaugeMetricFamily(
        "digitserve_model_load_problems",
        "Weights files and labels that cannot be used at present.",
        value=len(plan.read()[1].problems),
    )
