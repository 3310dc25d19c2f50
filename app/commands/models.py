"""Command ``digitserve models``: list the models, those of this installation or of a server."""

import json
import sys
from contextlib import closing
from typing import Any

from app.commands.exit_codes import SUCCESS, CommandError


def list_models(url: str | None, *, as_json: bool) -> int:
    """Write a line for each version of each model, or JSON; return the exit code."""
    models = _of_server(url) if url else _own()
    if as_json:
        sys.stdout.write(f"{json.dumps({'models': models}, indent=1)}\n")
        return SUCCESS
    for model in models:
        digits = ",".join(map(str, model["labels"]))
        accuracy = f"{model['metrics'].get('test_accuracy', float('nan')):.2%} on MNIST"
        note = ", default" if model["default"] else ""
        sys.stdout.write(f"{model['name']}:{model['version']}  digits {digits}  {accuracy}{note}\n")
    return SUCCESS


def _of_server(url: str) -> list[dict[str, Any]]:
    from app.commands.server import ServerConnection

    with closing(ServerConnection(url)) as server:
        models: list[dict[str, Any]] = server.get("/v1/models")["models"]
    return models


def _own() -> list[dict[str, Any]]:
    from app.inference.registry import RegistryError, load_registry
    from app.settings import SettingsError, load_settings

    try:
        settings = load_settings()
        registry = load_registry(settings.weights_dir, default=settings.default_model)
    except (RegistryError, SettingsError) as error:
        raise CommandError(str(error)) from None
    return [
        {
            "name": one.name,
            "version": one.version,
            "sha256": one.sha256,
            "labels": list(one.classifier.labels),
            "metrics": one.pretrained.card.metrics,
            "default": one is registry.default,
        }
        for model in registry.models.values()
        for one in model.versions
    ]
