"""The command ``card``: print a model card."""

import typer

from model_core.weights import load_weights
from training.commands.arguments import WeightsFile
from training.commands.exit_codes import one_line_errors
from training.model_card import render_card


def card(file: WeightsFile) -> None:
    """Print the model card of a weights file, in Markdown."""
    with one_line_errors("interrupted"):
        pretrained = load_weights(file)
    typer.echo(render_card(file.stem, pretrained), nl=False)
