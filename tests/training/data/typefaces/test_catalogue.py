"""The catalogue of typefaces."""

import pytest

from training.data.typefaces import catalogue


def test_a_glyph_has_ink() -> None:
    """A letter of every typeface has ink, and a space has none."""
    for face in (*catalogue.printed(), *catalogue.handwriting()):
        assert face.glyph("A").max() > 0.5
    assert catalogue.printed()[0].glyph(" ").sum() == 0


def test_scripts_have_letters_of_their_own() -> None:
    """Greek has Greek letters; Latin is not among the scripts."""
    scripts = catalogue.scripts()

    assert "Ψ" in scripts["GREEK"][0][1]
    assert "A" not in scripts["GREEK"][0][1]
    assert {"CYRILLIC", "HEBREW", "SIGN"} <= set(scripts)
    assert "LATIN" not in scripts


@pytest.mark.parametrize("script", ["DEVANAGARI", "THAI", "TAMIL", "ETHIOPIC"])
def test_scripts_of_the_extra(script: str) -> None:
    """The extra ``typefaces`` brings scripts that matplotlib lacks."""
    assert script in catalogue.scripts()
