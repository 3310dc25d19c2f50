"""Prediction on a Ray cluster: chunks of pictures are spread over its nodes, in order."""

import logging
import pickle
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from app.commands.exit_codes import UNREACHABLE, CommandError
from app.commands.predict.local import LocalPredictor
from app.commands.predict.outcome import Outcome
from app.commands.predict.sources import Source, split
from app.commands.predict.task import Task

try:
    import ray
    import ray.data
except ImportError:
    message = "--ray: expected Ray, got no such package; install it: pip install 'ray[data]'"
    raise CommandError(message) from None

if TYPE_CHECKING:
    from ray.data import Dataset

# Chunks of one dataset: their names are in memory; the command can be stopped and continued after
# each outcome in any case.
_CHUNKS = 4096

# Chunks that a process gets together, so that Ray's work for each is small beside theirs: with 16,
# a picture took two thirds of the processor time that it took with 4. In a small folder fewer, so
# that each process has work.
_TOGETHER = 16


def predict_by_ray(
    task: Task, chunks: Iterable[list[Source]], *, address: str, jobs: int | None
) -> Generator[Outcome, None, None]:
    """Yield the outcomes of all chunks, predicted by ``jobs`` processes, one for each CPU if None.

    The nodes read the files themselves, so each picture has the same path on all of them. The
    chunks of a node that dies are predicted again by others.
    Raises: CommandError if the model cannot be loaded, or the cluster does not answer.
    """
    LocalPredictor(task).close()  # a wrong model has its error here, not in each process
    _connect(address)
    try:
        processes = jobs or int(ray.cluster_resources().get("CPU", 1))
        for part in split(chunks, _CHUNKS):
            for row in _dataset(task, part, processes).iter_rows():
                yield from pickle.loads(row["outcomes"])
    except ray.exceptions.RayError as error:
        raise CommandError(f"--ray {address}: {_first_line(error)}", UNREACHABLE) from None
    finally:
        ray.shutdown()


def _connect(address: str) -> None:
    """Connect to a cluster.

    Raises: CommandError if none answers.
    """
    logging.disable(logging.WARNING)
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        problem = f"--ray {address}: expected a cluster that answers, got: {_first_line(error)}"
        raise CommandError(problem, UNREACHABLE) from None
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.print_on_execution_start = False


def _dataset(task: Task, chunks: list[list[Source]], processes: int) -> "Dataset":
    """Return the dataset with a row for each chunk: its pickled outcomes."""
    rows = [{"sources": pickle.dumps(chunk)} for chunk in chunks]
    together = max(1, min(_TOGETHER, len(rows) // (2 * processes)))
    blocks = -(-len(rows) // together)
    most = min(processes, blocks)
    free = int(ray.available_resources().get("CPU", 0))
    least = max(1, min(most, free))  # others may use the cluster, too
    return ray.data.from_items(rows, override_num_blocks=blocks).map(
        ChunkPredictor,
        fn_constructor_args=(task,),
        compute=ray.data.ActorPoolStrategy(min_size=least, max_size=most),
        num_cpus=1,
        scheduling_strategy="SPREAD",
    )


class ChunkPredictor:
    """Predictor of chunks in a process of the cluster."""

    def __init__(self, task: Task) -> None:
        self._predictor = LocalPredictor(task)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the pickled outcomes of a chunk."""
        return {"outcomes": pickle.dumps(self._predictor.predict(pickle.loads(row["sources"])))}


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
