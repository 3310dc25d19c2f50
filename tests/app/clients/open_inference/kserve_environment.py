"""KServe's client in its own environment: its packages conflict with ours."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from model_core.parameter import Array

ROOT = Path(__file__).parents[4]
KSERVE = ROOT / ".venv-kserve" / "bin" / "python"
CLIENT = Path(__file__).with_name("kserve_client.py")


def run_kserve(url: str, images: Array, files: list[bytes]) -> list[tuple[str, Any]]:
    """Make all calls of the client; return the name of each, and what came of it.

    Shapes: ``images`` (N, 14, 14) float32, the model inputs of the N ``files``.
    """
    encoded = [base64.b64encode(one).decode() for one in files]
    done = subprocess.run(
        [KSERVE, CLIENT, url],
        input=json.dumps({"images": images.tolist(), "files": encoded}) + "\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [(line["name"], line["answer"]) for line in lines]
