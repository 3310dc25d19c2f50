"""Characters that are no examples of "none of them"."""

import pytest

from training.data.typefaces.look_alikes import LOOK_ALIKES, is_look_alike

FIVE = (0, 1, 2, 3, 4)


@pytest.mark.parametrize("character", "OoØIl|()[]/ZzƷʒЧчΟіЗ")
def test_letters_with_the_form_of_a_digit_are_named(character: str) -> None:
    """Rings, bars, Z, ezh and Che look like digits."""
    assert is_look_alike(character, FIVE)


@pytest.mark.parametrize("character", "ÖĺžÍ𝐎ℤ")
def test_accents_and_styles_change_nothing(character: str) -> None:
    """A letter with accents, or in a mathematical style, counts as the letter."""
    assert is_look_alike(character, FIVE)


@pytest.mark.parametrize("character", "AKWxЖΨ&%")
def test_other_letters_look_like_no_digit(character: str) -> None:
    """Letters with a form of their own are examples."""
    assert not is_look_alike(character, FIVE)


def test_only_the_digits_to_tell_apart_count() -> None:
    """An S is a 5 for a model of ten digits, and a letter for a model of 0-4."""
    assert not is_look_alike("S", FIVE)
    assert is_look_alike("S", range(10))
    assert set(LOOK_ALIKES) == set(range(10))
