"""Ordered prediction of many pictures: in this process, in several, or by several requests."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from app.commands.exit_codes import CommandError
from app.commands.predict.local import LocalPredictor
from app.commands.predict.outcome import Outcome
from app.commands.predict.sources import Source
from app.commands.predict.task import Task

# Chunks for each job that are at work, or ready and wait for an earlier one.
_AHEAD = 2


def map_in_order(
    executor: Executor,
    predict: Callable[[list[Source]], list[Outcome]],
    chunks: Iterable[list[Source]],
    *,
    jobs: int,
) -> Iterator[Outcome]:
    """Yield the outcomes of all chunks in order; a bounded number of chunks is in memory."""
    waiting: deque[Future[list[Outcome]]] = deque()
    for chunk in chunks:
        waiting.append(executor.submit(predict, chunk))
        if len(waiting) >= _AHEAD * jobs:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def predict_in_processes(
    task: Task, chunks: Iterable[list[Source]], *, jobs: int
) -> Generator[Outcome, None, None]:
    """Yield the outcomes of all chunks, predicted in ``jobs`` processes.

    Forked processes have the model of this one, so that it is loaded one time.
    Raises: CommandError if the model cannot be loaded, or if a process ends before its work.
    """
    global _predictor
    _predictor = LocalPredictor(task)
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
    with ProcessPoolExecutor(jobs, context, _start_worker, (task,)) as executor:
        try:
            yield from map_in_order(executor, _predict, chunks, jobs=jobs)
        except BrokenProcessPool:
            raise CommandError(
                "jobs: expected processes that run to the end, got one less"
            ) from None
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


_predictor: LocalPredictor | None = None


def _start_worker(task: Task) -> None:
    """Prepare a new process, which ends with its parent, also if that is killed."""
    global _predictor
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets it, too, and ends the workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _predictor = _predictor or LocalPredictor(task)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _predict(chunk: list[Source]) -> list[Outcome]:
    if _predictor is None:
        raise TypeError("worker: expected to be started by _start_worker")
    return _predictor.predict(chunk)
