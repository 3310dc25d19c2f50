"""BentoML with the notebook's CNN in PyTorch; an image comes as base64 in JSON."""

import argparse
import base64
from typing import Any

import bentoml

from benchmarks.peers.notebook_cnn import NotebookCnn


@bentoml.service(workers=1)
class Digits:
    """BentoML service that classifies images."""

    def __init__(self) -> None:
        self.cnn = NotebookCnn()

    @bentoml.api(route="/v1/predictions")  # type: ignore[untyped-decorator]
    async def predict(self, image: str) -> dict[str, Any]:
        """Classify one image."""
        return self.cnn.classify(base64.b64decode(image))


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.serve_bentoml")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    bentoml.serve("benchmarks.peers.serve_bentoml:Digits", port=port, blocking=True)


if __name__ == "__main__":
    main()
