"""Summary of a model's evaluation, as text or as JSON."""

import json
from pathlib import Path
from typing import Any

import typer

from model_core.classifier import Classifier
from model_core.model_card import ModelCard


def summarise(
    classifier: Classifier, card: ModelCard, metrics: dict[str, float], sha256: str, path: Path
) -> dict[str, Any]:
    """Return the JSON object that ``fit`` and ``evaluate`` print."""
    name = str(card.recipe["name"])
    return {
        "model": card.architecture.removeprefix(f"{name}-").removesuffix("-small"),
        "recipe": name,
        **metrics,
        "parameters": classifier.network.parameter_count(),
        "sha256": sha256,
        "path": str(path),
    }


def print_summary(result: dict[str, Any], as_json: bool) -> None:
    """Print a summary as one JSON object or as text."""
    if as_json:
        typer.echo(json.dumps(result))
        return
    right = result["test_images"] - result["test_errors"]
    typer.echo(
        f"{result['model']}, recipe {result['recipe']}: {result['test_accuracy']:.2%} right "
        f"({right:,} of {result['test_images']:,} test images); "
        f"abstained on {result['test_abstained']:.2%}{_others(result)}"
    )
    if "train_seconds" in result:
        typer.echo(f"trained in {result['train_seconds']:.1f} s, {result['epochs']} epochs")
    typer.echo(f"{result['path']}: {result['parameters']:,} parameters, SHA-256 {result['sha256']}")


def _others(result: dict[str, Any]) -> str:
    if "test_others_abstained" not in result:
        return ""
    return f" ({result['test_others_abstained']:.2%} on test images of other digits)"
