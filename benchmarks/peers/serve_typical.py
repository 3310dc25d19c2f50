"""A typical service: FastAPI, an UploadFile, Pillow and the notebook's CNN in PyTorch."""

from typing import Annotated, Any

from fastapi import FastAPI, File, UploadFile
from pydantic import BaseModel

from benchmarks.peers.notebook_cnn import NotebookCnn
from benchmarks.peers.with_uvicorn import serve

app = FastAPI()
cnn = NotebookCnn()


class Answer(BaseModel):
    """The JSON answer."""

    digit: int
    probabilities: list[float]


@app.post("/v1/predictions", response_model=Answer)
async def predict(image: Annotated[UploadFile, File()]) -> dict[str, Any]:
    """Classify one image."""
    return cnn.classify(await image.read())


if __name__ == "__main__":
    serve(app)
