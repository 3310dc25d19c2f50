"""The command ``report``: write an HTML page about a model."""

from pathlib import Path
from typing import Annotated

import typer

from model_core.weights import load_weights
from training.commands.arguments import Data, WeightsFile
from training.commands.exit_codes import one_line_errors
from training.data.load import load_mnist


def report(
    file: WeightsFile,
    data: Data = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The directory to write into. Default: FILE's name with -report for its ending, "
            "in the current directory.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write an HTML page about a model: curves, confusions, calibration, filters, mistakes."""
    with one_line_errors("interrupted"):
        from training.report.write import write_report  # imports matplotlib and Jinja

        pretrained = load_weights(file)
        directory = out or Path(f"{file.stem}-report")
        findings = write_report(directory, file.stem, pretrained, load_mnist(data))
    typer.echo(
        f"{findings.accuracy:.2%} right, {len(findings.mistakes):,} of {findings.images:,} test "
        f"images wrong, calibration error {findings.reliability.calibration_error:.2%}"
    )
    typer.echo(f"{directory / 'index.html'}: open it in a browser")
