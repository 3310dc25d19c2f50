"""Writing the report to a directory: the page and its PNG files."""

from pathlib import Path

from model_core.weights import Pretrained
from training.data.mnist import Mnist
from training.files import make_directory, remove_output, write_output
from training.report.figures import FIGURES, Picture, draw_figures
from training.report.filters import first_filters
from training.report.findings import Findings, examine
from training.report.page import render_page
from training.report.png import sheet_png


def write_report(directory: Path, name: str, pretrained: Pretrained, mnist: Mnist) -> Findings:
    """Write index.html and the PNG files, each atomically, and return the findings.

    Pictures of an earlier report that this one does not have are removed.
    Raises: OutputError if the directory cannot be created or written.
    """
    make_directory(directory)
    findings = examine(pretrained, mnist)
    filters = first_filters(pretrained.classifier)
    pictures = draw_figures(pretrained, findings, filters)
    for file, content in _files(pictures, findings).items():
        if content is None:
            remove_output(directory / file)
        else:
            write_output(directory / file, content)
    page = render_page(name, pretrained, findings, pictures, filters)
    write_output(directory / "index.html", page.encode())
    return findings


def _files(pictures: dict[str, Picture], findings: Findings) -> dict[str, bytes | None]:
    """Return every PNG file that a report can have, by name; None for those to be removed."""
    files: dict[str, bytes | None] = {"mistakes.png": None}
    for name in FIGURES:
        picture = pictures.get(name)
        files[f"{name}.png"] = picture.light if picture else None
        files[f"{name}-dark.png"] = picture.dark if picture else None
    if findings.mistakes:
        files["mistakes.png"] = sheet_png([mistake.original for mistake in findings.mistakes])
    return files
