"""File signatures: the format of a file by its first bytes, for error messages."""

# Of each supported format, its start; WebP and the brands of ISO media files need a closer look.
_SUPPORTED = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
}

_UNSUPPORTED = {
    b"%PDF": "PDF",
    b"<svg": "SVG",
    b"<?xm": "XML or SVG",
    b"<htm": "HTML",
    b"<!DO": "HTML",
    b"PK\x03\x04": "ZIP",
    b"\x1f\x8b": "gzip",
    b"8BPS": "Photoshop",
    b"\x00\x00\x01\x00": "ICO",
    b"data": "a data URL (send those as JSON)",
}

# Brands of still pictures in ISO media files. HEIC is decoded by libheif and libde265, in whose
# parsers memory errors are found every few months; so it is refused, as is AVIF, in the same
# container.
# Source: ISO/IEC 23008-12, annex B; AV1 Image File Format, section 6.
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_HEIF_BRANDS |= {b"mif1", b"mif2", b"msf1"}

_AVIF = "AVIF: convert it to JPEG or PNG"
_HEIF = (
    "HEIC: export it as JPEG, or set the phone's camera to JPEG (on an iPhone: Settings, Camera, "
    "Formats, Most Compatible)"
)

# Largest number of brands that are read; files have two to six.
_MAX_BRANDS = 32


def supported_format(data: bytes) -> str | None:
    """Return the name of a file's format if it is supported, or None."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((name for start, name in _SUPPORTED.items() if data.startswith(start)), None)


def describe_unsupported(data: bytes) -> str:
    """Return what a file of another format is, and how to convert it if that is usual."""
    if data[4:8] == b"ftyp":
        return _describe_iso_media(data)
    found = next((name for start, name in _UNSUPPORTED.items() if data.startswith(start)), None)
    return found or f"bytes that begin with {data[:8].hex(' ')}"


def _describe_iso_media(data: bytes) -> str:
    """Return the kind of an ISO media file by its brands: the major one and the compatible ones."""
    end = min(int.from_bytes(data[:4]), len(data), 16 + 4 * _MAX_BRANDS)
    brands = {data[8:12], *(data[start : start + 4] for start in range(16, end, 4))}
    if brands & _AVIF_BRANDS:
        return _AVIF
    return _HEIF if brands & _HEIF_BRANDS else "a video or another ISO media file"
