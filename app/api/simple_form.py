"""The plainest form, as browsers and programs send pictures: files in one field, and no text.

It is read by looking for its boundary; what else a form may be, or be broken by, is left to the
parser in ``app/api/multipart.py``, which takes ten times as long for a small picture.
"""

import re

_CONTENT_TYPE = re.compile(
    r'multipart/form-data; ?boundary=(?:"([^"\\]{1,70})"|([\w\'()+./:=?-]{1,70}))', re.ASCII
)
_HEADERS = re.compile(
    rb'Content-Disposition: form-data; name="(\w*)"; filename="[^"\\\r\n]*"\r\n'
    rb"(?:Content-(?:Type|Length): [^\r\n]*\r\n){0,3}\r\n",
    re.IGNORECASE,
)


def read_simple_form(
    body: bytes, content_type: str, field: str, *, most: int
) -> list[bytes] | None:
    """Return the files in a whole form of this kind, in the order sent; None for any other.

    There is at least one, all are in this field, and they are at most so many.
    Source: RFC 2046, section 5.1.1; RFC 7578.
    """
    kind = _CONTENT_TYPE.fullmatch(content_type)
    if not kind:
        return None
    delimiter = b"\r\n--" + (kind[1] or kind[2]).encode("latin-1")
    files: list[bytes] = []
    if not body.startswith(delimiter[2:]):  # before the first no line has to end
        return None
    place = len(delimiter) - 2
    while body.startswith(b"\r\n", place) and len(files) < most:
        headers = _HEADERS.match(body, place + 2)
        end = body.find(delimiter, headers.end()) if headers else -1
        if not headers or headers[1] != field.encode() or end < 0:
            return None
        files.append(body[headers.end() : end])
        place = end + len(delimiter)
    return files if files and body[place:] in (b"--", b"--\r\n") else None
