"""Forms of the digits 5 to 9."""

import numpy as np

from training.data.handwriting.rings import FULL_TURN, ring
from training.data.handwriting.strokes import Forms, Rng, Stroke, smooth, straight


def five_like_s(rng: Rng) -> list[Stroke]:
    """Draw a 5 in one stroke, like an S."""
    top = [
        (rng.uniform(0.6, 0.85), rng.uniform(0.0, 0.1)),
        (0.35, 0.02),
        (0.15, 0.15),
        (0.15, 0.36),
    ]
    return [smooth(*top, (0.35, 0.44), *_five_belly(rng))]


def five_with_bar(rng: Rng) -> list[Stroke]:
    """Draw a 5 whose bar is a stroke of its own, at some distance."""
    gap = rng.uniform(-0.04, 0.1)
    body = smooth((0.15, 0.05), (0.12, 0.42), (0.35, 0.37), *_five_belly(rng))
    bar = smooth(
        (0.15 + gap, rng.uniform(-0.03, 0.06)), (rng.uniform(0.55, 0.9), rng.normal(0, 0.05))
    )
    return [body, bar]


def angular_five(rng: Rng) -> list[Stroke]:
    """Draw a 5 of straight lines and an arch."""
    points = [(rng.uniform(0.55, 0.85), 0.0), (0.15, 0.02), (0.12, 0.42)]
    if rng.random() < 0.5:
        return [straight(*points, (0.6, 0.42), (0.62, 0.9), (0.05, 0.97))]
    return [straight(*points), smooth((0.12, 0.42), (0.35, 0.36), *_five_belly(rng))]


def _five_belly(rng: Rng) -> list[tuple[float, float]]:
    return [
        (0.64, 0.5),
        (0.7, 0.74),
        (0.45, 0.98),
        (rng.uniform(-0.05, 0.12), rng.uniform(0.85, 0.98)),
    ]


def open_six(rng: Rng) -> list[Stroke]:
    """Draw a slanting line that turns up to the right and ends before it meets itself."""
    at, reach = rng.uniform(0.5, 0.7), rng.uniform(0.55, 0.95)
    points = [(rng.uniform(0.35, 0.8), 0.0), (0.15, 0.45), (0.05, 0.8), (0.3, 1.0), (reach, 0.85)]
    points += [(reach, at), (reach - 0.25, at - 0.05), (rng.uniform(0.15, 0.4), at + 0.1)]
    return [smooth(*points)]


def six(rng: Rng) -> list[Stroke]:
    """Draw an arch into a ring, closed or open."""
    size, wide = rng.uniform(0.19, 0.3), rng.uniform(0.2, 0.34)
    start = np.pi - rng.uniform(0.0, 0.5)
    centre = (0.45, 1 - size)
    turn = rng.uniform(4.4, 6.6)
    loop = ring(rng, centre=centre, radii=(wide, size), start=start, turn=turn)
    x = rng.uniform(0.35, 0.75)
    arch = [(x, 0.0), (0.3 + 0.3 * (x - 0.35), rng.uniform(0.2, 0.32))]
    return [Stroke(np.concatenate([np.array(arch), loop.points]), firm=0.4)]


def seven(rng: Rng) -> list[Stroke]:
    """Draw a bar and a slanting stem, straight or bent; the bar is level, wavy or ticked."""
    bar = [(0.0, rng.uniform(-0.02, 0.1)), (rng.uniform(0.55, 0.8), 0.0)]
    if rng.random() < 0.3:  # a tick at the start
        bar = [(0.0, rng.uniform(0.12, 0.24)), (0.03, 0.02), *bar[1:]]
    foot = (rng.uniform(0.1, 0.5), 1.0)
    if rng.random() < 0.5:
        return [straight(*bar, foot)]
    corner = bar[-1]
    bend = (foot[0] + rng.uniform(0.0, 0.12), 0.5)
    return [straight(*bar) if len(bar) > 2 else smooth(*bar), smooth(corner, bend, foot)]


def hooked_seven(rng: Rng) -> list[Stroke]:
    """Draw a narrow 7 whose bar hangs down at its start, like a walking stick."""
    hang, wide = rng.uniform(0.15, 0.4), rng.uniform(0.15, 0.45)
    right = 0.1 + wide
    points = [(0.1 + rng.normal(0, 0.03), hang), (0.1, 0.05), (right, 0.02)]
    foot = (right - rng.uniform(-0.05, 0.2), 1.0)
    if rng.random() < 0.5:
        return [straight(*points, foot)]
    return [smooth(points[0], (0.12, 0.06), (0.1 + wide / 2, 0.0), (right, 0.1), foot)]


def crossed_seven(rng: Rng) -> list[Stroke]:
    """Draw a 7 with a bar through its stem."""
    at, tilt = rng.uniform(0.4, 0.72), rng.normal(0, 0.04)
    bar = smooth((rng.uniform(0.1, 0.25), at + tilt), (rng.uniform(0.6, 0.8), at - tilt))
    return [*seven(rng), bar]


def eight_in_one(rng: Rng) -> list[Stroke]:
    """Draw an 8 in one stroke, whose lines cross in the middle; some are open at the top."""
    wide, size = rng.uniform(0.18, 0.32), rng.uniform(0.2, 0.28)
    gap = rng.uniform(0.0, 0.16) if rng.random() < 0.5 else 0.0
    top = 2 * size
    points = [(0.5 + wide * 0.8, 0.1), (0.5, 0.0), (0.5 - wide, size), (0.5, top)]
    points += [(0.5 + wide * 1.1, (top + 1) / 2), (0.5, 1.0), (0.5 - wide * 1.1, (top + 1) / 2)]
    points += [(0.5, top), (0.5 + wide, size), (0.5 + wide * 0.8 + gap, 0.1 - gap / 2)]
    return [smooth(*points, firm=0.6)]


def eight_of_rings(rng: Rng) -> list[Stroke]:
    """Draw an 8 of two rings, one on top of the other, sometimes apart."""
    size = rng.uniform(0.2, 0.27)
    gap = rng.uniform(-0.03, 0.05)
    wide = rng.uniform(0.17, 0.3)
    lower = (1 - 2 * size - gap) / 2
    upper = ring(rng, centre=(0.5, size), radii=(wide, size), start=1.6, turn=FULL_TURN)
    below = ring(
        rng,
        centre=(0.5, 1 - lower),
        radii=(wide * 1.15, lower),
        start=rng.uniform(0, FULL_TURN),
        turn=FULL_TURN,
    )
    return [upper, below]


def nine(rng: Rng) -> list[Stroke]:
    """Draw a ring with a stem, straight or bent, or with a round hook like a g."""
    wide, size = rng.uniform(0.2, 0.32), rng.uniform(0.17, 0.28)
    start, turn = rng.uniform(0.0, 0.8), rng.uniform(4.9, 6.6)
    head = ring(rng, centre=(0.4, size), radii=(wide, size), start=start, turn=turn)
    x = 0.4 + wide
    draw = rng.random()
    if draw < 0.35:
        stem = [(x, rng.uniform(0.0, 0.2)), (x - 0.02, 0.5), (x - rng.uniform(0.0, 0.15), 1.0)]
    elif draw < 0.65:
        stem = [(x, size), (x - 0.03, 0.65), (0.35, 0.95), (0.2, 1.0)]
    else:
        end = rng.uniform(-0.1, 0.1)
        stem = [
            (x, size),
            (x, 0.72),
            (0.4, 1.0),
            (end + 0.08, 0.93),
            (end, rng.uniform(0.72, 0.88)),
        ]
    return [head, smooth(*stem, firm=0.5)]


def nine_like_three(rng: Rng) -> list[Stroke]:
    """Draw a 9 with a small curled head and a belly that ends in a long foot to the left."""
    size, right = rng.uniform(0.1, 0.2), rng.uniform(0.5, 0.7)
    head = ring(
        rng,
        centre=(right - size, 0.2),
        radii=(size, 0.17),
        start=rng.uniform(0, 1.2),
        turn=rng.uniform(5.5, 9.0),
        end_radius=rng.uniform(0.5, 1.0),
    )
    end = (rng.uniform(-0.3, 0.1), rng.uniform(0.88, 1.0))
    body = smooth(
        (right - rng.uniform(0.0, 0.1), rng.uniform(0.1, 0.4)),
        (right + rng.uniform(-0.05, 0.1), 0.65),
        (right - 0.2, 0.98),
        end,
    )
    return [head, body]


def straight_nine(rng: Rng) -> list[Stroke]:
    """Draw a small head, open or closed, on a straight slanting stem."""
    (head, _), foot = nine(rng), rng.uniform(0.0, 0.3)
    right = float(head.points[:, 0].max())
    return [
        head,
        smooth((right, rng.uniform(-0.02, 0.15)), (foot + 0.25, 0.6), (foot, 1.0), firm=0.5),
    ]


FIVES: Forms = ((0.4, five_like_s), (0.3, five_with_bar), (0.3, angular_five))
SIXES: Forms = ((0.8, six), (0.2, open_six))
SEVENS: Forms = ((0.45, seven), (0.37, crossed_seven), (0.18, hooked_seven))
EIGHTS: Forms = ((0.6, eight_in_one), (0.4, eight_of_rings))
NINES: Forms = ((0.58, nine), (0.22, straight_nine), (0.2, nine_like_three))
