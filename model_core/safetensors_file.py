"""Encoding of weights files: safetensors with one JSON document and a digest as metadata.

safetensors allows a map of strings beside the tensors. Ours has one entry, ``digitserve``, a JSON
document with sorted keys: the same content always gives the same bytes. Its ``content_sha256``
is the SHA-256 of the whole file with 64 zeros in the place of that digest: it covers every byte.
"""

import hashlib
import json
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from model_core.errors import (
    CorruptWeightsFileError,
    FormatVersionError,
    TensorDtypeError,
    WeightsDigestError,
)
from model_core.parameter import Array

FORMAT_VERSION = 1
ENTRY = "digitserve"
_UNSIGNED = "0" * 64


def encode(tensors: dict[str, Array], document: dict[str, Any]) -> bytes:
    """Return the bytes of a file with tensors, JSON document and digest.

    Shapes: any, float32.
    """
    signed = document | {"content_sha256": _UNSIGNED}
    signed.setdefault("format_version", FORMAT_VERSION)
    text = json.dumps(signed, sort_keys=True, allow_nan=False)
    # the library writes memory as it is, whatever the order of the axes
    contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    content = safetensors.numpy.save(contiguous, metadata={ENTRY: text})
    digest = hashlib.sha256(content).hexdigest()
    return content.replace(_signature(_UNSIGNED), _signature(digest), 1)


def decode(content: bytes) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return the tensors and the JSON document of an encoded file, after checking its digest.

    Raises: CorruptWeightsFileError, FormatVersionError, WeightsDigestError or TensorDtypeError.
    """
    header = _header(content)
    document = _document(header)
    version = document.get("format_version")
    if version != FORMAT_VERSION:
        raise FormatVersionError(f"format version: expected {FORMAT_VERSION}, got {version}")
    _check_digest(content, document)
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["dtype"] != "F32":
            raise TensorDtypeError(f"tensor {name}: expected dtype F32, got {tensor['dtype']}")
    return safetensors.numpy.load(content), document


def _signature(digest: str) -> bytes:
    """Return the digest's entry as it is encoded in the file: JSON within a JSON string."""
    return json.dumps(f'"content_sha256": "{digest}"')[1:-1].encode()


def _header(content: bytes) -> dict[str, Any]:
    """Return the safetensors header, after the library has checked that the file is complete."""
    try:
        safetensors.deserialize(content)  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise CorruptWeightsFileError(
            f"expected a complete safetensors file, got {len(content)} bytes: {error}"
        ) from None
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length])  # type: ignore[no-any-return]


def _document(header: dict[str, Any]) -> dict[str, Any]:
    text = header.get("__metadata__", {}).get(ENTRY)
    if text is None:
        raise CorruptWeightsFileError(
            f"expected a safetensors file with {ENTRY!r} metadata, got one without"
        )
    try:
        document = json.loads(text)
    except ValueError as error:
        raise CorruptWeightsFileError(f"expected JSON as metadata, got {error}") from None
    if not isinstance(document, dict):
        raise CorruptWeightsFileError(f"expected a JSON object as metadata, got {text[:40]!r}")
    return document


def _check_digest(content: bytes, document: dict[str, Any]) -> None:
    expected = str(document.get("content_sha256"))
    unsigned = content.replace(_signature(expected), _signature(_UNSIGNED), 1)
    got = hashlib.sha256(unsigned).hexdigest()
    if got != expected:
        raise WeightsDigestError(f"content: expected SHA-256 {expected}, got {got}")
