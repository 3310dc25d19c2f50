"""Caller of the prediction service: whether it still waits for the answer."""

from typing import Protocol

from app.inference.types import Client


class Caller(Protocol):
    """Interface of the service's caller: whether it still waits for the prediction."""

    @property
    def is_disconnected(self) -> bool:
        """Return whether the caller has disconnected; read when its request is admitted."""
        ...


NO_CLIENT = Client()


class AbandonedError(Exception):
    """The caller disconnected before its request was admitted."""


def check_connected(caller: Caller | None) -> None:
    """Raise AbandonedError if the caller has disconnected."""
    if caller and caller.is_disconnected:
        raise AbandonedError
