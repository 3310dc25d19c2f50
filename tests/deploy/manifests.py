"""Documents of deploy/kubernetes: the files, and what kustomize makes of an overlay."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"
KUSTOMIZATIONS = ["base", "overlays/development", "overlays/production"]
FILES = sorted(
    path
    for path in KUBERNETES.rglob("*.yaml")
    if path.name != "kustomization.yaml" and not path.name.endswith(".patch.yaml")
)


def read_document(path: str) -> dict[str, Any]:
    """Return the document of a file in deploy/kubernetes."""
    found: dict[str, Any] = yaml.safe_load((KUBERNETES / path).read_text())
    return found


def build(kustomization: str | Path) -> list[dict[str, Any]]:
    """Return the documents that ``kubectl kustomize`` makes, or skip without kubectl."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("needs kubectl in the PATH: apt install kubernetes-client")
    return list(yaml.load_all(_kustomize(kubectl, kustomization), yaml.CSafeLoader))


@cache
def _kustomize(kubectl: str, kustomization: str | Path) -> str:
    done = subprocess.run(
        [kubectl, "kustomize", KUBERNETES / kustomization],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def by_kind(documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the documents by kind, each of which occurs once."""
    kinds = {one["kind"]: one for one in documents}
    assert len(kinds) == len(documents)
    return kinds
