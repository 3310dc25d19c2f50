"""docs/library.md: its examples run."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_examples_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All blocks of code, one after the other, as in one program."""
    page = (ROOT / "docs" / "library.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(ROOT)

    exec("\n".join(blocks), {})

    first, document, last = capsys.readouterr().out.splitlines()
    assert first == "2 accept"
    assert document.startswith('{"digit":2,')
    assert last == "[2, 2]"
    assert len(blocks) == 2
