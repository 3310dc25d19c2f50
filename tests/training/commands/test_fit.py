"""What ``fit`` says before it trains."""

import pytest

from training.commands import fit_options
from training.data.typefaces import packages
from training.recipes import RecipeName, get_recipe


@pytest.mark.parametrize(("recipe", "said"), [("best", 1), ("notebook", 0)])
def test_missing_typefaces_are_named_once(
    recipe: RecipeName,
    said: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line on standard error names what is missing, if the recipe draws at all."""
    monkeypatch.setattr(packages, "missing", lambda: ["font-lato"])

    fit_options.say_what_is_missing(get_recipe("dnn", recipe))

    printed = capsys.readouterr()
    assert printed.err.count("\n") == printed.err.count("font-lato") == said
    assert not printed.out
