"""Memory limit: a lower one for a part of the work, in a process of its own."""

import subprocess
import sys

import pytest

CODE = """
from app.sheets.documents.memory import memory_limit
try:
    with memory_limit(50_000_000):
        bytearray(200_000_000)
except MemoryError:
    bytearray(200_000_000)
    print("limited")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_memory_is_limited_within_the_block_alone() -> None:
    """It is free again after it."""
    command = [sys.executable, "-c", CODE]

    assert subprocess.run(command, capture_output=True, text=True).stdout == "limited\n"
