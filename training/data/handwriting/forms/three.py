"""Forms of the 3: round, with a flat top, with a loop in the middle, angular."""

from training.data.handwriting.strokes import Forms, Rng, Stroke, smooth, straight


def round_three(rng: Rng) -> list[Stroke]:
    """Draw two arches that meet in a corner or a bend."""
    waist = rng.uniform(0.22, 0.5)
    upper = [
        (rng.uniform(0.0, 0.15), rng.uniform(0.08, 0.25)),
        (0.35, 0.0),
        (0.62, 0.12),
        (0.58, 0.34),
    ]
    middle = (waist, rng.uniform(0.4, 0.5))
    if rng.random() < 0.5:  # a corner
        return [smooth(*upper, middle), smooth(middle, *_belly(rng))]
    return [smooth(*upper, middle, *_belly(rng))]


def flat_top(rng: Rng) -> list[Stroke]:
    """Draw a level line, a diagonal back to the middle, and an arch."""
    middle = (rng.uniform(0.22, 0.42), rng.uniform(0.36, 0.46))
    top = straight((rng.uniform(0.0, 0.15), rng.uniform(0.0, 0.06)), (0.68, 0.0), middle)
    return [top, smooth(middle, *_belly(rng))]


def looped_three(rng: Rng) -> list[Stroke]:
    """Draw a small loop between the two arches."""
    size = rng.uniform(0.05, 0.13)
    upper = [
        (rng.uniform(0.0, 0.15), rng.uniform(0.08, 0.22)),
        (0.35, 0.0),
        (0.6, 0.12),
        (0.5, 0.36),
    ]
    loop = [(0.34, 0.47), (0.3 - size, 0.44), (0.32 - size / 2, 0.44 - size), (0.42, 0.43)]
    return [smooth(*upper, *loop, *_belly(rng), firm=0.7)]


def angular_three(rng: Rng) -> list[Stroke]:
    """Draw a 3 of straight lines, like a mirrored E."""
    waist = rng.uniform(0.25, 0.5)
    points = [(0.05, 0.03), (0.6, 0.05), (waist, 0.45), (0.68, 0.62), (0.62, 0.92), (0.02, 0.97)]
    return [straight(*points)]


def _belly(rng: Rng) -> list[tuple[float, float]]:
    """Return the lower arch; some end in a hook."""
    end = [(0.3, 1.0), (rng.uniform(-0.1, 0.1), rng.uniform(0.8, 0.96))]
    if rng.random() < 0.15:
        end += [(end[1][0] + 0.05, end[1][1] - 0.12)]
    return [(0.6, 0.5), (0.72, 0.72), (0.58, 0.94), *end]


THREES: Forms = (
    (0.42, round_three),
    (0.28, flat_top),
    (0.18, looped_three),
    (0.12, angular_three),
)
