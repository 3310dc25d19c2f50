"""Types of settings that pydantic does not have: API keys and host names."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

# In characters; chosen so that a key cannot be guessed.
_MIN_KEY_LENGTH = 16

# A host name, all subdomains of one, or an IPv6 address in brackets; without scheme and port.
_HOST = re.compile(r"(?:\*\.)?(?:[\w-]+\.)*[\w-]+\.?|\[[0-9a-f:.]+\]", re.ASCII | re.IGNORECASE)


def _split_at_commas(text: object) -> object:
    if not isinstance(text, str):
        return text
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _check_length(key: SecretStr) -> SecretStr:
    if len(key) < _MIN_KEY_LENGTH:
        raise PydanticCustomError("short", f"keys of at least {_MIN_KEY_LENGTH} characters")
    return key


def _check_host(name: str) -> str:
    if not _HOST.fullmatch(name):
        raise PydanticCustomError("host", "names like digits.example, *.example or [::1]")
    return name


_Key = Annotated[SecretStr, AfterValidator(_check_length)]
AdminKey = Annotated[_Key | None, BeforeValidator(lambda text: text or None)]
Keys = Annotated[tuple[_Key, ...], NoDecode, BeforeValidator(_split_at_commas)]
_Host = Annotated[str, AfterValidator(_check_host)]
Hosts = Annotated[tuple[_Host, ...], NoDecode, BeforeValidator(_split_at_commas)]
