"""Parameters of the headers Content-Type and Content-Disposition."""

import re

from app.api.forms.parser import form_error

# A form of many parts could have a long header in each; a file name can have some, too.
_MAX_SEMICOLONS = 100

# What follows a complete value: the next parameter, or the end of the header.
_END = r"(?=[ \t]*(?:;|\Z))"

# The second form of a quoted value is for clients that do not escape what is in a file name. It
# has no semicolon: else the end of each quote that is not closed would be searched for to the end.
_PARAMETER = re.compile(
    r";[ \t]*+([^\s=;]++)[ \t]*+=[ \t]*+"
    rf'(?:"((?:[^"\\]|\\.)*+)"{_END}|"([^;]*)"{_END}|([^;]*))',
    re.DOTALL,
)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


def header_parameters(header: str) -> dict[str, str]:
    """Return the parameters of a header by name in lower case; of equal names the first counts.

    Raises: MalformedRequestError for more than 100 semicolons.
    Source: RFC 9110, sections 5.6.4 and 5.6.6; blanks around "=" are accepted too.
    """
    if header.count(";") > _MAX_SEMICOLONS:
        raise form_error(f"a header with more than {_MAX_SEMICOLONS} semicolons")
    parameters: dict[str, str] = {}
    for name, quoted, unescaped, token in _PARAMETER.findall(header):
        value = _QUOTED_PAIR.sub(r"\1", quoted) or unescaped or token.strip(" \t")
        parameters.setdefault(name.lower(), value)
    return parameters
