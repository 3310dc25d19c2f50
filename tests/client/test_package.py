"""The package: what it imports, its types, and that both clients have the same methods."""

import inspect
import subprocess
import sys
import tomllib
from pathlib import Path

import digitserve_client
from digitserve_client import AsyncClient, Client
from tests.support.import_graph import imported_names

CLIENT = Path(__file__).parents[2] / "client"
MODULES = sorted((CLIENT / "digitserve_client").glob("*.py"))


def test_it_imports_httpx_alone() -> None:
    """Beside the standard library, and NumPy where the caller has an array."""
    for path in MODULES:
        tops = {name.partition(".")[0] for name in imported_names(path)}
        others = tops - sys.stdlib_module_names - {"digitserve_client"}
        allowed = {"client.py", "async_client.py", "transport.py"}
        assert others == ({"httpx"} if path.name in allowed else
                          {"numpy"} if path.name == "png.py" else set()), path  # fmt: skip


def test_importing_it_imports_no_numpy_and_no_pillow() -> None:
    """Neither is a dependency."""
    code = "import sys, digitserve_client; print(*{'numpy', 'PIL', 'pydantic'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_modules_are_small_and_typed() -> None:
    """At most 250 lines, and py.typed (PEP 561) beside them."""
    assert (CLIENT / "digitserve_client" / "py.typed").is_file()
    assert 10 < len(MODULES) <= 20
    for path in MODULES:
        assert len(path.read_text().splitlines()) <= 250, path


def test_the_project_has_one_dependency_and_the_version_of_the_package() -> None:
    """As pyproject.toml says."""
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]

    assert project["version"] == digitserve_client.__version__
    assert [one.partition(">")[0] for one in project["dependencies"]] == ["httpx"]


def test_both_clients_have_the_same_methods() -> None:
    """Names and parameters agree."""
    methods = {
        kind: {
            name: list(inspect.signature(member).parameters.values())
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_") or name == "__init__"
        }
        for kind in (Client, AsyncClient)
    }

    assert methods[Client] == methods[AsyncClient]
    assert len(methods[Client]) > 10


def test_public_names_are_those_of_all() -> None:
    """Each name of __all__ exists."""
    for name in digitserve_client.__all__:
        assert hasattr(digitserve_client, name)
