"""Errors of the model directory and of changes to the models."""


class RegistryError(Exception):
    """A model cannot be loaded; the message has one line and says what to do."""


class PlanLockError(RegistryError):
    """Another process or thread changes the models at this time."""
