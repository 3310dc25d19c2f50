"""Import of FastAPI for the service."""

from importlib import import_module

from pydantic import BaseModel


def import_fastapi() -> None:
    """Import FastAPI; its models of OpenAPI documents are built when the document is first asked.

    Building them takes 4 % of the start and 1 MB. Source: pydantic, ``ConfigDict.defer_build``.
    """
    BaseModel.model_config["defer_build"] = True  # inherited by the models that are defined now
    import_module("fastapi")
    del BaseModel.model_config["defer_build"]
