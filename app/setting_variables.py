"""Environment variables of the settings: their names, that of the platform, error messages."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

PREFIX = "DIGITS_"

# TCP port of a container, set by Cloud Run, Knative, Heroku and other platforms.
_PLATFORM_PORT = "PORT"

# Settings whose value is not shown in error messages.
_SECRET_FIELDS = {"api_keys", "admin_key", "database_url"}


def variable(name: str) -> str:
    """Return the name of a setting's environment variable."""
    return PREFIX + name.upper()


def platform_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings from variables of the platform, unless DIGITS_ variables have them.

    An empty ``PORT`` is none.
    """
    port = environment.get(_PLATFORM_PORT)
    return {"port": port} if port and variable("port") not in environment else {}


def given_settings(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, Any]:
    """Return the text of each setting that the environment has; the case of a name is ignored."""
    given = {name.upper(): text for name, text in environment.items()}
    ours = {name: given[variable(name)] for name in names if variable(name) in given}
    return ours | platform_settings(environment)


def setting_variables(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the variable from which each setting is read."""
    platform = dict.fromkeys(platform_settings(environment), _PLATFORM_PORT)
    return {name: platform.get(name) or variable(name) for name in names}


def describe_errors(error: ValidationError, variables: Mapping[str, str]) -> str:
    """Return one line: each invalid variable, its expected and its actual value."""
    return "; ".join(_describe_error(item, variables) for item in error.errors())


def _describe_error(item: ErrorDetails, variables: Mapping[str, str]) -> str:
    name = str(item["loc"][0])
    message = item["msg"].removeprefix("Input should be ")
    got = "one that is not shown" if name in _SECRET_FIELDS else repr(item["input"])
    return f"{variables[name]}: expected {message}, got {got}"
