"""docs/open-inference.md: its examples work, and its tables have every name."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.api.v2.infer_request import IMAGE, IMAGE_BYTES, OUTPUTS
from tests.app.clients.exchanges import program
from tests.support.servers import Server

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "open-inference.md").read_text()


def run(server: Server, language: str, *command: str) -> str:
    """Run the page's example in a language against a server; return its output."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    code = found[1].replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    done = subprocess.run(
        [*command, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_the_example_for_curl_works(server: Server) -> None:
    """It prints the metadata, and the digit in the picture."""
    program("curl")

    metadata, answer = run(server, "sh", "sh").replace("}{", "}\n{").splitlines()

    assert json.loads(metadata)["name"] == "cnn"
    assert {one["name"]: one["data"] for one in json.loads(answer)["outputs"]}["digit"] == [2]


def test_the_example_for_tritonclient_works(server: Server) -> None:
    """It prints digit, decision and probabilities."""
    pytest.importorskip("tritonclient.http", reason="needs tritonclient[http]")

    assert run(server, "python", sys.executable).startswith("[2] [b'accept'] [[")


def test_the_tables_have_every_tensor() -> None:
    """Inputs and outputs, in order."""
    rows = re.findall(r"^\| `(\w+)` \| (?:FP32|INT64|BYTES) \[", PAGE, re.MULTILINE)

    assert rows == [IMAGE, IMAGE_BYTES, *OUTPUTS]
