"""LitServe with the notebook's CNN in PyTorch; an image comes as base64 in JSON."""

import argparse
import base64
from typing import Any

import litserve

from benchmarks.peers.notebook_cnn import NotebookCnn


class Digits(litserve.LitAPI):  # type: ignore[misc]
    """LitServe API that classifies images."""

    def setup(self, device: str) -> None:  # noqa: ARG002
        """Build the network."""
        self.cnn = NotebookCnn()

    def decode_request(self, request: dict[str, str]) -> bytes:
        """Return the file."""
        return base64.b64decode(request["image"])

    def predict(self, file: bytes) -> dict[str, Any]:
        """Classify one image."""
        return self.cnn.classify(file)

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON answer."""
        return output


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.serve_litserve")
    parser.add_argument("--port", type=int, required=True)
    api = Digits(api_path="/v1/predictions")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(port=parser.parse_args().port, log_level="warning", generate_client_file=False)


if __name__ == "__main__":
    main()
