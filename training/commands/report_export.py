"""The commands that show a weights file in another form: a page to read, a model to run."""

from pathlib import Path
from typing import Annotated

import typer

from model_core.weights import load_weights
from training.commands.application import Data, WeightsFile, plain_errors
from training.data.load import load_mnist

commands = typer.Typer()

# Each command imports what it needs itself: training should not wait for matplotlib and ONNX.


@commands.command()
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
    with plain_errors("interrupted"):
        from training.report.write import write_report

        pretrained = load_weights(file)
        directory = out or Path(f"{file.stem}-report")
        findings = write_report(directory, file.stem, pretrained, load_mnist(data))
    typer.echo(
        f"{findings.accuracy:.2%} right, {len(findings.mistakes):,} of {findings.images:,} test "
        f"images wrong, calibration error {findings.reliability.calibration_error:.2%}"
    )
    typer.echo(f"{directory / 'index.html'}: open it in a browser")


@commands.command()
def export(
    file: WeightsFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The ONNX file to write.")],
) -> None:
    """Write a model as ONNX: images (N, 14, 14) in 0..1 to probabilities (N, labels)."""
    with plain_errors(f"interrupted: {out} was not written"):
        from training.files import write_output
        from training.onnx_export import to_onnx

        pretrained = load_weights(file)
        content = to_onnx(pretrained).SerializeToString()
        write_output(out, content)
    digits = ", ".join(map(str, pretrained.card.labels))
    typer.echo(f"{out}: ONNX, {len(content):,} bytes, probabilities of the digits {digits}")
