"""The settings of the service in the environment: limits of pictures, retention of feedback."""

from app.settings import Settings, SettingsError, load_settings
from training.errors import CorrectionsError


def service_settings() -> Settings:
    """Read the settings.

    Raises: CorrectionsError if one is invalid.
    """
    try:
        return load_settings()
    except SettingsError as error:
        raise CorrectionsError(str(error)) from None
