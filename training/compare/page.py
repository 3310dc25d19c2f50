"""The comparison as a Markdown page with a bar chart."""

from pathlib import Path

from model_core.atomic_write import write_atomically
from training.compare.bar_chart import picture
from training.compare.comparison import Comparison
from training.compare.table import markdown
from training.errors import OutputError

PAGE, PICTURE = "comparison.md", "comparison.png"


def check_directory(directory: Path) -> None:
    """Raise OutputError unless the directory exists."""
    if not directory.is_dir():
        raise OutputError(f"--out {directory}: expected a directory, got none")


def write_page(comparison: Comparison, directory: Path) -> None:
    """Write the page and its chart, each atomically.

    Raises: OutputError if the directory cannot be written.
    """
    try:
        write_atomically(directory / PICTURE, picture(comparison))
        write_atomically(directory / PAGE, page(comparison).encode())
    except OSError as error:
        raise OutputError(f"--out {directory}: {error.strerror}") from None


def page(comparison: Comparison) -> str:
    """Render the page as Markdown."""
    facts = "".join(f"| {name} | {fact} |\n" for name, fact in comparison.machine.items())
    return f"""# Comparison with other frameworks

Made by `python -m training compare --repeat {comparison.epochs} --out DIR`. The systems take \
turns, an epoch each, in one process. Seconds per epoch are the median of the epochs after the \
first; start-up is the import in a new process, building the network, and what the first epoch \
takes longer than the median. A ratio above 1 is slower than digitserve.

{markdown(comparison)}
![Seconds per epoch of each system, as bars]({PICTURE})

| made | |
|---|---|
{facts}"""
