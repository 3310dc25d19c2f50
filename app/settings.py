"""Settings from environment variables, and their description."""

import os
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError

from app.feedback_settings import FeedbackSettings
from app.setting_types import AdminKey, CanaryShare, Hosts, Keys, ShadowShare
from app.setting_variables import (
    PREFIX,
    describe_errors,
    given_settings,
    setting_variables,
    variable,
)
from model_core.weights import pretrained_dir

# A usual progressive JPEG has about ten scans; the decoding time is proportional to their number.
MAX_SCANS = 32

# Pillow refuses larger images, whatever the setting: twice its MAX_IMAGE_PIXELS.
PILLOW_MAX_PIXELS = 178_956_970

# DIGITS_ variables of `python -m training`; the service does not read them.
TRAINING_VARIABLES = {"DIGITS_DATA"}

# Upper limits that keep the system's timers and limits within their range.
_DAY, _TERABYTE = 86_400, 10**12


class SettingsError(Exception):
    """A setting has an invalid value."""


class Settings(FeedbackSettings):
    """Settings of the service; ``load_settings`` reads each from DIGITS_ and its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        "127.0.0.1",
        description="IP address to listen on; 0.0.0.0 for all IPv4 addresses, :: for all addresses "
        "of IPv6 and IPv4.",
    )
    port: int = Field(
        8000,
        ge=0,
        le=65535,
        description="TCP port; 0 for any free port. Without it `PORT` counts, which hosting "
        "platforms set.",
    )
    grpc_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="TCP port of the Open Inference Protocol over gRPC, which is off without it; "
        "needs the extra `grpc`.",
    )
    weights_dir: Path = Field(
        default_factory=pretrained_dir,
        description="Model directory: `NAME/VERSION/model.safetensors`, or `NAME.safetensors`, is "
        "served as `NAME`.",
    )
    default_model: str | None = Field(
        None,
        description="Model of requests that name none; by default `cnn`, or the only model in the "
        "directory.",
    )
    canary: CanaryShare = Field(
        None,
        description="Version of a model that answers a share of the requests that name no version, "
        "as `MODEL:VERSION=SHARE`, for example `cnn:2=0.05`.",
    )
    shadow: ShadowShare = Field(
        None,
        description="Version of a model that also predicts a sample of its requests, to compare "
        "the answers in the metrics, as `MODEL:VERSION=SHARE`; the share is 0.1 by default.",
    )
    max_body_bytes: int = Field(
        20_000_000,
        ge=1024,
        description="Largest request body, in bytes; a larger one is refused while it arrives.",
    )
    max_total_body_bytes: int = Field(
        256_000_000,
        ge=1024,
        description="Largest size of all incomplete request bodies in memory together, in bytes.",
    )
    max_header_bytes: int = Field(
        16_384,
        ge=256,
        description="Largest request header, in bytes; a larger one is refused while it arrives.",
    )
    receive_seconds: float = Field(
        30.0,
        gt=0,
        le=_DAY,
        description="Time limit to receive a header, and again to receive a body.",
    )
    idle_seconds: int = Field(
        30,
        ge=1,
        le=_DAY,
        description="Keep-alive timeout: how long a connection stays open between two requests.",
    )
    max_pixels: int = Field(
        25_000_000,
        ge=1,
        le=PILLOW_MAX_PIXELS,
        description="Largest image, in pixels, up to 178956970; a larger one is refused before it "
        "is decoded. A large JPEG counts as it is decoded: a half to an eighth as wide and high.",
    )
    max_scans: int = Field(
        MAX_SCANS,
        ge=1,
        description="Largest number of scans in a JPEG; the decoding time is proportional to it.",
    )
    decode_seconds: float = Field(
        2.0,
        gt=0,
        le=_DAY,
        description="Limit of the processor time to decode and normalise an image in the decoder "
        "process, after which that process is replaced; a page of a sheet may take twice as long.",
    )
    decode_wait_seconds: float = Field(
        10.0,
        ge=0,
        le=_DAY,
        description="Longest wait for the decoder process; then the request is answered with 429.",
    )
    decode_bytes: int = Field(
        450_000_000,
        ge=50_000_000,
        le=_TERABYTE,
        description="Memory limit of the decoder process, in bytes, in addition to the memory that "
        "it shares with the server.",
    )
    max_form_fields: int = Field(16, ge=0, description="Largest number of text fields in a form.")
    max_field_bytes: int = Field(
        65_536, ge=0, description="Largest text field of a form, in bytes."
    )
    max_json_values: int = Field(
        16, ge=1, description="Largest number of values in the JSON of a `/v1` request."
    )
    max_json_tensor_values: int = Field(
        65_536, ge=1, description="Largest number of values in the JSON of a `/v2` request."
    )
    max_batch_images: int = Field(
        64, ge=1, description="Largest number of images in a batch request."
    )
    max_sheet_pages: int = Field(
        50, ge=1, description="Largest number of pages in a PDF or TIFF at `/v1/sheets`."
    )
    max_sheet_boxes: int = Field(
        5_000, ge=1, description="Largest number of boxes on all pages of a sheet."
    )
    layouts_dir: Path | None = Field(
        None, description="Directory of saved layouts for `/v1/sheets`: `NAME.json` is `NAME`."
    )
    max_concurrent: int = Field(
        64,
        ge=1,
        description="Concurrent prediction requests in each process; further ones wait in a queue.",
    )
    wait_seconds: float = Field(
        0.5,
        ge=0,
        le=_DAY,
        description="Longest wait in this queue; then the request is answered with 429.",
    )
    api_keys: Keys = Field(
        (),
        description="API keys of at least 16 characters, separated by commas; if any are set, all "
        "paths except the page, the documentation and the probes need one.",
    )
    admin_key: AdminKey = Field(
        None,
        description="Key of at least 16 characters for the paths that load and unload models; "
        "without it they answer 403.",
    )
    trusted_hosts: Hosts = Field(
        (),
        description="Accepted host names, separated by commas, `*.name` for all subdomains; by "
        "default all are accepted.",
    )
    drain_seconds: float = Field(
        2.0,
        ge=0,
        le=_DAY,
        description="After SIGTERM, how long new requests are still accepted while `/readyz` "
        "answers 503.",
    )
    grace_seconds: int = Field(
        10, ge=0, le=_DAY, description="After that, how long open requests may take to finish."
    )
    workers: int = Field(
        1, ge=1, description="Processes that share the port; one per core is a good choice."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest severity that is logged: debug, info, warning or error."
    )
    access_log: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Share of the requests that are logged, 0 to 1; responses with 5xx are always "
        "logged.",
    )


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises: SettingsError with one line: each invalid variable, its expected and its actual value.
    """
    try:
        return Settings(**given_settings(os.environ, Settings.model_fields))
    except ValidationError as error:
        names = setting_variables(os.environ, Settings.model_fields)
        raise SettingsError(describe_errors(error, names)) from None


def unknown_variables() -> list[str]:
    """Return the DIGITS_* environment variables that no setting has: typing errors."""
    known = TRAINING_VARIABLES | {variable(name) for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def describe_settings() -> list[tuple[str, str, str]]:
    """Return variable, default and description of every setting, for --help and the README."""
    rows, fields, last = [], Settings.model_fields, FeedbackSettings.model_fields
    for name in [*(name for name in fields if name not in last), *last]:
        field = fields[name]
        default = "the shipped weights" if field.default_factory else _shown(field.default)
        rows.append((variable(name), default, str(field.description)))
    return rows


def _shown(default: object) -> str:
    return "none" if default in ((), None) else str(default)
