"""Errors and Ctrl-C as one line on standard error and an exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from model_core.errors import ModelCoreError
from training.errors import NotAcceptedError, TrainingError


@contextmanager
def one_line_errors(interrupted: str) -> Iterator[None]:
    """Report a user's error in one line with exit code 1, Ctrl-C by ``interrupted`` with 130.

    The exit code is 3 for a version that is not accepted.
    """
    try:
        yield
    except NotAcceptedError as error:
        typer.echo(f"not accepted: {error}; nothing was written", err=True)
        sys.exit(3)
    except (TrainingError, ModelCoreError) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo(interrupted, err=True)
        sys.exit(130)
