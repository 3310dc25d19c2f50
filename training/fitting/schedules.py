"""Learning rate schedules, as a share of the peak learning rate."""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def constant(progress: float) -> float:  # noqa: ARG001 - a schedule like the others
    """Constant schedule: always 1.

    Units: ``progress`` is the share of all steps already made, 0 to 1.
    """
    return 1.0


def cosine(progress: float) -> float:
    """Cosine annealing from 1 to 0.

    Units: ``progress`` is the share of all steps already made, 0 to 1.
    Source: Loshchilov and Hutter 2017, "SGDR", equation 5, without restarts.
    """
    return _between(1.0, 0.0, progress)


def one_cycle(progress: float) -> float:
    """One-cycle schedule: a rise from 1/25 to 1 over 30 % of the run, then a fall to 1e-4.

    Units: ``progress`` is the share of all steps already made, 0 to 1.
    Source: Smith and Topin 2018, "Super-Convergence", with cosines instead of straight lines.
    """
    warm_up = 0.3
    if progress < warm_up:
        return _between(1 / 25, 1.0, progress / warm_up)
    return _between(1.0, 1e-4, (progress - warm_up) / (1 - warm_up))


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES: dict[str, Schedule] = {"constant": constant, "cosine": cosine, "one-cycle": one_cycle}
