"""Fast path for simple multipart/form-data bodies: complete, files in one field, no text fields.

It splits the body at the boundary. All other forms, also invalid ones, are left to FormReader.
"""

import re

_CONTENT_TYPE = re.compile(
    r'multipart/form-data; ?boundary=(?:"([^"\\]{1,70})"|([\w\'()+./:=?-]{1,70}))', re.ASCII
)
_HEADERS = re.compile(
    rb'Content-Disposition: form-data; name="(\w*)"; filename="[^"\\\r\n]{1,1000}"\r\n'
    rb"(?:Content-Type: (?!\s*multipart/)[^\r\n]{0,1000}\r\n)?"
    rb"(?:Content-Length: \d*\r\n)?"
    rb"(?:Content-Transfer-Encoding: (?:binary|8bit)\r\n)?"
    rb"\r\n",
    re.IGNORECASE,
)


def read_simple_form(
    body: bytes, content_type: str, field: str, *, most: int
) -> list[bytes] | None:
    """Return the files of a simple form in the order sent, or None for any other body.

    The form has one to ``most`` files, all in the field ``field``.
    Source: RFC 2046, section 5.1.1; RFC 7578.
    """
    kind = _CONTENT_TYPE.fullmatch(content_type)
    if not kind:
        return None
    delimiter = b"\r\n--" + (kind[1] or kind[2]).encode("latin-1")
    files: list[bytes] = []
    if not body.startswith(delimiter[2:]):  # the first delimiter needs no CRLF before it
        return None
    place = len(delimiter) - 2
    while body.startswith(b"\r\n", place) and len(files) < most:
        headers = _HEADERS.match(body, place + 2)
        # The CRLF of the empty line may begin a delimiter: then the file is empty.
        end = body.find(delimiter, headers.end() - 2) if headers else -1
        if not headers or headers[1] != field.encode() or end < headers.end():
            return None
        files.append(body[headers.end() : end])
        place = end + len(delimiter)
    return files if files and body[place:] in (b"--", b"--\r\n") else None
