"""Examples of requests and responses in the OpenAPI document."""

from typing import Any

# Example image: a drawn two, 28x28 pixels, grey, light on dark.
EXAMPLE_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAt0lEQVR42mNgGGDA3z5RHIeUxbSv////WuDAhE"
    "Wu/f///7++/v//fwGmnPjX/y+aJIUqHvz/zoUh2fP/lxwDAwOD6///PuhyIl//z2RgYGBgYP/6fxq6pOT3P3oQ"
    "1sn/xzGMVYPKGf//X4TTr5v+v+DCJWeFR6PaU9wa1Z7+/x6IR84dh5wBHjk1AnJ47PuTKCkpKSkpqY0eaSIf/i"
    "PAPKggTBErO5JKXijNCDdWDS7378C3gUuqAMonVbQEhbnpAAAAAElFTkSuQmCC"
)

_MODEL = {"name": "cnn", "version": "5", "sha256": "0ca42c5ee4d6...", "preprocessing": "2"}
_ORIGIN: dict[str, Any] = {"model": _MODEL, "request_id": "331b8b7f5063e2303762e1c2748905f1"}
_IMAGE = {
    "digit": 2,
    "confidence": 0.9987,
    "probabilities": {"0": 0.0001, "1": 0.0002, "2": 0.9987, "3": 0.0009, "4": 0.0001},
    "decision": "accept",
    "reason": None,
}
PROBLEM = {
    "type": "urn:digitserve:problem:unsupported-image",
    "title": "Unsupported Media Type",
    "status": 415,
    "detail": "image: expected PNG, JPEG, WEBP, GIF, BMP or TIFF, got PDF",
    "request_id": _ORIGIN["request_id"],
    "error": "image: expected PNG, JPEG, WEBP, GIF, BMP or TIFF, got PDF",
}
_BATCH = _ORIGIN | {"predictions": [_IMAGE, {"error": PROBLEM}]}
_SHEET = _ORIGIN | {
    "pages": [
        {
            "width": 120,
            "height": 80,
            "transform": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            "boxes": [
                {
                    "corners": [[20.0, 20.0], [60.0, 20.0], [60.0, 60.0], [20.0, 60.0]],
                    "row": 0,
                    "col": 0,
                    "name": None,
                    "prediction": _IMAGE,
                }
            ],
            "fields": [{"name": None, "boxes": [0], "text": "2"}],
        }
    ]
}
INFER = {
    "inputs": [{"name": "image_bytes", "datatype": "BYTES", "shape": [1], "data": [EXAMPLE_PNG]}]
}

# Examples of successful responses, by operationId. FastAPI drops null from those that it is given.
RESPONSES: dict[str, dict[str, Any]] = {
    "predict": _IMAGE | _ORIGIN,
    "predictBatch": _BATCH,
    "readSheet": _SHEET,
}
