"""File signatures, for error messages."""

import pytest

from app.images.signatures import describe_unsupported, supported_format


def ftyp(*brands: bytes) -> bytes:
    """Return the first box of an ISO media file: major brand, version, compatible brands."""
    major, *others = brands
    content = b"ftyp" + major + bytes(4) + b"".join(others)
    return (4 + len(content)).to_bytes(4, "big") + content + b"\0\0\0\x08meta"


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        ((b"heic", b"mif1", b"heic"), "HEIC: export it as JPEG"),
        ((b"heix", b"mif1"), "HEIC"),
        ((b"hevc", b"msf1", b"hevc"), "HEIC"),
        ((b"mif1", b"heic"), "HEIC"),
        ((b"mif1",), "HEIC"),
        ((b"msf1",), "HEIC"),
        ((b"avif", b"mif1", b"miaf"), "AVIF: convert it to JPEG or PNG"),
        ((b"avis", b"msf1"), "AVIF"),
        ((b"mif1", b"miaf", b"avif"), "AVIF"),
        ((b"isom", b"mp42"), "a video or another ISO media file"),
        ((b"qt  ",), "a video"),
        ((b"mp42", *[b"isom"] * 1000, b"heic"), "a video"),
    ],
)
def test_iso_media_files_are_told_apart_by_their_brands(
    brands: tuple[bytes, ...], kind: str
) -> None:
    """HEIC, AVIF and videos begin alike; the brands tell which one it is."""
    assert describe_unsupported(ftyp(*brands)).startswith(kind)


def test_heic_comes_with_the_setting_of_the_phone() -> None:
    """The message for HEIC says how to get JPEG from a phone."""
    assert describe_unsupported(ftyp(b"heic")) == (
        "HEIC: export it as JPEG, or set the phone's camera to JPEG (on an iPhone: Settings, "
        "Camera, Formats, Most Compatible)"
    )


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\0\x18ftyp", b"\0\0\0\0ftypheic", b"\xff" * 4 + b"ftyp"]
)
def test_short_and_strange_files_are_described(data: bytes) -> None:
    """A file that ends within its first box has a description, too."""
    assert describe_unsupported(data)


def test_supported_formats_are_known_by_their_start() -> None:
    """WebP needs two places, the others one; unknown bytes have no format."""
    assert supported_format(b"RIFF\0\0\0\0WEBPVP8 ") == "WEBP"
    assert supported_format(b"RIFF\0\0\0\0WAVEfmt ") is None
    assert supported_format(b"\x89PNG\r\n\x1a\n") == "PNG"
