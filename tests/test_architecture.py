"""Who may import whom, and which names are public."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app.settings import Settings
from tests.support.import_graph import PACKAGES, count_floors, import_graph, imported_names

ROOT = Path(__file__).parent.parent

# What each package may import beside the standard library and itself.
ALLOWED = {
    "model_core": {"numpy", "safetensors"},
    "training": {
        "model_core",
        "numpy",
        "safetensors",
        "httpx",
        "jinja2",
        "matplotlib",
        "onnx",
        "PIL",
        "platformdirs",
        "rich",
        "typer",
        "HersheyFonts",
    },
    "app": {
        "model_core",
        "numpy",
        "PIL",
        "anyio",
        "cv2",
        "pypdfium2",
        "alembic",
        "opentelemetry",
        "psycopg",
        "ray",
        "sqlalchemy",
        "google",
        "grpc",
        "fastapi",
        "fastapi_offline",
        "httptools",
        "httpx",
        "pydantic",
        "pydantic_core",
        "prometheus_client",
        "starlette",
        "structlog",
        "tqdm",
        "uvicorn",
    },
    "digitserve": {"app", "numpy", "PIL"},
}

# The one room of training that knows app, and what it imports: the preprocessing of uploads, and
# the table of feedback.
CORRECTIONS = ROOT / "training" / "corrections"
OF_APP = ("app.errors", "app.settings", "app.inference", "app.feedback", "sqlalchemy", "psycopg")

# The one place that knows other frameworks.
COMPARISON = ROOT / "training" / "compare"
FRAMEWORKS = {"jax", "keras", "matplotlib", "torch"}

# Within model_core: what each module may import, reading order from top to bottom.
LAYERS = ["errors", "parameter", "initializers", "layers", "network", "classifier", "explanation"]
LAYERS += ["architectures", "weights"]


def modules(package: str) -> list[Path]:
    """Return the files of a package."""
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_they_may(package: str) -> None:
    """model_core knows NumPy and safetensors; app knows no training; training.corrections app.

    digitserve, the library call, knows app alone.
    """
    allowed = ALLOWED[package] | {package} | sys.stdlib_module_names

    for path in modules(package):
        more = FRAMEWORKS if COMPARISON in path.parents else set()
        for name in imported_names(path):
            known = name.partition(".")[0] in allowed | more
            known |= CORRECTIONS in path.parents and name.startswith(OF_APP)
            assert known, f"{path.relative_to(ROOT)} imports {name}"


def test_model_core_is_read_from_bottom_to_top() -> None:
    """No module of model_core imports one that comes after it."""
    for path in modules("model_core"):
        own = path.relative_to(ROOT / "model_core").parts[0].removesuffix(".py")
        if own not in LAYERS:
            continue
        for name in imported_names(path):
            other = name.split(".")[1] if name.startswith("model_core.") else None
            if other in LAYERS:
                assert LAYERS.index(other) <= LAYERS.index(own), f"{own} imports {name}"


def rooms(*names: str) -> dict[str, int]:
    """Return the place of each room in an order; those in one string have the same."""
    return {room: place for place, row in enumerate(names) for room in row.split()}


# Each room of app imports only from rooms before it, and from itself.
APP = rooms(
    "version errors setting_types setting_variables",
    "feedback_settings",
    "settings",
    "images",
    "sheets",
    "inference",
    "feedback",
    "telemetry",
    "api",
    "middleware page",
    "grpc",
    "server",
    "main healthcheck",
    "commands",
    "__main__",
)


def test_every_setting_is_used() -> None:
    """Each field of Settings is read somewhere in app, outside its definition."""
    others = [path for path in modules("app") if path.stem != "settings"]
    used = {name for path in others for name in re.findall(r"settings\.(\w+)", path.read_text())}

    assert set(Settings.model_fields) <= used


# A folder with more modules than this wants rooms.
MOST_MODULES = 15


def room(path: Path) -> str:
    """Return the room of app in which a module is."""
    return path.relative_to(ROOT / "app").parts[0].removesuffix(".py")


@pytest.mark.parametrize(
    "path",
    [path for path in modules("app") if path.parent.name != "app" or path.stem in APP],
    ids=str,
)
def test_app_imports_from_the_rooms_below(path: Path) -> None:
    """The web server knows the API, the API knows inference, inference knows no HTTP."""
    for name in imported_names(path):
        if name.startswith("app."):
            other = name.split(".")[1]
            below = APP[other] < APP[room(path)]
            assert below or other == room(path), f"{room(path)} imports {name}"


def test_inference_and_images_know_no_web_framework() -> None:
    """Decoding an image imports neither FastAPI nor Starlette."""
    code = "import sys, app.inference.service; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"fastapi", "starlette", "uvicorn", "httptools"} & set(done.stdout.split())


def test_uvicorn_s_internals_are_used_in_two_files() -> None:
    """Its protocol classes change between versions."""
    users = {
        path.name
        for package in PACKAGES
        for path in modules(package)
        if any(name.startswith("uvicorn.protocols") for name in imported_names(path))
    }

    assert users == {"asgi_cycle.py", "protocol.py"}


def test_folders_stay_small() -> None:
    """No folder of the packages has more modules than a reader can keep apart."""
    for package in PACKAGES:
        folders = {path.parent for path in modules(package)}
        for folder in folders:
            count = len([path for path in folder.glob("*.py") if path.name != "__init__.py"])
            assert count <= MOST_MODULES, f"{folder.relative_to(ROOT)}: {count} modules"


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_have_no_cycles(package: str) -> None:
    """No chain of imports leads back to its first module: the floors can be counted."""
    graph = import_graph(ROOT, package)

    assert 1 < count_floors(graph) < len(graph)


def test_preprocessing_and_losses_stand_alone() -> None:
    """Neither knows of networks or weights."""
    standing = [ROOT / "model_core" / "losses.py", ROOT / "model_core" / "metrics.py"]
    for path in (*standing, *(ROOT / "model_core" / "preprocessing").rglob("*.py")):
        for name in imported_names(path):
            assert not re.match(r"model_core\.(network|classifier|weights|architectures)", name)


def test_public_names_are_those_of_all() -> None:
    """A package that says what is public exports just that."""
    for name in ("model_core.layers", "model_core.preprocessing", "digitserve"):
        module = importlib.import_module(name)
        inner = {info.name for info in pkgutil.iter_modules(module.__path__)}
        public = {n for n in vars(module) if not n.startswith("_")}

        assert public - inner <= set(module.__all__), name
        assert public >= set(module.__all__), name


def test_the_packages_say_that_they_are_typed() -> None:
    """Each has the marker py.typed (PEP 561), which the wheel takes with all files of a package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert set(wheel["packages"]) == set(PACKAGES)
    for package in PACKAGES:
        assert (ROOT / package / "py.typed").is_file()


def test_importing_does_no_work() -> None:
    """No package loads weights, reads settings or fetches data when it is imported."""
    for package in PACKAGES:
        for path in modules(package):
            calls = _calls_at_import(path)
            assert not calls & {"Settings", "load_settings", "load_registry", "load_mnist"}, path


def _calls_at_import(path: Path) -> set[str]:
    names = set()
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                names.add(node.func.id)
    return names


def test_modules_stay_small() -> None:
    """No module of the packages has more than 250 lines."""
    for package in PACKAGES:
        for path in modules(package):
            assert len(path.read_text().splitlines()) <= 250, path


def test_every_test_says_what_it_shows() -> None:
    """Each test has a docstring."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_the_version_is_the_same_everywhere() -> None:
    """pyproject.toml, the service and the changelog agree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    version = importlib.import_module("app.version").VERSION

    assert project["version"] == version
    assert f"## [{version}]" in changelog


# Within model_core.preprocessing: each room or module imports only from those before it, and from
# itself; image_ops knows nothing of digits.
PREPROCESSING = ["image_ops", "paper", "steps", "mnist_format", "digit"]
PREPROCESSING += ["downsample", "letterbox", "reduction", "view", "search", "rendering"]
PREPROCESSING += ["normalise"]


def test_rooms_of_preprocessing_import_in_one_direction() -> None:
    """Image operations, then paper, then the digit, then what brings them together."""
    package = ROOT / "model_core" / "preprocessing"
    for path in package.rglob("*.py"):
        own = path.relative_to(package).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        assert own in PREPROCESSING, f"{own}: where does it stand?"
        for name in imported_names(path):
            if name.startswith("model_core.preprocessing"):
                other = name.split(".")[2]
                known = PREPROCESSING[: PREPROCESSING.index(own) + 1]
                assert other in known, f"{path.relative_to(ROOT)} imports {name}"


def test_image_operations_import_numpy_alone() -> None:
    """Beside the standard library and the errors of model_core."""
    room = "model_core.preprocessing.image_ops"
    for path in (ROOT / room.replace(".", "/")).rglob("*.py"):
        for name in imported_names(path):
            ours = name.startswith((f"{room}.", "model_core.errors"))
            top = name.partition(".")[0]
            assert ours or top == "numpy" or top in sys.stdlib_module_names, f"{path}: {name}"


# The rooms and modules of training from bottom to top; those of one floor do not know each other.
TRAINING_FLOORS = (
    {"errors"},
    {"hyper_parameters", "files", "data"},
    {"recipes", "corrections"},
    {"fitting"},
    {"acceptance", "compare", "model_card", "onnx_export", "report"},
    {"commands"},
    {"__main__"},
)


def test_the_rooms_of_training_are_in_order() -> None:
    """A room imports itself and lower floors only: data no fitting, fitting no command."""
    floors = {room: number for number, rooms in enumerate(TRAINING_FLOORS) for room in rooms}
    for path in modules("training"):
        room = path.relative_to(ROOT / "training").parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        others = {
            name.split(".")[1] for name in imported_names(path) if name.startswith("training.")
        }
        for other in others - {room}:
            assert floors[other] < floors[room], f"{path.relative_to(ROOT)} imports {other}"
