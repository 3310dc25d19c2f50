"""The typical service: FastAPI, an UploadFile, Pillow and the notebook's CNN in PyTorch."""

import argparse
import io
from typing import Annotated

import numpy as np
import torch
import uvicorn
from fastapi import FastAPI, File, UploadFile
from PIL import Image
from pydantic import BaseModel
from torch import nn

app = FastAPI()
model = nn.Sequential(
    nn.Conv2d(1, 16, 3),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(16 * 6 * 6, 16),
    nn.ReLU(),
    nn.Linear(16, 5),
).eval()


class Answer(BaseModel):
    """What goes over the wire."""

    digit: int
    probabilities: list[float]


@app.post("/v1/predictions")
async def predict(image: Annotated[UploadFile, File()]) -> Answer:
    """Classify one image, which is taken to have MNIST's form."""
    with Image.open(io.BytesIO(await image.read())) as opened:
        small = opened.convert("L").resize((14, 14))
    pixels = np.asarray(small, np.float32) / 255
    with torch.inference_mode():
        probabilities = model(torch.from_numpy(pixels)[None, None]).softmax(1)[0]
    return Answer(digit=int(probabilities.argmax()), probabilities=probabilities.tolist())


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.serve_typical")
    parser.add_argument("--port", type=int, required=True)
    torch.set_num_threads(1)
    uvicorn.run(
        app,
        port=parser.parse_args().port,
        http="httptools",
        loop="uvloop",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
