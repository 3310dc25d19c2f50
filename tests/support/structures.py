"""Image files with a chosen number of one element: chunks, segments, blocks, strips, tags."""

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests.support.pictures import encode

_GREY = Image.new("L", (28, 28))

# Tag, type, number of values, and the value or the values as bytes.
Field = tuple[int, int, int, int | bytes]

_FRACTION, _SHORT, _LONG, _ASCII = 5, 3, 4, 2


def png_chunk(name: bytes, content: bytes) -> bytes:
    """Return a PNG chunk with its length and checksum."""
    return struct.pack(">I", len(content)) + name + content + _checksum(name + content)


def png_chunks(count: int) -> bytes:
    """Return a PNG of ``count`` chunks, at least 3; most of them are empty."""
    png = encode(_GREY)
    return png[:33] + png_chunk(b"abCd", b"") * (count - 3) + png[33:]


def png_empty_data(count: int) -> bytes:
    """Return a grey PNG of ``count`` chunks, at least 3; most are IDAT chunks without data."""
    png = encode(_GREY)
    return png[:33] + png_chunk(b"IDAT", b"") * (count - 3) + png[33:]


def png_texts(count: int) -> bytes:
    """Return a PNG of ``count`` compressed texts, each of which expands to 1 MB."""
    png, much = encode(_GREY), zlib.compress(bytes(1_000_000), 9)
    return png[:33] + png_chunk(b"iCCP", b"a\0\0" + much) * count + png[33:]


def png_metadata(count: int) -> bytes:
    """Return a PNG with ``count`` bytes of text."""
    png = encode(_GREY)
    return png[:33] + png_chunk(b"tEXt", b"a\0" + bytes(count - 2)) + png[33:]


def png_exif(exif: bytes) -> bytes:
    """Return a PNG with EXIF data."""
    png = encode(_GREY)
    return png[:33] + png_chunk(b"eXIf", exif) + png[33:]


def jpeg_segment(kind: int, content: bytes) -> bytes:
    """Return a JPEG segment with its marker and length."""
    return struct.pack(">BBH", 0xFF, kind, len(content) + 2) + content


def jpeg_with(inserted: bytes) -> bytes:
    """Return a grey JPEG with bytes inserted before its first segment."""
    jpeg = encode(_GREY, "JPEG")
    return jpeg[:2] + inserted + jpeg[2:]


def jpeg_segments(count: int) -> bytes:
    """Return a JPEG of ``count`` segments up to its data, at least 6; most are comments."""
    return jpeg_with(jpeg_segment(0xFE, b"") * (count - 6))


def jpeg_padding(count: int) -> bytes:
    """Return a JPEG with ``count`` fill bytes before a segment."""
    return jpeg_with(b"\xff" * count)


def jpeg_fill(count: int) -> bytes:
    """Return a JPEG with ``count`` bytes FF in a row in its data."""
    return encode(_GREY, "JPEG")[:-2] + b"\xff" * count + b"\xd9"


def jpeg_metadata(count: int) -> bytes:
    """Return a JPEG with ``count`` bytes in APP2 and APP0 segments, lengths included."""
    segment, rest = 60_000, (count - 16) % 60_000
    last = jpeg_segment(0xE2, bytes(rest - 2)) if rest else b""
    return jpeg_with(jpeg_segment(0xE2, bytes(segment - 2)) * ((count - 16) // segment) + last)


def jpeg_tables(count: int) -> bytes:
    """Return a JPEG with ``count`` bytes of tables, lengths included."""
    own = 67 + 31 + 181
    whole, rest = divmod(count - own, 60_000)
    last = jpeg_segment(0xC4, bytes(rest - 2)) if rest else b""
    return jpeg_with(jpeg_segment(0xC4, bytes(59_998)) * whole + last)


def jpeg_exif(exif: bytes) -> bytes:
    """Return a JPEG with EXIF data, in several segments if it is long."""
    parts = [exif[place : place + 60_000] for place in range(0, len(exif), 60_000)]
    return jpeg_with(b"".join(jpeg_segment(0xE1, b"Exif\0\0" + part) for part in parts))


def gif_with(inserted: bytes) -> bytes:
    """Return a GIF with bytes inserted before its frame."""
    gif = encode(Image.new("L", (28, 28)), "GIF")
    start = gif.index(b",", 13 + 3 * 256 if gif[10] & 7 == 7 else 13)
    return gif[:start] + inserted + gif[start:]


def gif_blocks(count: int) -> bytes:
    """Return a GIF with ``count`` data blocks in a comment, the empty one at its end included."""
    return gif_with(b"!\xfe" + b"\1a" * (count - 1) + b"\0")


def gif_padding(count: int) -> bytes:
    """Return a GIF with ``count`` bytes that belong to no block."""
    return gif_with(bytes(count))


def gif_metadata(count: int) -> bytes:
    """Return a GIF whose frame begins after ``count`` bytes."""
    free = count - len(gif_with(b"").partition(b",")[0]) - 3
    blocks, rest = divmod(free, 256)
    last = bytes([rest - 1]) + bytes(rest - 1) if rest else b""
    return gif_with(b"!\xfe" + (b"\xff" + bytes(255)) * blocks + last + b"\0")


def bmp(width: int, height: int, codes: bytes, *, four_bits: bool = False) -> bytes:
    """Return a BMP of a size with run-length codes."""
    bits, kind = (4, 2) if four_bits else (8, 1)
    start = 14 + 40 + 4 * 256
    size = struct.pack("<IiiHHII", 40, width, height, 1, bits, kind, len(codes))
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, start) + size + bytes(16 + 1024) + codes


def bmp_codes(count: int) -> bytes:
    """Return a BMP of ``count`` run-length codes: runs beyond the end of the row, then an end."""
    return bmp(28, 28, b"\xff\1" * count + b"\0\1\0\0")


def bmp_deltas(count: int) -> bytes:
    """Return a BMP of ``count`` deltas that move nowhere."""
    return bmp(28, 28, b"\0\2\0\0" * count)


def tiff(fields: list[Field], data: bytes = b"") -> bytes:
    """Return a TIFF of fields (tag, type, count, value), with ``data`` from byte 8 on."""
    data += b"\0" * (len(data) % 2)
    start = 8 + len(data)
    values = start + 2 + 12 * len(fields) + 4
    directory, more = bytearray(struct.pack("<H", len(fields))), bytearray()
    for tag, kind, count, value in sorted(fields, key=lambda field: field[0]):
        place = value if isinstance(value, int) else values + len(more)
        more += b"" if isinstance(value, int) else value
        directory += struct.pack("<HHII", tag, kind, count, place)
    return b"II*\0" + struct.pack("<I", start) + data + bytes(directory) + bytes(4) + bytes(more)


def grey_fields(
    width: int = 28, height: int = 28, *, rows: int | None = None, compression: int = 1
) -> list[Field]:
    """Return the fields of a grey TIFF without its strips."""
    return [
        (256, _LONG, 1, width),
        (257, _LONG, 1, height),
        (258, _SHORT, 1, 8),
        (259, _SHORT, 1, compression),
        (262, _SHORT, 1, 1),
        (277, _SHORT, 1, 1),
        (278, _LONG, 1, height if rows is None else rows),
    ]


def tiff_strips(count: int, *, kind: int = _SHORT) -> bytes:
    """Return a TIFF of ``count`` strips of one row, which share their data."""
    offset = {1: b"\x08", _SHORT: b"\x08\0", _LONG: b"\x08\0\0\0"}[kind]
    fields = grey_fields(height=count, rows=1)
    return tiff([*fields, (273, kind, count, offset * count)], bytes(28))


def tiff_fields(count: int) -> bytes:
    """Return a TIFF of ``count`` tags in its directory, at least 8."""
    others = [(tag, _SHORT, 1, 0) for tag in range(40_000, 40_000 + count - 8)]
    return tiff([*grey_fields(), (273, _LONG, 1, 8), *others], bytes(784))


def tiff_numbers(count: int) -> bytes:
    """Return a TIFF with a tag of ``count`` numbers."""
    numbers = (40_000, _SHORT, count, bytes(2 * count))
    return tiff([*grey_fields(), (273, _LONG, 1, 8), numbers], bytes(784))


def tiff_fractions(count: int) -> bytes:
    """Return a TIFF with a resolution of ``count`` fractions."""
    fractions = (282, _FRACTION, count, b"\1\0\0\0\3\0\0\0" * count)
    return tiff([*grey_fields(), (273, _LONG, 1, 8), fractions], bytes(784))


def webp_chunks(count: int) -> bytes:
    """Return a WebP of ``count`` chunks, at least 2; most of them are empty."""
    return webp_with(b"abcd\0\0\0\0" * (count - 2))


def webp_with(chunks: bytes) -> bytes:
    """Return an extended WebP with chunks after its image."""
    image = encode(_GREY.convert("RGB"), "WEBP", lossless=True)[12:]
    head = b"VP8X" + struct.pack("<IB3x", 10, 8) + b"\x1b\0\0\x1b\0\0"
    body = b"WEBP" + head + image + chunks
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_metadata(count: int) -> bytes:
    """Return a WebP with ``count`` bytes of metadata, an even number if it is to be complete."""
    return webp_with(b"XMP " + struct.pack("<I", count) + bytes(count + count % 2))


def webp_exif(exif: bytes) -> bytes:
    """Return a WebP with EXIF data."""
    return webp_with(b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) % 2))


def exif_fields(count: int) -> bytes:
    """Return EXIF data of ``count`` tags."""
    return tiff([(tag, _SHORT, 1, 0) for tag in range(40_000, 40_000 + count)])


def exif_numbers(count: int) -> bytes:
    """Return EXIF data with a tag of ``count`` numbers."""
    return tiff([(40_000, _SHORT, count, bytes(2 * count))])


def exif_fractions(count: int) -> bytes:
    """Return EXIF data with a resolution of ``count`` fractions, and its unit."""
    fractions = (282, _FRACTION, count, b"\1\0\0\0\3\0\0\0" * count)
    return tiff([fractions, (296, _SHORT, 1, 2)])


def exif_in_exif(inner: Callable[[int], bytes], count: int) -> bytes:
    """Return EXIF data whose EXIF directory, the second one, is that of ``inner(count)``."""
    second = inner(count)
    start = struct.unpack_from("<I", second, 4)[0]
    # The second directory is at its own offset, so that its offsets of values stay right.
    first = struct.pack("<HHHII", 1, 34665, _LONG, 1, start) + bytes(4)
    return second[:4] + struct.pack("<I", len(second)) + second[8:] + first


def _checksum(content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(content))
