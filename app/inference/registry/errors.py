"""Error of the model directory."""


class RegistryError(Exception):
    """A model cannot be loaded; the message has one line and says what to do."""
