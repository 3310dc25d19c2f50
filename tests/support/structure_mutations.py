"""Mutation of the structure of image files, reproducible by a seed.

A file is taken apart into its chunks, segments, blocks, run-length codes or tags. These are
repeated up to a million times, removed, moved, resized or changed, and put together again with
correct lengths, counts and checksums: a decoder cannot refuse the file at the first look.
"""

import random
import struct
from collections.abc import Callable
from typing import NamedTuple

from tests.support import structures

_MOST_REPEATS = 1_000_000

# Critical values for sizes and counts: limits of the integer types, and small numbers.
_NUMBERS = (0, 1, 2, 255, 256, 65_535, 65_536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)


class Part(NamedTuple):
    """Element of an image file: its kind, and its content without length and checksum."""

    kind: bytes
    content: bytes


Parts = list[Part]
_RAW = b""  # a kind whose content is written as it is


def mutate_structure(file: bytes, chance: random.Random, *, most_bytes: int) -> bytes:
    """Return a file with changes of its elements, of about ``most_bytes`` at most."""
    split, join = next(pair for start, pair in _FORMATS.items() if file.startswith(start))
    parts = split(file)
    for _ in range(chance.choice((1, 1, 2, 4))):
        mutation = chance.choice(_MUTATIONS)
        parts = mutation(parts, chance, max(0, most_bytes - _size(parts))) or parts
    return join(parts)


def _size(parts: Parts) -> int:
    return sum(len(part.content) + 12 for part in parts)


def _repeat(parts: Parts, chance: random.Random, free: int) -> Parts:
    """Repeat one part, as it is or empty; small numbers are as frequent as large ones."""
    place = chance.randrange(len(parts))
    part = parts[place]
    if chance.random() < 0.3 and part.kind != _RAW:
        part = part._replace(content=part.content[: chance.choice((0, 0, 1, 2))])
    most = min(_MOST_REPEATS, free // (len(part.content) + 12))
    count = int(max(1, most) ** chance.random())
    return [*parts[:place], *[part] * count, *parts[place:]]


def _repeat_group(parts: Parts, chance: random.Random, free: int) -> Parts:
    """Repeat some adjacent parts a few times."""
    start, end = sorted(chance.randrange(len(parts) + 1) for _side in range(2))
    group = parts[start:end]
    count = min(chance.choice((1, 2, 40)), free // (_size(group) + 1))
    return parts[:end] + group * count + parts[end:]


def _remove(parts: Parts, chance: random.Random, _: int) -> Parts:
    place = chance.randrange(len(parts))
    return parts[:place] + parts[place + 1 :]


def _move(parts: Parts, chance: random.Random, _: int) -> Parts:
    moved = parts.copy()
    moved.insert(chance.randrange(len(parts)), moved.pop(chance.randrange(len(parts))))
    return moved


def _resize(parts: Parts, chance: random.Random, free: int) -> Parts:
    """Cut the content of one part, or repeat it."""
    content = parts[place := chance.randrange(len(parts))].content
    if chance.random() < 0.5:
        content = content[: chance.randrange(len(content) + 1)]
    else:
        most = free // (len(content) + 1)
        content *= int(max(1, most) ** chance.random())
    return _with_content(parts, place, content)


def _flip(parts: Parts, chance: random.Random, _: int) -> Parts:
    """Flip one bit in the content of one part."""
    content = bytearray(parts[place := chance.randrange(len(parts))].content)
    if content:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return _with_content(parts, place, bytes(content))


def _overwrite(parts: Parts, chance: random.Random, _: int) -> Parts:
    """Write a critical number into the content of one part."""
    content = parts[place := chance.randrange(len(parts))].content
    size, order = chance.choice((2, 4, 4)), chance.choice(("little", "big"))
    number = (chance.choice(_NUMBERS) % 2 ** (8 * size)).to_bytes(size, order)
    start = chance.randrange(0, len(content) + 1, 2)
    return _with_content(parts, place, content[:start] + number + content[start + size :])


def _with_content(parts: Parts, place: int, content: bytes) -> Parts:
    return [*parts[:place], parts[place]._replace(content=content), *parts[place + 1 :]]


_MUTATIONS = (_repeat, _repeat, _repeat_group, _remove, _move, _resize, _flip, _overwrite)


def _split_png(file: bytes) -> Parts:
    place, parts = 8, []
    while place < len(file):
        length, name = struct.unpack_from(">I4s", file, place)
        parts.append(Part(name, file[place + 8 : place + 8 + length]))
        place += 12 + length
    return parts


def _join_png(parts: Parts) -> bytes:
    written = {part: structures.png_chunk(*part) for part in set(parts)}
    return b"\x89PNG\r\n\x1a\n" + b"".join(written[part] for part in parts)


def _split_jpeg(file: bytes) -> Parts:
    """Split a JPEG into segments, entropy-coded data and its end marker."""
    place, parts = 2, []
    while place < len(file):
        kind = file[place : place + 2]
        if kind == b"\xff\xd9":
            parts.append(Part(_RAW, file[place:]))
            break
        end = place + 2 + int.from_bytes(file[place + 2 : place + 4])
        parts.append(Part(kind, file[place + 4 : end]))
        place = end
        if kind == b"\xff\xda":
            while file[end] != 0xFF or file[end + 1] in (0, *range(0xD0, 0xD8)):
                end += 1
            parts.append(Part(_RAW, file[place:end]))
            place = end
    return parts


def _join_jpeg(parts: Parts) -> bytes:
    def write(part: Part) -> bytes:
        if part.kind == _RAW:
            return part.content
        return structures.jpeg_segment(part.kind[1], part.content[:65_533])

    written = {part: write(part) for part in set(parts)}
    return b"\xff\xd8" + b"".join(written[part] for part in parts)


def _split_gif(file: bytes) -> Parts:
    """Split a GIF into extension and image headers, and the data blocks after each."""
    place = 13 + (3 << (file[10] & 7) + 1 if file[10] & 0x80 else 0)
    parts = [Part(_RAW, file[:place])]
    while file[place] != ord(";"):
        palette = 3 << (file[place + 9] & 7) + 1 if file[place + 9] & 0x80 else 0
        end = place + (2 if file[place] == ord("!") else 11 + palette)
        parts.append(Part(_RAW, file[place:end]))
        while file[end]:
            parts.append(Part(b"block", file[end + 1 : end + 1 + file[end]]))
            end += 1 + file[end]
        parts.append(Part(b"block", b""))
        place = end + 1
    return [*parts, Part(_RAW, b";")]


def _join_gif(parts: Parts) -> bytes:
    def write(part: Part) -> bytes:
        if part.kind == _RAW:
            return part.content
        return bytes([min(255, len(part.content))]) + part.content[:255]

    written = {part: write(part) for part in set(parts)}
    return b"".join(written[part] for part in parts)


def _split_bmp(file: bytes) -> Parts:
    """Split a BMP into its headers, and pairs of bytes: its codes, if it is run-length encoded."""
    start = struct.unpack_from("<I", file, 10)[0]
    pairs = [Part(b"code", file[at : at + 2]) for at in range(start, len(file), 2)]
    return [Part(_RAW, file[:14]), Part(_RAW, file[14:start]), *pairs]


def _join_raw(parts: Parts) -> bytes:
    return b"".join(part.content for part in parts)


def _split_webp(file: bytes) -> Parts:
    place, parts = 12, []
    while place < len(file):
        name, length = struct.unpack_from("<4sI", file, place)
        parts.append(Part(name, file[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    return parts


def _join_webp(parts: Parts) -> bytes:
    def write(part: Part) -> bytes:
        name, content = part
        return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)

    written = {part: write(part) for part in set(parts)}
    body = b"WEBP" + b"".join(written[part] for part in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _split_tiff(file: bytes) -> Parts:
    """Split a TIFF into the fields of its first directory; the whole file comes before them."""
    start = struct.unpack_from("<I", file, 4)[0]
    count = struct.unpack_from("<H", file, start)[0]
    places = range(start + 2, start + 2 + 12 * count, 12)
    return [Part(_RAW, file), *[Part(b"field", file[place : place + 12]) for place in places]]


def _join_tiff(parts: Parts) -> bytes:
    """Write a new directory behind the data and let the header point to it."""
    data = b"".join(part.content for part in parts if part.kind == _RAW)
    fields = [part.content.ljust(12, b"\0")[:12] for part in parts if part.kind != _RAW]
    count = struct.pack("<H", min(len(fields), 65_535))
    return b"II*\0" + struct.pack("<I", len(data)) + data[8:] + count + b"".join(fields) + bytes(4)


_FORMATS: dict[bytes, tuple[Callable[[bytes], Parts], Callable[[Parts], bytes]]] = {
    b"\x89PNG": (_split_png, _join_png),
    b"\xff\xd8": (_split_jpeg, _join_jpeg),
    b"GIF8": (_split_gif, _join_gif),
    b"BM": (_split_bmp, _join_raw),
    b"RIFF": (_split_webp, _join_webp),
    b"II*\0": (_split_tiff, _join_tiff),
}


def intact(file: bytes) -> bytes:
    """Take a file apart and put it together again, without a change."""
    split, join = next(pair for start, pair in _FORMATS.items() if file.startswith(start))
    return join(split(file))
