"""The comparison as a command: run it, print the table, write the page."""

import json
import sys
from pathlib import Path

import typer
from rich.console import Console

from training.compare.comparison import Comparison, compare, epochs_of, notebook_images
from training.compare.page import check_directory, write_page
from training.compare.table import markdown, terminal_table
from training.data.load import load_mnist


def run_comparison(
    data: Path | None, *, repeat: int | None, out: Path | None, as_json: bool
) -> None:
    """Run the comparison, print the table, and with ``out`` write the page.

    Raises: RecipeError, OutputError or DataFileError before any work.
    """
    epochs = epochs_of(repeat)
    if out is not None:
        check_directory(out)
    train, test = notebook_images(load_mnist(data))
    console = Console(stderr=True)
    with console.status("starting") as status:  # shown on a terminal only
        comparison = compare(train, test, epochs=epochs, notice=status.update)
    _show(comparison)
    if out is not None:
        write_page(comparison, out)
    if as_json:
        typer.echo(json.dumps(comparison.as_json()))


def _show(comparison: Comparison) -> None:
    if sys.stdout.isatty():
        Console().print(terminal_table(comparison))
    else:
        typer.echo(markdown(comparison), nl=False)
