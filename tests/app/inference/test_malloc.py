"""Malloc thresholds: small arrays are reused, large ones returned to the system."""

import subprocess
import sys

import pytest

_PROGRAM = """
import resource
import numpy as np
from app.inference.malloc import configure_malloc

configure_malloc()
for size in (1_800_000, 16_000_000):
    for number in range(23):
        if number == 3:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        np.ones(size, np.uint8)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts pages as Linux does")
def test_small_arrays_are_reused_and_large_ones_returned() -> None:
    """20 arrays of 1.8 MB cause few page faults, 20 of 16 MB many."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    small, large = map(int, done.stdout.split())

    assert small < 1_800_000 / 4096
    assert large > 1000


_KEEP = """
from app.inference.malloc import configure_malloc, keep_memory, trim_memory
from tests.support.memory import resident_bytes
import os, resource

def faults_of(passes):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(passes):
        bytearray(6_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

configure_malloc()
returned = faults_of(20)
keep_memory()
faults_of(1)
kept = faults_of(20)
before = resident_bytes(os.getpid())
trim_memory()
print(returned, kept, before - resident_bytes(os.getpid()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts page faults as Linux does")
def test_the_decoder_keeps_its_memory_until_it_trims_it() -> None:
    """Large arrays of one task use the same memory again; trim_memory() returns it."""
    done = subprocess.run([sys.executable, "-c", _KEEP], capture_output=True, text=True, check=True)
    returned, kept, trimmed = map(int, done.stdout.split())

    assert returned > 20 * 1000
    assert kept < 1000
    assert trimmed > 5_000_000


_TRIM = """
from app.inference.malloc import configure_malloc, trim_memory
from tests.support.memory import resident_bytes
import os

configure_malloc()
blocks = [bytes(100_000) for _ in range(1000)]
keep = blocks[::20]
del blocks
before = resident_bytes(os.getpid())
trim_memory()
print(before - resident_bytes(os.getpid()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux does")
def test_free_memory_between_used_blocks_is_given_back() -> None:
    """Of 100 MB in blocks, of which every twentieth is kept, most is given back."""
    done = subprocess.run([sys.executable, "-c", _TRIM], capture_output=True, text=True, check=True)

    assert int(done.stdout) > 50_000_000


_LOAD = """
from app.inference.malloc import map_large_arrays, trim_memory
from model_core.weights import load_weights, pretrained_dir
from tests.support.memory import resident_bytes
import os, sys

if sys.argv[1] == "mapped":
    map_large_arrays()
paths = sorted(pretrained_dir().glob("*.safetensors"))
load_weights(paths[0]).self_test()
trim_memory()
before = resident_bytes(os.getpid())
loaded = [load_weights(path) for path in paths]
trim_memory()
print(resident_bytes(os.getpid()) - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_weights_that_are_loaded_leave_no_free_memory_between_them() -> None:
    """With pages of their own, the weights of three models take less memory."""
    taken = []
    for how in ("mapped", "default"):
        command = [sys.executable, "-c", _LOAD, how]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        taken.append(int(done.stdout))

    assert taken[0] < 0.9 * taken[1], taken
