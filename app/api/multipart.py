"""Parser of multipart/form-data bodies, in memory (the body limit bounds their size).

It uses the parser of python-multipart. Starlette's form parser, which also uses it, makes a
temporary-file object with headers for each file; that takes longer than the parsing itself.
"""

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.errors import MalformedRequestError
from app.settings import Settings


@dataclass(slots=True)
class Part:
    """One part of a form: a file or a text field."""

    name: str = ""
    is_file: bool = False
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0

    @property
    def content(self) -> bytes:
        """Return the bytes of the part."""
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)


class FormReader:
    """Incremental parser of a multipart/form-data body.

    The form may have at most ``most`` files; the settings limit its text fields.
    Raises: MalformedRequestError, from every method, if the body is not a complete form within the
    limits.
    """

    def __init__(self, content_type: str, *, most: int, settings: Settings) -> None:
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if boundary is None:
            raise _form_error("no boundary in Content-Type")
        self._collector = _PartCollector(most, settings.max_form_fields, settings.max_field_bytes)
        try:
            self._parser = MultipartParser(boundary, self._collector.callbacks())  # type: ignore[arg-type]
        except FormParserError:
            raise _form_error("a boundary that is too long") from None

    def feed(self, chunk: bytes) -> None:
        """Parse the next part of the body."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise _form_error("broken parts") from None

    def parts(self) -> list[Part]:
        """Return the parts; call it after the last ``feed``."""
        if not self._collector.closed:  # the parser reports no error for a body cut off
            raise _form_error("a body cut off before its end")
        return self._collector.parts


class _PartCollector:
    """Callbacks of the parser: collect the parts and check the limits."""

    def __init__(self, most: int, most_fields: int, most_bytes: int) -> None:
        self.parts: list[Part] = []
        self.closed = False
        self._most, self._most_fields, self._most_bytes = most, most_fields, most_bytes
        self._files = self._fields = 0
        self._field = self._value = self._disposition = b""

    def callbacks(self) -> dict[str, object]:
        """Return the callbacks by the parser's names for them."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _headers_finished(self) -> None:
        options = parse_options_header(self._disposition)[1]
        name = options.get(b"name")
        if name is None:
            raise _form_error("a part without a name in its Content-Disposition")
        part = Part(name.decode("utf-8", "replace"), b"filename" in options)
        self._files += part.is_file
        self._fields += not part.is_file
        if self._files > self._most:
            raise _form_error(f"more files than {self._most}")
        if self._fields > self._most_fields:
            raise _form_error(f"more fields of text than {self._most_fields}")
        self.parts.append(part)

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self.parts[-1]
        part.size += end - start
        if not part.is_file and part.size > self._most_bytes:
            raise _form_error(f"a field of text of more than {self._most_bytes} bytes")
        part.chunks.append(bytes(data[start:end]))

    def _end(self) -> None:
        self.closed = True


def _form_error(got: str) -> MalformedRequestError:
    return MalformedRequestError(f"form: expected multipart/form-data, got: {got}")
