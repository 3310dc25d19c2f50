"""Document in memory that processes share: one writer at a time, readers without a lock."""

import mmap
import struct
import zlib

from app.inference.registry.errors import RegistryError

# The number of the last document; then two slots, each with the size and CRC-32 of its document.
_GENERATION = struct.Struct("<Q")
_SLOT = struct.Struct("<QQ")


class SharedDocument:
    """Document of at most ``max_bytes``, created before the processes are forked.

    Documents are numbered. A new one is written into the slot of the last but one, and then its
    number is set: a writer that dies in between leaves the old one. Only written pages take memory.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._slot_size = _SLOT.size + max_bytes
        self._memory = mmap.mmap(-1, _GENERATION.size + 2 * self._slot_size)

    @property
    def generation(self) -> int:
        """Return the number of the last document, 0 if there is none."""
        return int(_GENERATION.unpack_from(self._memory)[0])

    def read(self) -> tuple[int, bytes]:
        """Return the last document and its number."""
        while True:
            generation = self.generation
            start = self._start(generation)
            size, check = _SLOT.unpack_from(self._memory, start)
            content = self._memory[start + _SLOT.size : start + _SLOT.size + size]
            if generation == self.generation and zlib.crc32(content) == check:
                return generation, content

    def write(self, content: bytes) -> int:
        """Write a document and return its number.

        Raises: RegistryError if it is too large.
        """
        if len(content) > self._max_bytes:
            raise RegistryError(
                f"models: expected a plan of at most {self._max_bytes} bytes, got {len(content)}"
            )
        generation = self.generation + 1
        start = self._start(generation)
        _SLOT.pack_into(self._memory, start, len(content), zlib.crc32(content))
        self._memory[start + _SLOT.size : start + _SLOT.size + len(content)] = content
        _GENERATION.pack_into(self._memory, 0, generation)
        return generation

    def _start(self, generation: int) -> int:
        return _GENERATION.size + generation % 2 * self._slot_size
