"""Import graph of a package: ``python -m tests.support.import_graph [DIRECTORY]`` prints it.

For each package of a checkout: modules, lines, import floors (the longest chain of imports) and
arrows (imports of one module by another), then each folder with its lines and the folders that it
imports.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGES = ("model_core", "training", "app", "digitserve")


def imported_names(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, at whatever depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{path}: expected absolute imports, got a relative one")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def import_graph(root: Path, package: str) -> dict[str, set[str]]:
    """Return for each module of a package, by dotted name, the modules that it imports of it."""
    files = {_dotted(path, root): path for path in sorted((root / package).rglob("*.py"))}
    files = {name: path for name, path in files.items() if path.name != "__init__.py"}
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        imported = {_module(one, files) for one in imported_names(path)}
        graph[name] = {one for one in imported if one and one != name}
    return graph


def count_floors(graph: dict[str, set[str]]) -> int:
    """Return the number of modules in the longest chain of imports."""

    @cache
    def height(name: str) -> int:
        return 1 + max(map(height, graph[name]), default=0)

    return max(map(height, graph), default=0)


def _dotted(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)


def _module(name: str, files: dict[str, Path]) -> str | None:
    """Return the module that an imported name is, or is in."""
    while name and name not in files:
        name = name.rpartition(".")[0]
    return name or None


def describe(root: Path, package: str) -> str:
    """Return the size of a package and of its folders, and the folders that each imports."""
    graph = import_graph(root, package)
    lines = {name: _count_lines(root / f"{name.replace('.', '/')}.py") for name in graph}
    rows = [
        f"{package}: {len(graph)} modules, {sum(lines.values())} lines, "
        f"{count_floors(graph)} import floors, {sum(map(len, graph.values()))} arrows"
    ]
    for folder in sorted({_folder(name) for name in graph}):
        names = [name for name in graph if _folder(name) == folder]
        others = {_folder(one) for name in names for one in graph[name]} - {folder}
        total = sum(lines[name] for name in names)
        rows.append(
            f"  {folder}: {len(names)} modules, {total} lines -> {', '.join(sorted(others))}"
        )
        rows += [f"    {name.rpartition('.')[2]} {lines[name]}" for name in names]
    return "\n".join(rows)


def _folder(name: str) -> str:
    return name.rpartition(".")[0]


def _count_lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def main() -> None:
    """Print the graph of each package."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2]
    sys.stdout.write("".join(f"{describe(root, package)}\n" for package in PACKAGES))


if __name__ == "__main__":
    main()
