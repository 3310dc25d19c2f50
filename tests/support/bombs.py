"""Decompression bombs: small image files that decode to a large size."""

import io
import struct
import zlib

from PIL import Image

from tests.support.pictures import encode

SIDE = 50_000

# Tag numbers of TIFF.
_WIDTH, _HEIGHT, _STRIPS, _ROWS = 256, 257, 273, 278


def png(side: int = SIDE, *, mode: str = "1") -> bytes:
    """Return a black PNG of ``side`` x ``side`` pixels, with at most 5,000 rows of data."""
    depth, colour, row = {"1": (1, 0, (side + 7) // 8), "RGBA": (8, 6, 4 * side)}[mode]
    packer = zlib.compressobj(9)
    lines = bytes(1 + row)
    content = b"".join(packer.compress(lines) for _ in range(min(side, 5_000))) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", content), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def png_profile() -> bytes:
    """Return a PNG whose colour profile and text decompress to 100 MB each."""
    much = zlib.compress(bytes(100_000_000), 9)
    picture = encode(Image.new("L", (28, 28)))
    extra = _chunk(b"iCCP", b"a\0\0" + much) + _chunk(b"zTXt", b"a\0\0" + much)
    return picture[:33] + extra + picture[33:]


def gif(frames: int, side: int) -> bytes:
    """Return a GIF with a number of frames and a screen of ``side`` x ``side`` pixels."""
    picture = encode(Image.new("P", (64, 64)), "GIF")
    start = picture.index(b",")
    head = picture[:6] + struct.pack("<HH", side, side) + picture[10:start]
    return head + picture[start:-1] * frames + b";"


def webp(frames: int) -> bytes:
    """Return an animated WebP with a number of frames."""
    file = io.BytesIO()
    others = [Image.new("L", (64, 64), 9 + number % 2) for number in range(frames - 1)]
    Image.new("L", (64, 64)).save(file, "WEBP", save_all=True, append_images=others, lossless=True)
    return file.getvalue()


def webp_canvas() -> bytes:
    """Return an animated WebP with the largest canvas of the format, 16,777,216 x 16,777,216."""
    picture = bytearray(webp(2))
    place = picture.index(b"VP8X") + 12
    picture[place : place + 6] = b"\xff" * 6
    return bytes(picture)


def tiff(side: int = SIDE, *, compression: str = "raw") -> bytes:
    """Return a small TIFF with a large size in its header, in one strip."""
    picture = bytearray(encode(Image.new("L", (64, 64)), "TIFF", compression=compression))
    for tag in (_WIDTH, _HEIGHT, _ROWS):
        _set_field(picture, tag, struct.pack("<HII", 4, 1, side))
    return bytes(picture)


def tiff_pages(count: int) -> bytes:
    """Return a TIFF with a number of pages that share their pixels."""
    picture = encode(Image.new("L", (28, 28)), "TIFF")
    place = int.from_bytes(picture[4:8], "little")
    directory = picture[place : place + 2 + 12 * picture[place]]
    length, pages = len(directory) + 4, bytearray()
    for number in range(1, count + 1):
        following = len(picture) + number * length if number < count else 0
        pages += directory + struct.pack("<I", following)
    return picture[:4] + struct.pack("<I", len(picture)) + picture[8:] + bytes(pages)


def tiff_values(count: int) -> bytes:
    """Return a TIFF with a field that announces ``count`` values."""
    picture = bytearray(encode(Image.new("L", (64, 64)), "TIFF"))
    _set_field(picture, _STRIPS, struct.pack("<HI", 4, count))
    return bytes(picture)


def bmp(side: int = SIDE) -> bytes:
    """Return a run-length encoded BMP with a large size in its header."""
    picture = bytearray(encode(Image.new("P", (64, 64)), "BMP"))
    picture[18:26] = struct.pack("<ii", side, side)
    picture[30:34] = struct.pack("<I", 1)
    return bytes(picture)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def _set_field(tiff: bytearray, tag: int, content: bytes) -> None:
    """Overwrite the type, count and value of a TIFF field."""
    place = int.from_bytes(tiff[4:8], "little") + 2
    while int.from_bytes(tiff[place : place + 2], "little") != tag:
        place += 12
    tiff[place + 2 : place + 2 + len(content)] = content
