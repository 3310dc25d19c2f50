"""Control points, curves, rings, and the writer's hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from training.data.handwriting.forms import FORMS
from training.data.handwriting.forms.one import plain
from training.data.handwriting.forms.zero import closed
from training.data.handwriting.hand import in_unit_square, write
from training.data.handwriting.rings import ring, super_ellipse
from training.data.handwriting.strokes import choose, smooth, straight, trace

ALL_FORMS = [
    pytest.param(form, id=f"{digit} {form.__name__}")
    for digit, forms in enumerate(FORMS)
    for _, form in forms
]


def test_a_smooth_curve_passes_through_its_control_points(rng: np.random.Generator) -> None:
    """Without jitter each control point is on the curve, which is longer than the chords."""
    stroke = smooth((0, 0), (0.5, 0.5), (1, 0), (0.5, 1))

    curve = trace(stroke, 0, rng)

    for point in stroke.points:
        assert np.linalg.norm(curve - point, axis=1).min() < 1e-9
    steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    assert steps.sum() > np.linalg.norm(np.diff(stroke.points, axis=0), axis=1).sum()
    assert steps.max() < 0.4  # no jumps


def test_straight_lines_keep_their_ends_and_lose_their_corners(rng: np.random.Generator) -> None:
    """The ends stay; the corner is cut, and every point lies within the corner's triangle."""
    stroke = straight((0, 0), (0, 1), (1, 1))

    line = trace(stroke, 0, rng)

    assert_allclose(line[[0, -1]], stroke.points[[0, -1]])
    assert np.linalg.norm(line - stroke.points[1], axis=1).min() > 0.01
    assert (line[:, 1] >= line[:, 0] - 1e-9).all()


def test_jitter_moves_control_points_as_far_as_it_says(rng: np.random.Generator) -> None:
    """The standard deviation is the jitter times the stroke's share of it."""
    stroke = smooth((0.2, 0.3), (0.5, 0.5), firm=0.5)
    moved = np.array([trace(stroke, 0.1, rng) - stroke.points for _ in range(2000)])

    assert_allclose(moved.std(), 0.05, rtol=0.05)


def test_a_super_ellipse_of_power_two_is_a_circle() -> None:
    """Other powers are flatter or fuller, with the same ends of the axes."""
    angles = np.linspace(0, 2 * np.pi, 17)

    assert_allclose(np.hypot(*super_ellipse(angles, 2.0)), 1)
    assert np.hypot(*super_ellipse(angles, 3.0)).max() > 1.1
    assert_allclose(super_ellipse(np.array([0.0]), 1.6), [[1], [0]], atol=1e-12)


def test_a_ring_turns_anticlockwise_and_shrinks_to_its_end(rng: np.random.Generator) -> None:
    """A quarter turn from the right ends at the top; the last radius is the share given."""
    quarter = ring(rng, radii=(0.5, 0.5), start=0, turn=np.pi / 2)
    assert_allclose(quarter.points[0], [1, 0.5], atol=0.06)
    assert_allclose(quarter.points[-1], [0.5, 0], atol=0.06)

    spiral = ring(rng, radii=(0.5, 0.5), start=0, turn=2 * np.pi, end_radius=0.5)
    assert_allclose(spiral.points[-1], [0.75, 0.5], atol=0.05)


@pytest.mark.parametrize("form", ALL_FORMS)
def test_each_form_is_about_as_high_as_the_unit_square(form, rng: np.random.Generator) -> None:  # type: ignore[no-untyped-def]
    """The control points of each form span the height, and not much more."""
    for _ in range(40):
        points = np.concatenate([stroke.points for stroke in form(rng)])
        low, high = points[:, 1].min(), points[:, 1].max()
        assert -0.3 <= low <= 0.3
        assert 0.8 <= high <= 1.3
        assert 0 < np.ptp(points[:, 0]) < 3.2 or form.__name__ == "plain"


def test_forms_are_chosen_by_their_frequencies(rng: np.random.Generator) -> None:
    """A form with three times the frequency is chosen three times as often."""
    first, second = plain, closed

    chosen = [choose(((0.75, first), (0.25, second)), rng) for _ in range(4000)]

    assert_allclose(chosen.count(first) / 4000, 0.75, atol=0.03)


@pytest.mark.parametrize("digit", range(10))
def test_written_digits_fill_the_unit_square_and_differ(
    digit: int, rng: np.random.Generator
) -> None:
    """The longer side is from 0 to 1; no two digits are the same."""
    drawn = [write(digit, rng) for _ in range(20)]

    for lines in drawn:
        points = np.concatenate(lines)
        assert_allclose(points.min(axis=0), 0, atol=1e-9)
        assert_allclose(points.max(), 1)
    assert len({np.concatenate(lines).tobytes() for lines in drawn}) == 20


def test_a_point_is_scaled_to_nothing() -> None:
    """A polyline without length does not divide by 0."""
    (line,) = in_unit_square([np.full((3, 2), 0.7)])

    assert_allclose(line, 0)
