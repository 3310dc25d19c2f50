"""Protocol Buffers wire format: separates large binary fields from a message before it is parsed.

A parsed message takes up to forty times the memory of its bytes; the binary fields take none but
their own. Source: protobuf.dev, "Encoding".
"""

from app.errors import BodyTooLargeError, MalformedRequestError

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}

# Fields of a message that are looked at; a request of this service has about ten.
_MAX_FIELDS = 1024


def split_binary(message: bytes, field: int, *, max_rest: int) -> tuple[bytes, list[bytes]]:
    """Return a message without its binary fields of number ``field``, and these.

    Units: ``max_rest`` is the largest size of the message without them, in bytes.
    Raises: MalformedRequestError if it is no message; BodyTooLargeError.
    """
    rest: list[bytes] = []
    binary: list[bytes] = []
    start = size = 0
    while start < len(message):
        number, begin, end = _read_field(message, start)
        if number == field:
            binary.append(message[begin:end])
        else:
            rest.append(message[start:end])
            size += end - start
        if size > max_rest:
            raise BodyTooLargeError(
                f"message: expected at most {max_rest} bytes without raw contents, got more; send "
                "tensors as raw contents"
            )
        if len(rest) + len(binary) > _MAX_FIELDS:
            raise MalformedRequestError(f"message: expected at most {_MAX_FIELDS} fields, got more")
        start = end
    return b"".join(rest), binary


def _read_field(message: bytes, start: int) -> tuple[int, int, int]:
    """Return a field's number, and where its value begins and ends; 0 if it is not binary."""
    tag, begin = _read_varint(message, start)
    number, kind = divmod(tag, 8)
    if kind == _LENGTH:
        length, begin = _read_varint(message, begin)
        end = begin + length
    elif kind == _VARINT:
        number, end = 0, _read_varint(message, begin)[1]
    elif kind in _FIXED_BYTES:
        number, end = 0, begin + _FIXED_BYTES[kind]
    else:
        raise MalformedRequestError(f"message: expected a Protocol Buffers one, got type {kind}")
    if end > len(message):
        raise MalformedRequestError("message: expected a whole one, got a part of it")
    return number, begin, end


def _read_varint(message: bytes, start: int) -> tuple[int, int]:
    """Return an integer of variable length, and where it ends."""
    value = shift = 0
    for place in range(start, min(start + 10, len(message))):
        byte = message[place]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place + 1
        shift += 7
    raise MalformedRequestError("message: expected a whole one, got a part of it")
