"""Types of settings that are parsed from text: keys, host names, shares of versions."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError

# In characters; chosen so that a key cannot be guessed.
_MIN_KEY_LENGTH = 16

# A host name, all subdomains of one, or an IPv6 address in brackets; without scheme and port.
_HOST = re.compile(r"(?:\*\.)?(?:[\w-]+\.)*[\w-]+\.?|\[[0-9a-f:.]+\]", re.ASCII | re.IGNORECASE)

# URL of SQLite, with a path, or of PostgreSQL, in SQLAlchemy's form.
_DATABASE = re.compile(r"sqlite:///.+|postgresql(\+psycopg)?://.*")

# MODEL:VERSION=SHARE
_VERSION_SHARE = re.compile(r"([^:=]+):([A-Za-z0-9][A-Za-z0-9._-]*)(?:=([0-9.e-]+))?")


@dataclass(frozen=True, slots=True)
class VersionShare:
    """A version of a model, and a share of its requests, above 0 and at most 1."""

    model: str
    version: str
    share: float

    def __str__(self) -> str:
        return f"{self.model}:{self.version}={self.share:g}"


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


def _check_database(url: SecretStr) -> SecretStr:
    if not _DATABASE.fullmatch(url.get_secret_value()):
        raise PydanticCustomError("database", "sqlite:///PATH or postgresql://USER@HOST/NAME")
    return url


def _version_share(example: str, default: str | None = None) -> Callable[[object], object]:
    """Return the parser of MODEL:VERSION=SHARE; without a ``default``, the share is required."""

    def parse(text: object) -> object:
        if not isinstance(text, str):
            return text
        found = _VERSION_SHARE.fullmatch(text.strip())
        share = _share(found[3] or default) if found else None
        if found is None or share is None:
            raise PydanticCustomError("share", f"{example}, its share above 0 and at most 1")
        return VersionShare(found[1], found[2], share)

    return parse


def _share(text: str | None) -> float | None:
    """Return a share above 0 and at most 1, or None if the text is none."""
    try:
        share = float(text or "")
    except ValueError:
        return None
    return share if 0 < share <= 1 else None


_Key = Annotated[SecretStr, AfterValidator(_check_length)]
AdminKey = Annotated[_Key | None, BeforeValidator(lambda text: text or None)]
_Url = Annotated[SecretStr, AfterValidator(_check_database)]
DatabaseUrl = Annotated[_Url | None, BeforeValidator(lambda text: text or None)]
Keys = Annotated[tuple[_Key, ...], BeforeValidator(_split_at_commas)]
_Host = Annotated[str, AfterValidator(_check_host)]
Hosts = Annotated[tuple[_Host, ...], BeforeValidator(_split_at_commas)]
CanaryShare = Annotated[
    VersionShare | None,
    BeforeValidator(_version_share("MODEL:VERSION=SHARE like cnn:2=0.05")),
]
ShadowShare = Annotated[
    VersionShare | None,
    BeforeValidator(
        _version_share("MODEL:VERSION or MODEL:VERSION=SHARE like cnn:2=0.1", default="0.1")
    ),
]
