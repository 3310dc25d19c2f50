"""docs/command.md: commands, options and exit codes are those of the code."""

import re
import shlex
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from app.commands import exit_codes
from app.commands.arguments import parse_arguments

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "command.md").read_text()


def test_the_examples_are_valid_commands() -> None:
    """Each command in the block of examples is parsed without an error."""
    block = PAGE.partition("```sh\n")[2].partition("```")[0]

    for line in block.splitlines():
        words = shlex.split(line.partition("<")[0])
        assert parse_arguments(words[1:]).command == "predict", line


def test_every_option_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """The page has every option of predict."""
    with pytest.raises(SystemExit):
        parse_arguments(["predict", "--help"])
    options = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}

    assert len(options) == 9
    assert options <= set(re.findall(r"--[a-z]+", PAGE))


def test_every_exit_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """The page and --help have the same codes as the module."""
    codes = {value for value in vars(exit_codes).values() if isinstance(value, int)}
    with pytest.raises(SystemExit):
        parse_arguments(["predict", "--help"])
    helped = capsys.readouterr().out.partition("exit codes:")[2]

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)} == codes
    assert {int(code) for code in re.findall(r"^ *(\d+)  ", helped, re.MULTILINE)} == codes


def test_the_console_script_is_the_command() -> None:
    """`pip install .` installs the function that `python -m app` runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, _, function = project["scripts"]["digitserve"].partition(":")

    assert (module, function) == ("app.__main__", "main")
    assert callable(getattr(import_module(module), function))
