"""The command ``export``: write a model as ONNX."""

from pathlib import Path
from typing import Annotated

import typer

from model_core.weights import load_weights
from training.commands.arguments import WeightsFile
from training.commands.exit_codes import one_line_errors
from training.files import write_output


def export(
    file: WeightsFile,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The ONNX file to write.")],
) -> None:
    """Write a model as ONNX: images (N, 14, 14) in 0..1 to probabilities (N, labels)."""
    with one_line_errors(f"interrupted: {out} was not written"):
        from training.onnx_export import to_onnx  # imports onnx, which no other command needs

        pretrained = load_weights(file)
        content = to_onnx(pretrained).SerializeToString()
        write_output(out, content)
    digits = ", ".join(map(str, pretrained.card.labels))
    typer.echo(f"{out}: ONNX, {len(content):,} bytes, probabilities of the digits {digits}")
