"""The command ``data``: download and verify MNIST."""

import typer

from training.commands.arguments import Data
from training.commands.exit_codes import one_line_errors
from training.data.load import load_mnist
from training.data.mnist import data_directory


def data(data: Data = None) -> None:
    """Fetch MNIST where it is missing, and verify it."""
    with one_line_errors("interrupted: run the command again to fetch the missing files"):
        mnist = load_mnist(data)
        where = data_directory(data)
    typer.echo(f"{where}: {len(mnist.train_images):,} training and", nl=False)
    typer.echo(f" {len(mnist.test_images):,} test images, complete and verified")
