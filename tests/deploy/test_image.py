"""The container image: labels, base image, and the list of its packages (SBOM)."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from app.version import VERSION

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_labels_are_those_of_the_open_container_initiative() -> None:
    """Title, description, licence, version, revision, time and base image; the version is ours."""
    labels = dict(re.findall(r'org\.opencontainers\.image\.([\w.]+)="([^"]*)"', DOCKERFILE))

    assert set(labels) == {
        "title",
        "description",
        "licenses",
        "version",
        "revision",
        "created",
        "base.name",
    }
    assert labels["version"] == VERSION


def test_both_stages_have_the_same_base() -> None:
    """The base is an argument, so that a digest can pin it."""
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert bases == ["${BASE}"] * 2
    assert re.search(r"^ARG BASE=python:3\.\d+-slim-\w+$", DOCKERFILE, re.MULTILINE)


def test_the_build_context_has_what_is_copied() -> None:
    """.dockerignore leaves out everything but the files and directories of COPY."""
    context = (ROOT / ".dockerignore").read_text()
    kept = set(re.findall("^!(.+)$", context, re.MULTILINE))
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)

    assert {name for names in copied for name in names.split()} == kept


def test_the_sbom_has_every_package_of_the_image(tmp_path: Path) -> None:
    """`make sbom` lists each pinned package with its version and hashes, as CycloneDX."""
    lock = "requirements-sheets.lock"
    pinned = set(re.findall(r"^([\w-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))
    target = tmp_path / "sbom.json"
    command = ["make", "-s", "-o", ".venv/.dev", "sbom", f"SBOM={target}", f"LOCK={lock}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    sbom: dict[str, Any] = json.loads(target.read_text())

    listed = {(one["name"], one["version"]) for one in sbom["components"]}
    assert sbom["bomFormat"] == "CycloneDX"
    assert sbom["metadata"]["component"]["name"] == "digitserve"
    assert sbom["metadata"]["component"]["version"] == VERSION
    assert listed == pinned
    for one in sbom["components"]:
        references = one["externalReferences"]
        assert any(reference.get("hashes") for reference in references), one["name"]
