"""Corrections: the part held back, digest and counts."""

import numpy as np
import pytest

from training.corrections.corrections import Correction, Corrections


def rows(count: int, label: int = 3) -> list[Correction]:
    """Return random pictures with one label."""
    pixels = np.random.default_rng(label + 1).integers(1, 255, (count, 28, 28), np.uint8)
    return [Correction(str(number), picture, label) for number, picture in enumerate(pixels)]


def test_what_is_held_back_depends_on_the_picture_alone() -> None:
    """More pictures, in another order, hold back the same ones of those before."""
    all_rows = rows(400)
    few, more = Corrections.of_rows(all_rows[:100]), Corrections.of_rows(all_rows[::-1])

    trained, held_back = ({p.tobytes() for p in part.pictures} for part in few.split(0.25))
    later_trained, later = ({p.tobytes() for p in part.pictures} for part in more.split(0.25))

    assert held_back < later
    assert trained < later_trained
    assert not later & later_trained
    assert 70 < len(later) < 130
    assert len(later) + len(later_trained) == 400


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_the_share_is_that_of_the_recipe(share: float) -> None:
    """With 0 nothing is held back."""
    _, held_back = Corrections.of_rows(rows(300)).split(share)

    assert abs(len(held_back) - 300 * share) < 40


def test_the_digest_is_that_of_the_set() -> None:
    """The order does not matter; a label, a picture more or less does."""
    some = rows(5)
    changed = [*some[:4], Correction("4", some[4].picture, 2)]

    digests = [Corrections.of_rows(those).sha256 for those in (some, some[::-1], changed, some[:4])]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_the_counts_name_the_labels() -> None:
    """Labels are in the order of the digits, then none; missing labels are left out."""
    assert Corrections.of_rows([*rows(2, -1), *rows(3, 7)]).counts == {"7": 3, "none": 2}
