"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Directory of the four MNIST files, gzipped or not; missing files are downloaded. "
        "Default: DIGITS_DATA, else the user's cache directory.",
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Make the last line of standard output one JSON object.")
]
WeightsFile = Annotated[Path, typer.Argument(metavar="FILE", help="A weights file.")]
