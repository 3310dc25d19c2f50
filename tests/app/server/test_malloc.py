"""Freed memory is kept where it is needed again at once, and given back where not."""

import subprocess
import sys

import pytest

_PROGRAM = """
import resource
import numpy as np
from app.server.malloc import configure_malloc

configure_malloc()
for size in (1_800_000, 16_000_000):
    for number in range(23):
        if number == 3:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        np.ones(size, np.uint8)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts pages as Linux does")
def test_the_arrays_of_a_pass_are_kept_and_those_of_a_large_picture_are_not() -> None:
    """In pages fetched from the system for 20 arrays of each size, the same one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    small, large = map(int, done.stdout.split())

    assert small < 1_800_000 / 4096
    assert large > 1000
