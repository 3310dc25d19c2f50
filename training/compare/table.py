"""The comparison as a table, in Markdown and for a terminal."""

from itertools import groupby

from rich import box
from rich.table import Table

from training.compare.comparison import Comparison
from training.compare.measure import Row
from training.compare.workload import PUBLISHED, Published
from training.recipes import get_recipe

HEADS = ("work", "system", "accuracy", "s per epoch", "start-up, s", "ratio to ours")
NOTEBOOK = "results published in the notebook"


def groups(comparison: Comparison) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return the rows of each workload, the notebook's published figures last."""
    measured = groupby(comparison.rows, key=lambda row: row.work)
    result = [(work, [_cells(row) for row in rows]) for work, rows in measured]
    return [*result, (NOTEBOOK, [_published(figure) for figure in PUBLISHED])]


def _cells(row: Row) -> tuple[str, ...]:
    if row.accuracy is None:
        return (row.system, row.how, "", "", "")
    return (
        f"{row.system} ({row.how})",
        f"{row.accuracy:.4f}",
        f"{row.epoch_seconds:.3f}",
        f"{row.startup_seconds:.2f}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
    )


def _published(figure: Published) -> tuple[str, ...]:
    remark = f" ({figure.remark})" if figure.remark else ""
    name = f"{figure.work}, {figure.system}{remark}"
    return (name, f"{figure.accuracy:.4f}", "", "", "")


def caption(comparison: Comparison) -> str:
    """Return the caption: the training that every system did."""
    c, rate = comparison, get_recipe("dnn", "notebook").learning_rate
    epochs = "1 epoch (which compiles)" if c.epochs == 1 else f"{c.epochs} epochs"
    return (
        f"{c.train_images:,} training images of 14x14, SGD at {rate}, {epochs}, the same initial "
        f"weights and order of images; accuracy on {c.test_images:,} test images."
    )


def markdown(comparison: Comparison) -> str:
    """Render the table as Markdown below its caption."""
    lines = [
        "| " + " | ".join(HEADS) + " |",
        "|---|---|" + "--:|" * (len(HEADS) - 2),
    ]
    for work, rows in groups(comparison):
        lines += ["| " + " | ".join((work, *cells)) + " |" for cells in rows]
    return "\n".join([caption(comparison), "", *lines]) + "\n"


def terminal_table(comparison: Comparison) -> Table:
    """Render the table for a terminal, a section for each workload."""
    table = Table(box=box.SIMPLE, caption=caption(comparison))
    for number, head in enumerate(HEADS[1:]):
        table.add_column(head, justify="right" if number else "left")
    for work, rows in groups(comparison):
        table.add_row(f"[bold]{work}[/bold]")
        for name, *numbers in rows:
            table.add_row(f"  {name}", *numbers)
        table.add_section()
    return table
