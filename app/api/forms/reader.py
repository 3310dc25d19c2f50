"""Reader of multipart/form-data bodies, in memory (the body limit bounds their size).

Starlette's form parser makes a temporary-file object with headers for each file; that takes longer
than the parsing itself.
"""

import re
from collections.abc import Set
from dataclasses import dataclass, field

from app.api.forms.parameters import header_parameters
from app.api.forms.parser import MultipartParser, form_error
from app.settings import Settings

# RFC 2046 allows 70 characters; some clients send more.
_MAX_BOUNDARY_LENGTH = 256

_HEADER_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*+([^\r\n]*+)")
_FOLDED_LINE = re.compile(rb"\r\n[ \t]+")

# Content-Transfer-Encoding values that leave the content as it is. RFC 7578, section 4.7, advises
# against the header.
_IDENTITY_ENCODINGS = {"", "7bit", "8bit", "binary"}


@dataclass(slots=True)
class Part:
    """One part of a form: a file or a text field; of most text fields only the size is kept."""

    name: str
    is_file: bool = False
    has_filename: bool = False  # a browser sends an empty one if no file was chosen
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0

    @property
    def is_unset(self) -> bool:
        """Return whether it is an empty file input: no file name and no content."""
        return self.is_file and not self.has_filename and not self.size

    @property
    def content(self) -> bytes:
        """Return the bytes of a file, or of a text field that is kept."""
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)


class FormReader:
    """Incremental reader of a multipart/form-data body.

    The form may have at most ``most`` files; the settings limit its text fields, of which those
    with a name in ``kept`` are kept.
    Raises: MalformedRequestError, from every method, if the body is not a complete form within the
    limits.
    Source: RFC 7578.
    """

    def __init__(
        self, content_type: str, *, most: int, settings: Settings, kept: Set[str] = frozenset()
    ) -> None:
        boundary = header_parameters(content_type).get("boundary")
        if not boundary:
            raise form_error("no boundary in Content-Type")
        if len(boundary) > _MAX_BOUNDARY_LENGTH:
            raise form_error(f"a boundary of more than {_MAX_BOUNDARY_LENGTH} characters")
        limits = (most, settings.max_form_fields, settings.max_field_bytes)
        self._parts = _PartCollector(*limits, kept)
        self._parser = MultipartParser(
            boundary.encode("latin-1"), self._parts.begin, self._parts.data
        )

    def feed(self, chunk: bytes) -> None:
        """Parse the next chunk of the body."""
        self._parser.feed(chunk)

    def parts(self) -> list[Part]:
        """Return the parts; call it after the last ``feed``."""
        if not self._parser.closed:
            raise form_error("a body cut off before its end")
        return self._parts.parts


class _PartCollector:
    """Receiver of the parser: collects the parts and checks the limits."""

    def __init__(self, most: int, most_fields: int, most_bytes: int, kept: Set[str]) -> None:
        self._kept = kept
        self.parts: list[Part] = []
        self._most, self._most_fields, self._most_bytes = most, most_fields, most_bytes
        self._files = 0

    def begin(self, header: bytes) -> None:
        """Begin a part."""
        part = _read_headers(header)
        self.parts.append(part)
        self._files += part.is_file
        if self._files > self._most:
            raise form_error(f"more files than {self._most}")
        if len(self.parts) - self._files > self._most_fields:
            raise form_error(f"more fields of text than {self._most_fields}")

    def data(self, content: bytes) -> None:
        """Add content to the part."""
        part = self.parts[-1]
        part.size += len(content)
        if part.is_file:
            part.chunks.append(content)
        elif part.size > self._most_bytes:
            raise form_error(f"a field of text of more than {self._most_bytes} bytes")
        elif part.name in self._kept:
            part.chunks.append(content)


def _read_headers(section: bytes) -> Part:
    """Return a part with the name and the kind that its headers say."""
    headers = _split_headers(section)
    disposition = header_parameters(headers.get("content-disposition", ""))
    if "name" not in disposition:
        raise form_error("a part without a name in its Content-Disposition")
    if headers.get("content-type", "").lower().startswith("multipart/"):
        raise form_error("a part that is itself a multipart body")
    encoding = headers.get("content-transfer-encoding", "").lower()
    if encoding not in _IDENTITY_ENCODINGS:
        raise form_error(f"a part with Content-Transfer-Encoding {encoding}")
    # The form filename* (RFC 5987) must not be sent in a form, but some clients do.
    names = [value for key, value in disposition.items() if key.partition("*")[0] == "filename"]
    return Part(disposition["name"], is_file=bool(names), has_filename=any(names))


def _split_headers(section: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in _FOLDED_LINE.sub(b" ", section).split(b"\r\n") if section else ():
        parsed = _HEADER_LINE.fullmatch(line)
        if not parsed:
            raise form_error("a part with a broken header")
        name = parsed[1].decode().lower()
        if name in headers and name.startswith("content-"):
            raise form_error(f"a part with two headers {name}")
        headers[name] = parsed[2].decode("utf-8", "replace").rstrip(" \t")
    return headers
