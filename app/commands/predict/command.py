"""Command ``digitserve predict``: from the arguments to the exit code."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

from tqdm import tqdm

from app.commands.exit_codes import SUCCESS, USAGE, CommandError
from app.commands.predict.csv_file import CsvFile
from app.commands.predict.outcome import Outcome
from app.commands.predict.sources import (
    PICTURES,
    SHEETS,
    Source,
    check_arguments,
    find_sources,
    split,
)
from app.commands.predict.summary import Summary
from app.commands.predict.task import Task
from app.commands.predict.writers import JsonLinesWriter, JsonWriter, TextWriter, Writer
from app.settings import Settings, SettingsError, load_settings

_REMOTE_JOBS = 4


def predict(options: argparse.Namespace) -> int:
    """Predict all pictures, write the outcomes in order, and return the exit code.

    Raises: CommandError if it cannot begin, or has to stop before the last picture.
    """
    task = _task(options)
    check_arguments(options.pictures)
    _keep_bytes_of_names()
    try:
        return _run(options, task)
    except BrokenPipeError:  # the reader of standard output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SUCCESS


def _run(options: argparse.Namespace, task: Task) -> int:
    endings = SHEETS if task.sheets else PICTURES
    table = CsvFile(options.csv, sheets=task.sheets) if options.csv else None
    writer = table or _writer(options)
    summary = Summary(
        sheets=task.sheets,
        counts=table.counts if table else Counter(),
        resumed=len(table.done) if table else 0,
    )
    sources = _Remaining(find_sources(options.pictures, endings), table)
    total = None
    if sys.stderr.isatty() and "-" not in options.pictures:
        total = sum(1 for _ in find_sources(options.pictures, endings))
    outcomes = _outcomes(task, sources, options)
    # Not shown if standard error is no terminal.
    bar = tqdm(total=total, initial=summary.resumed, unit=" files", disable=None, leave=False)
    with closing(outcomes), bar as progress:
        for outcome in outcomes:
            writer.write(outcome)
            summary.count(outcome)
            progress.update()
    writer.close()
    if not sources.found:
        raise CommandError(f"{' '.join(options.pictures)}: expected pictures, got none", USAGE)
    sys.stderr.write(f"{summary.text()}\n")
    return summary.exit_code


class _Remaining:
    """Pictures that the table does not have yet; ``found`` says whether there were any at all."""

    def __init__(self, sources: Iterable[Source], table: CsvFile | None) -> None:
        self._sources, self._table = sources, table
        self.found = False

    def __iter__(self) -> Iterator[Source]:
        for source in self._sources:
            self.found = True
            if self._table is None or not self._table.is_done(source.name):
                yield source


def _outcomes(
    task: Task, sources: Iterable[Source], options: argparse.Namespace
) -> Generator[Outcome, None, None]:
    """Yield the outcomes of all pictures, in order."""
    url, jobs = options.url, options.jobs or (_REMOTE_JOBS if options.url else 1)
    chunks = split(sources, task.chunk(0 if options.ray else jobs))
    if options.ray is not None:
        from app.commands.predict.by_ray import predict_by_ray

        yield from predict_by_ray(task, chunks, address=options.ray, jobs=options.jobs)
    elif url is not None:
        yield from _by_server(task, chunks, url=url, jobs=jobs)
    elif jobs == 1:
        from app.commands.predict.local import LocalPredictor

        with closing(LocalPredictor(task)) as predictor:
            for chunk in chunks:
                yield from predictor.predict(chunk)
    else:
        from app.commands.predict.workers import predict_in_processes

        yield from predict_in_processes(task, chunks, jobs=jobs)


def _by_server(
    task: Task, chunks: Iterable[list[Source]], *, url: str, jobs: int
) -> Generator[Outcome, None, None]:
    from app.commands.predict.remote import RemotePredictor
    from app.commands.predict.workers import map_in_order
    from app.commands.server import ServerConnection

    predictor = RemotePredictor(task, ServerConnection(url, connections=jobs))
    threads = ThreadPoolExecutor(jobs)
    try:
        yield from map_in_order(threads, predictor.predict, chunks, jobs=jobs)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        predictor.close()


def _task(options: argparse.Namespace) -> Task:
    try:
        settings: Settings = load_settings()
    except SettingsError as error:
        raise CommandError(str(error)) from None
    if options.layout and not options.sheets:
        raise CommandError("--layout: expected it with --sheets, got it alone", USAGE)
    name, version = options.model, None
    if name is not None and not name.endswith(".safetensors"):
        name, _, number = name.partition(":")
        version = number or None
    layout = options.layout
    with suppress(OSError):  # else it is the name of a saved layout
        layout = layout and Path(layout).read_text(encoding="utf-8")
    return Task(settings, name, version, options.sheets, layout)


def _writer(options: argparse.Namespace) -> Writer:
    if options.jsonl:
        return JsonLinesWriter()
    if options.json:
        [first, *others] = options.pictures
        return JsonWriter(single=not others and (first == "-" or os.path.isfile(first)))
    return TextWriter()


def _keep_bytes_of_names() -> None:
    """Let standard output write file names that are not UTF-8, as the system has them."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="surrogateescape")
