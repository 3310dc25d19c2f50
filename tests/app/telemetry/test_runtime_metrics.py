"""The metrics of processes and of Python, under prometheus_client's names."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from prometheus_client.core import Metric

from app.telemetry.runtime_metrics import runtime_metrics


@pytest.fixture
def other() -> Iterator[int]:
    """Return the id of another process, which runs."""
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
        yield process.pid
        process.communicate("\n")


def by_name(processes: list[int]) -> dict[str, Metric]:
    """Return the metrics of workers with these process ids."""
    return {one.name: one for one in runtime_metrics(processes)}


def test_every_worker_has_its_memory_and_processor_time(other: int) -> None:
    """A sample for each worker that runs, under its number; none for one that does not."""
    families = by_name([os.getpid(), 0, other])

    for name in ("process_resident_memory_bytes", "process_cpu_seconds", "process_open_fds"):
        family = families[name]
        assert [one.labels for one in family.samples] == [{"worker": "0"}, {"worker": "2"}]
        assert all(one.value >= 0 for one in family.samples)
        assert family.documentation.endswith(", of each worker process.")


def test_garbage_collection_is_that_of_the_worker_that_answers(other: int) -> None:
    """Python knows it for its own process alone; the label says which."""
    family = by_name([other, os.getpid()])["python_gc_collections"]

    assert {one.labels["worker"] for one in family.samples} == {"1"}
    assert {one.labels["generation"] for one in family.samples} == {"0", "1", "2"}
    assert family.documentation.endswith(", of the worker process that answers the scrape.")


def test_the_version_of_python_is_there() -> None:
    """It is the same for all workers."""
    [sample] = by_name([os.getpid()])["python_info"].samples

    assert sample.labels["version"] == sys.version.split()[0]


def test_a_process_that_has_ended_is_left_out() -> None:
    """A worker that has just died has no sample, and the scrape goes on."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    family = by_name([os.getpid(), ended.pid])["process_resident_memory_bytes"]

    assert [one.labels["worker"] for one in family.samples] == ["0"]
