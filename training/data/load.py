"""MNIST, wherever it is: found, or fetched first."""

from pathlib import Path

from training.data.mnist import Mnist, data_directory, missing_files, read_mnist


def load_mnist(argument: Path | None) -> Mnist:
    """Return the verified data set; files that are missing are fetched into its directory.

    ``argument`` is the directory, or None for the default of ``data_directory``.
    Raises: DataFileError for a file that is wrong; DownloadError if a missing one cannot be had.
    """
    directory = data_directory(argument)
    if missing := missing_files(directory):
        from training.data.download import fetch  # the HTTP client, which a run seldom needs

        fetch(missing, directory)
    return read_mnist(directory)
