"""Loading MNIST, with a download of missing files."""

from pathlib import Path

from training.data.mnist import Mnist, data_directory, missing_files, read_mnist


def load_mnist(argument: Path | None) -> Mnist:
    """Return the verified data set; missing files are downloaded into its directory.

    ``argument`` is the directory, or None for the default of ``data_directory``.
    Raises: DataFileError for an invalid file; DownloadError if a missing one cannot be downloaded.
    """
    directory = data_directory(argument)
    if missing := missing_files(directory):
        from training.data.download import fetch  # imports the HTTP client, seldom needed

        fetch(missing, directory)
    return read_mnist(directory)
