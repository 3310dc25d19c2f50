"""HTTP messages of the protocol as they were on the connection, in words for a table."""

import gzip
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_DECODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "": bytes,
}


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response: its first line, its headers in lower case, its JSON, its length."""

    start: str
    headers: dict[str, str]
    document: Any
    length: int


def parse(data: bytes) -> Message:
    """Parse a message; its body is decompressed, and binary tensors are cut off."""
    head, _, body = data.partition(b"\r\n\r\n")
    start, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in headers.items()}
    body = body[: int(headers.get("content-length", 0))]
    plain = _DECODE[headers.get("content-encoding", "")](body)
    end = int(headers.get("inference-header-content-length", len(plain)))
    return Message(start, headers, json.loads(plain[:end] or "null"), len(plain))


def split(data: bytes) -> list[bytes]:
    """Split the messages of one direction of a connection.

    Raises: ValueError if the last one is not complete.
    """
    found = []
    while data:
        end = data.index(b"\r\n\r\n") + 4
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)\r\n", data[:end])
        end += int(length[1]) if length else 0
        if end > len(data):
            raise ValueError(f"message: expected {end} bytes, got {len(data)}")
        found.append(data[:end])
        data = data[end:]
    return found


def is_complete(data: bytes) -> bool:
    """Return whether the last message has its whole header and body."""
    try:
        return sum(map(len, split(data))) == len(data) > 0
    except ValueError:
        return False


def describe_request(data: bytes) -> str:
    """Describe method and path, content coding, key, and the tensors of a request."""
    message = parse(data)
    method, path, _ = message.start.split()
    words = [f"`{method} {path}`"]
    if "content-encoding" in message.headers:
        words.append(message.headers["content-encoding"])
    if "authorization" in message.headers:
        words.append("with a key")
    document = message.document or {}
    words += _id(document)
    words += [_tensor(one) for one in document.get("inputs", ())]
    if "outputs" in document:
        words.append("wants " + ", ".join(_wanted(one) for one in document["outputs"]))
    return "; ".join(words)


def describe_response(data: bytes) -> str:
    """Describe status, content coding, and the error, the tensors or the fields of a response."""
    message = parse(data)
    words = [message.start.split()[1]]
    if "content-encoding" in message.headers:
        words.append(message.headers["content-encoding"])
    document = message.document
    if isinstance(document, dict) and "error" in document:
        words.append(f"error: {document['error']}")
    elif isinstance(document, dict) and "outputs" in document and "model_name" in document:
        words += _id(document) + [_tensor(one) for one in document["outputs"]]
    elif document is not None:
        words.append(_fields(document))
    return "; ".join(words)


def _id(document: dict[str, Any]) -> list[str]:
    return [f'id "{document["id"]}"'] if "id" in document else []


def _tensor(tensor: dict[str, Any]) -> str:
    """Return name, type, shape and encoding of a tensor."""
    kind = "JSON" if "data" in tensor else "binary"
    if "shared_memory_region" in tensor.get("parameters", {}):
        kind = "shared memory"
    shape = "x".join(map(str, tensor["shape"]))
    return f"{tensor['name']} {tensor['datatype']} {shape} {kind}"


def _wanted(output: dict[str, Any]) -> str:
    """Return name, encoding and number of classes of a requested output."""
    parameters = output.get("parameters", {})
    words = [output["name"], "binary" if parameters.get("binary_data") else "JSON"]
    if "classification" in parameters:
        words.append(f"best {parameters['classification']}")
    return " ".join(words)


def _fields(document: Any) -> str:
    """Return a small document as it is, and the names of the fields of a large one."""
    text = json.dumps(document)
    if len(text) < 40:
        return f"`{text}`"
    if isinstance(document, list):
        return f"{len(document)} of " + _fields(document[0])
    return ", ".join(f"`{name}`" for name in document)
