"""The report as one self-contained HTML page."""

import base64
from pathlib import Path

import jinja2

from model_core.weights import Pretrained
from training.report.figures import Picture
from training.report.filters import Filters
from training.report.findings import Findings
from training.report.png import digit_png
from training.report.theme import DARK, LIGHT


def render_page(
    name: str,
    pretrained: Pretrained,
    findings: Findings,
    pictures: dict[str, Picture],
    filters: Filters,
) -> str:
    """Render the HTML with embedded pictures."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "png": _data_url, "digit_png": digit_png}
    return environment.get_template("page.html.jinja").render(
        name=name,
        card=pretrained.card,
        sha256=pretrained.sha256,
        network=str(pretrained.classifier.network),
        parameters=pretrained.classifier.network.parameter_count(),
        findings=findings,
        pictures=pictures,
        filters=filters,
        themes={"light": LIGHT, "dark": DARK},
    )


def percent(share: float, decimals: int = 2) -> str:
    """Format a share in 0..1 in per cent; rounding never gives 0 % or 100 %."""
    least = 10.0 ** -(decimals + 2)
    if 0 < share < least / 2:
        return f"< {least:.{decimals}%}".replace("%", "\u00a0%")
    if 1 - least / 2 < share < 1:
        return f"> {1 - least:.{decimals}%}".replace("%", "\u00a0%")
    return f"{share:.{decimals}%}".replace("%", "\u00a0%")


def _data_url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
