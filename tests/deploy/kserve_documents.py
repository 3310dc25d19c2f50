"""Reader of KServe's documents by the classes of its SDK; runs with the Python of .venv-kserve.

It reads a list of documents as JSON from its standard input. It prints for each a line of JSON: the
document that the SDK's objects hold, or ``error``: an unknown field, a wrong type or a missing one.
"""

import json
import re
import sys
from typing import Any

import kserve
from kubernetes import client

_SIMPLE: dict[str, Any] = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def read(name: str, value: Any, where: str) -> Any:
    """Return a value as the type that the SDK names for it.

    Raises: ValueError with the place of the first field that is not of this type.
    """
    if found := re.fullmatch(r"[Ll]ist\[(.+)\]", name):
        check(isinstance(value, list), where, name, value)
        return [read(found[1], one, f"{where}[{index}]") for index, one in enumerate(value)]
    if found := re.fullmatch(r"[Dd]ict[\[(]str, (.+)[\])]", name):
        check(isinstance(value, dict), where, name, value)
        return {key: read(found[1], one, f"{where}.{key}") for key, one in value.items()}
    if name in _SIMPLE:
        right = isinstance(value, _SIMPLE[name]) and isinstance(value, bool) == (name == "bool")
        check(right, where, name, value)
        return value
    if name == "object":
        return value
    return read_class(getattr(kserve, name, None) or getattr(client, name), value, where)


def read_class(model: Any, value: Any, where: str) -> Any:
    """Return an object of a class of the SDK, which checks required fields itself."""
    check(isinstance(value, dict), where, model.__name__, value)
    fields = {json_name: name for name, json_name in model.attribute_map.items()}
    check(set(value) <= set(fields), where, f"fields of {model.__name__}", sorted(value))
    return model(
        **{
            fields[key]: read(model.openapi_types[fields[key]], one, f"{where}.{key}")
            for key, one in value.items()
        }
    )


def write(value: Any) -> Any:
    """Return the document of an object of the SDK, without fields that are not set or empty."""
    if isinstance(value, list):
        return [write(one) for one in value]
    if isinstance(value, dict):
        return {key: write(one) for key, one in value.items()}
    names = getattr(value, "attribute_map", None)
    if names is None:
        return value
    fields = {json_name: getattr(value, name) for name, json_name in names.items()}
    return {json_name: write(one) for json_name, one in fields.items() if one not in (None, "")}


def check(right: bool, where: str, expected: str, value: Any) -> None:
    """Raise ValueError unless a value is right."""
    if not right:
        raise ValueError(f"{where}: expected {expected}, got {value!r}")


def main() -> None:
    """Read the documents, and print them as the SDK writes them."""
    for document in json.load(sys.stdin):
        version = document["apiVersion"].rpartition("/")[2]
        try:
            found = read(version.capitalize() + document["kind"], document, document["kind"])
            answer = write(found)
        except ValueError as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
