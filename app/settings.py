"""What can be set from outside, and how to describe it."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from model_core.weights import pretrained_dir

PREFIX = "DIGITS_"

# A progressive JPEG has about ten scans; decoding takes as long as all of them together.
MAX_SCANS = 32

# Pillow opens no larger image, whatever the setting.
MOST_PIXELS = 178_956_970

# Read by `python -m training`, not by the service.
FOREIGN = {"DIGITS_DATA"}


# Whose value is never shown, not even in an error.
_SECRETS = {"api_keys"}

# Shorter keys could be guessed.
_LEAST_KEY = 16


def _split(text: object) -> object:
    if not isinstance(text, str):
        return text
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _check_length(key: SecretStr) -> SecretStr:
    if len(key) < _LEAST_KEY:
        raise PydanticCustomError("short", f"keys of at least {_LEAST_KEY} characters")
    return key


_Key = Annotated[SecretStr, AfterValidator(_check_length)]
Keys = Annotated[tuple[_Key, ...], NoDecode, BeforeValidator(_split)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class SettingsError(Exception):
    """A setting has a value that it cannot have."""


class Settings(BaseSettings):
    """Every setting of the service, read from the variable DIGITS_ and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every one.")
    port: int = Field(8000, ge=0, le=65535, description="TCP port; 0 takes any free one.")
    weights_dir: Path = Field(
        default_factory=pretrained_dir,
        description="Directory of the weights files; each `NAME.safetensors` is served as `NAME`.",
    )
    default_model: str | None = Field(
        None,
        description="Model that answers when a request names none; if left out, `cnn`, or the only "
        "one in the directory.",
    )
    max_body_bytes: int = Field(
        20_000_000, ge=1024, description="Largest request body, in bytes; refused while it arrives."
    )
    max_total_body_bytes: int = Field(
        256_000_000,
        ge=1024,
        description="Most bytes of request bodies that arrive in pieces, of all requests together.",
    )
    max_header_bytes: int = Field(
        16_384, ge=256, description="Largest request header, in bytes; refused while it arrives."
    )
    receive_seconds: float = Field(
        30.0, gt=0, description="How long a header, and then a body, may take to arrive."
    )
    idle_seconds: int = Field(
        30, ge=1, description="How long a connection is kept after an answer, for a next request."
    )
    max_pixels: int = Field(
        25_000_000,
        ge=1,
        le=MOST_PIXELS,
        description="Largest image, in pixels, up to 178956970; refused before it is decoded.",
    )
    max_scans: int = Field(
        MAX_SCANS, ge=1, description="Most scans of a JPEG; each goes over the whole picture."
    )
    max_form_fields: int = Field(
        16, ge=0, description="Most fields of text beside the files of a form."
    )
    max_field_bytes: int = Field(65_536, ge=0, description="Largest of those fields, in bytes.")
    max_json_values: int = Field(
        16, ge=1, description="Most values in a JSON body; they take more memory than their text."
    )
    max_batch_images: int = Field(64, ge=1, description="Most images in one batch request.")
    max_concurrent: int = Field(
        64, ge=1, description="Most API requests at once in each process; more wait for their turn."
    )
    wait_seconds: float = Field(
        0.5, ge=0, description="How long one waits for its turn before it is answered 429."
    )
    api_keys: Keys = Field(
        (),
        description="Keys of at least 16 characters, separated by commas; if there are any, "
        "requests to `/v1/` need one.",
    )
    trusted_hosts: Names = Field(
        (),
        description="Host names that requests may be for, separated by commas, `*.name` for all "
        "below one; without any, all are answered.",
    )
    drain_seconds: float = Field(
        2.0,
        ge=0,
        description="After SIGTERM, how long requests are still taken while `/readyz` answers 503.",
    )
    grace_seconds: int = Field(
        10, ge=0, description="After that, how long requests under way may take to finish."
    )
    workers: int = Field(
        1, ge=1, description="Processes that share the port; one for each core is a good number."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severity that is logged: debug, info, warning or error."
    )
    access_log: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Share of the requests that have a line in the log; 5xx always have.",
    )


def load_settings() -> Settings:
    """Return the settings from the environment.

    Raises: SettingsError, in one line, naming the variables, what was expected and what came.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(map(_sentence, error.errors()))) from None


def unknown_variables() -> list[str]:
    """Return the DIGITS_* variables of the environment that no setting has: typing errors."""
    known = FOREIGN | {variable(name) for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def describe_settings() -> list[tuple[str, str, str]]:
    """Return variable, default and meaning of every setting, for --help and the README."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "the shipped weights" if field.default_factory else _shown(field.default)
        rows.append((variable(name), default, str(field.description)))
    return rows


def _shown(default: object) -> str:
    return "none" if default in ((), None) else str(default)


def _sentence(item: object) -> str:
    if not isinstance(item, dict):
        raise TypeError(item)
    name = str(item["loc"][0])
    message = str(item["msg"]).removeprefix("Input should be ")
    got = "one that is not shown" if name in _SECRETS else repr(item["input"])
    return f"{variable(name)}: expected {message}, got {got}"
