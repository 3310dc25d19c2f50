"""The command line application: all commands in the order of ``--help``."""

import typer

from training.commands.card import card
from training.commands.compare import compare
from training.commands.data import data
from training.commands.evaluate import evaluate
from training.commands.export import export
from training.commands.fit import fit
from training.commands.report import report

application = typer.Typer(
    help="Train digit classifiers on MNIST, evaluate them, fetch the data.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (fit, evaluate, data, card, compare, report, export):
    application.command()(command)
