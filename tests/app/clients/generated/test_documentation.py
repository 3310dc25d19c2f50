"""docs/clients.md: its examples are lines of the programs that the tests run."""

import re

import pytest

from tests.app.clients.generated.generators import FOLDER, ROOT

PAGE = (ROOT / "docs" / "clients.md").read_text()


@pytest.mark.parametrize(
    ("language", "program"),
    [("python", "python_client.py"), ("typescript", "typescript_client.ts")],
)
def test_every_line_is_in_the_program(language: str, program: str) -> None:
    """Apart from indentation and line breaks."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    code = "".join((FOLDER / program).read_text().split())

    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) > 3
    for line in lines:
        assert "".join(line.split()) in code, line
