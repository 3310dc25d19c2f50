"""Base class of the schemas of responses."""

from pydantic import BaseModel, ConfigDict


class ResponseDocument(BaseModel):
    """Schema of a response, for the OpenAPI document; its validator is built at the first use.

    Routes return bytes of their own, so that no start of the service needs the validators.
    """

    model_config = ConfigDict(defer_build=True)
