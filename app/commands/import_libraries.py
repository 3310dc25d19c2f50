"""Import of the libraries of the service, without what it does not use of them."""

import sys
from importlib import import_module
from types import SimpleNamespace

from pydantic import BaseModel


def import_libraries() -> None:
    """Import the libraries, with FastAPI's models of OpenAPI documents unbuilt.

    These are built when the document is first asked: 6 % of the start, and 1.6 MB. structlog would
    format tracebacks with rich if training has installed it: 8 % of the start, and 4 MB. uvicorn
    would load its command line, and click for it: 2 % of the start, and 1 MB.
    Source: pydantic, ``ConfigDict.defer_build``.
    """
    sys.modules["rich"] = None  # type: ignore[assignment]
    import_module("structlog")
    command_line = SimpleNamespace(Server=None, main=None, run=None)
    sys.modules["uvicorn.main"] = command_line  # type: ignore[assignment]
    BaseModel.model_config["defer_build"] = True  # inherited by the models that are defined now
    # FastAPI builds three by calls without arguments; pydantic gives some when it needs a model
    build = vars(BaseModel)["model_rebuild"]
    BaseModel.model_rebuild = classmethod(  # type: ignore[assignment,method-assign]
        lambda model, **options: build.__func__(model, **options) if options else None
    )
    import_module("fastapi")
    BaseModel.model_rebuild = build  # type: ignore[method-assign]
    del BaseModel.model_config["defer_build"]
