"""The command ``compare``: train the notebook's networks in several frameworks."""

from pathlib import Path
from typing import Annotated

import typer

from training.commands.arguments import Data, Json
from training.commands.exit_codes import one_line_errors


def compare(
    data: Data = None,
    repeat: Annotated[
        int | None,
        typer.Option(help="Epochs of each system. Default: the recipe's 10.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Directory for comparison.md and comparison.png. Default: only print.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train the notebook's networks in digitserve, PyTorch, Keras and JAX, and compare."""
    with one_line_errors("interrupted: nothing was written"):
        from training.compare.command import run_comparison  # imports matplotlib, the others don't

        run_comparison(data, repeat=repeat, out=out, as_json=as_json)
