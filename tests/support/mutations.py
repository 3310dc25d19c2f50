"""Mutation of image files for fuzzing, reproducible by a seed: of bytes, and of the structure."""

import random
from collections.abc import Iterator

from PIL import Image, PngImagePlugin

from tests.support.pictures import encode, two
from tests.support.structure_mutations import mutate_structure
from tests.support.structures import bmp

# Usual largest size of a mutant; the files of the corpus are far smaller.
_MOST_BYTES = 100_000

# Critical values for sizes and counts: limits of the integer types.
_NUMBERS = [b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\1\0\0", b"\x80"]


def corpus() -> dict[str, bytes]:
    """Return valid files of every format, in several modes, layouts and compressions."""
    grey, colour = two(40), two(40).convert("RGB")
    pages = [two(40).rotate(90), two(40).rotate(180)]
    files = {
        "PNG": encode(grey),
        "PNG of a palette": encode(grey.convert("P")),
        "PNG with alpha": encode(grey.convert("RGBA")),
        "PNG of 16 bits": encode(grey.convert("I;16")),
        "PNG of 1 bit": encode(grey.convert("1")),
        "JPEG": encode(grey, "JPEG"),
        "JPEG in colour": encode(colour, "JPEG"),
        "JPEG, progressive": encode(colour, "JPEG", progressive=True),
        "JPEG of four inks": encode(colour.convert("CMYK"), "JPEG"),
        "WebP": encode(colour, "WEBP"),
        "WebP, lossless": encode(colour.convert("RGBA"), "WEBP", lossless=True),
        "WebP of frames": encode(grey, "WEBP", save_all=True, append_images=pages),
        "GIF": encode(grey, "GIF"),
        "GIF of frames": encode(grey, "GIF", save_all=True, append_images=pages),
        "BMP": encode(grey, "BMP"),
        "BMP in colour": encode(colour, "BMP"),
        "BMP of runs": bmp(40, 40, b"\x14\0\x14\xff\0\0" * 40 + b"\0\1"),
        "TIFF of pages": encode(grey, "TIFF", save_all=True, append_images=pages),
    }
    exif = Image.Exif()
    exif[0x0112] = 6
    files["JPEG, turned"] = encode(grey, "JPEG", exif=exif.tobytes())
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a two", zip=True)
    files["PNG with metadata"] = encode(grey, exif=exif, pnginfo=text, icc_profile=bytes(200))
    files["GIF with a comment"] = encode(grey, "GIF", comment=b"a two")
    files["WebP with metadata"] = encode(grey, "WEBP", exif=exif, xmp=bytes(200))
    files["TIFF of strips"] = encode(grey, "TIFF", strip_size=80)
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        files[f"TIFF, {compression}"] = encode(grey, "TIFF", compression=compression)
    files["TIFF, fax"] = encode(grey.convert("1"), "TIFF", compression="group4")
    return files


def mutants(count: int, *, seed: int, most_bytes: int = _MOST_BYTES) -> Iterator[tuple[str, bytes]]:
    """Yield mutated files, each with the name of its original in the corpus.

    Every fourth pass over the corpus changes the structure of the files, the others bytes.
    """
    chance = random.Random(seed)
    files = list(corpus().items())
    for number in range(count):
        name, sound = files[number % len(files)]
        if number // len(files) % 4 == 1:
            yield name, mutate_structure(sound, chance, most_bytes=most_bytes)
            continue
        content = bytearray(sound)
        for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
            content = chance.choice(_MUTATIONS)(content, chance, files)
        yield name, bytes(content[:_MOST_BYTES])


_Files = list[tuple[str, bytes]]


def _flip(content: bytearray, chance: random.Random, _: _Files) -> bytearray:
    for _bit in range(chance.choice((1, 1, 4, 32))):
        if content:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return content


def _overwrite(content: bytearray, chance: random.Random, _: _Files) -> bytearray:
    place = chance.randrange(len(content) + 1)
    number = chance.choice(_NUMBERS)
    content[place : place + len(number)] = number
    return content


def _truncate(content: bytearray, chance: random.Random, _: _Files) -> bytearray:
    return content[: chance.randrange(len(content) + 1)]


def _remove(content: bytearray, chance: random.Random, _: _Files) -> bytearray:
    start, end = sorted(chance.randrange(len(content) + 1) for _side in range(2))
    del content[start:end]
    return content


def _repeat(content: bytearray, chance: random.Random, _: _Files) -> bytearray:
    start, end = sorted(chance.randrange(len(content) + 1) for _side in range(2))
    content[end:end] = content[start:end] * chance.choice((1, 2, 16))
    return content


def _splice(content: bytearray, chance: random.Random, files: _Files) -> bytearray:
    other = chance.choice(files)[1]
    start, end = sorted(chance.randrange(len(other) + 1) for _side in range(2))
    place = chance.randrange(len(content) + 1)
    return content[:place] + other[start:end] + content[place:]


_MUTATIONS = (_flip, _flip, _flip, _overwrite, _overwrite, _truncate, _remove, _repeat, _splice)
