"""Document in shared memory: numbers, sizes, and readers while another process writes."""

import os

import pytest

from app.inference.registry.errors import RegistryError
from app.inference.registry.shared_document import SharedDocument


def test_the_last_document_is_read() -> None:
    """Each document has the next number; before the first one it is empty."""
    shared = SharedDocument(100)
    before = shared.read()
    numbers = [shared.write(content) for content in (b"one", b"", b"x" * 100)]

    assert before == (0, b"")
    assert numbers == [1, 2, 3]
    assert shared.read() == (3, b"x" * 100)


def test_a_document_that_is_too_large_changes_nothing() -> None:
    """The error has both sizes."""
    shared = SharedDocument(10)
    shared.write(b"one")

    with pytest.raises(RegistryError, match="at most 10 bytes, got 11"):
        shared.write(bytes(11))

    assert shared.read() == (1, b"one")


def test_a_reader_never_sees_a_part() -> None:
    """While a process writes 20,000 documents, each one that is read is complete."""
    shared = SharedDocument(5000)
    shared.write(b"0" * 10)
    writer = os.fork()
    if writer == 0:
        for number in range(20_000):
            shared.write(bytes([48 + number % 10]) * (10 + number % 4000))
        os._exit(0)
    seen = 0
    while os.waitpid(writer, os.WNOHANG) == (0, 0):
        number, content = shared.read()
        assert len(set(content)) == 1
        seen = max(seen, number)

    assert 1 < shared.generation == 20_001
    assert seen > 1
