"""Statistics of two classifiers on the same pictures: exact McNemar test, Newcombe's interval."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

# Two-sided: the true difference lies in 95 of 100 such intervals.
CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True)
class Paired:
    """Paired counts of mistakes: of both versions, of the old or the new one alone, of neither."""

    both: int
    fixed: int
    broken: int
    neither: int

    @classmethod
    def of(cls, old: NDArray[np.bool_], new: NDArray[np.bool_]) -> "Paired":
        """Count pictures by whether the old and the new version are wrong on them, both (N,)."""
        pairs = (old & new, old & ~new, ~old & new, ~old & ~new)
        return cls(*(int(np.count_nonzero(pair)) for pair in pairs))

    @property
    def pictures(self) -> int:
        """The number of pictures."""
        return self.both + self.fixed + self.broken + self.neither

    @property
    def old(self) -> int:
        """The number of mistakes of the old version."""
        return self.both + self.fixed

    @property
    def new(self) -> int:
        """The number of mistakes of the new version."""
        return self.both + self.broken

    @property
    def p_value(self) -> float:
        """Exact one-sided McNemar test: probability of as many fixed ones if neither is better.

        Source: McNemar 1947; the binomial distribution with probability 1/2 of the pictures on
        which the versions differ.
        """
        differing = self.fixed + self.broken
        ways = sum(math.comb(differing, count) for count in range(self.fixed, differing + 1))
        return float(ways / 2**differing)

    @property
    def interval(self) -> tuple[float, float]:
        """Confidence interval of the old share of mistakes minus the new one, in -1..1.

        Source: Newcombe 1998, "Improved confidence intervals for the difference between binomial
        proportions based on paired data", method 10.
        """
        if not self.pictures:
            return -1.0, 1.0
        (old_down, old_up), (new_down, new_up) = self._reach(self.old), self._reach(self.new)
        difference, phi = (self.fixed - self.broken) / self.pictures, self._correlation()
        down = old_down**2 - 2 * phi * old_down * new_up + new_up**2
        up = old_up**2 - 2 * phi * old_up * new_down + new_down**2
        return difference - math.sqrt(max(down, 0)), difference + math.sqrt(max(up, 0))

    def _reach(self, count: int) -> tuple[float, float]:
        """Return how far Wilson's interval of a share reaches down and up from it."""
        low, high = wilson(count, self.pictures)
        return count / self.pictures - low, high - count / self.pictures

    def _correlation(self) -> float:
        """Return the phi coefficient, with the continuity correction of the source."""
        margins = self.old * self.new * (self.pictures - self.old) * (self.pictures - self.new)
        if not margins:
            return 0.0
        product = float(self.both * self.neither - self.fixed * self.broken)
        if product > 0:
            product = max(product - self.pictures / 2, 0)
        return product / math.sqrt(margins)


def wilson(count: int, total: int) -> tuple[float, float]:
    """Return Wilson's score interval of a share.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    square = _Z**2
    middle = (count + square / 2) / (total + square)
    spread = _Z * math.sqrt(count * (total - count) / total + square / 4) / (total + square)
    return max(0.0, middle - spread), min(1.0, middle + spread)
