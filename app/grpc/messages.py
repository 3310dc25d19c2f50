"""Classes of the protocol's messages, made from the compiled ``open_inference.proto``.

Their descriptor pool is their own: the default pool refuses a second message of the same name,
which a client of the protocol in the same process would have.
"""

from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from app.errors import MalformedRequestError

# A message or its class: they are made at run time, without static types.
Message = Any

_COMPILED = Path(__file__).with_name("open_inference.binpb")


_POOL = DescriptorPool()
for _file in FileDescriptorSet.FromString(_COMPILED.read_bytes()).file:
    _POOL.AddSerializedFile(_file.SerializeToString())


def _message_class(name: str) -> Message:
    return GetMessageClass(_POOL.FindMessageTypeByName(f"inference.{name}"))


ServerLiveResponse = _message_class("ServerLiveResponse")
ServerReadyResponse = _message_class("ServerReadyResponse")
ServerMetadataResponse = _message_class("ServerMetadataResponse")
ModelReadyRequest = _message_class("ModelReadyRequest")
ModelReadyResponse = _message_class("ModelReadyResponse")
ModelMetadataRequest = _message_class("ModelMetadataRequest")
ModelMetadataResponse = _message_class("ModelMetadataResponse")
ModelInferRequest = _message_class("ModelInferRequest")
ModelInferResponse = _message_class("ModelInferResponse")


def parse(kind: Message, data: bytes) -> Message:
    """Parse a message.

    Raises: MalformedRequestError.
    """
    try:
        return kind.FromString(data)
    except DecodeError:
        name = kind.DESCRIPTOR.name
        raise MalformedRequestError(f"message: expected {name}, got another one") from None
