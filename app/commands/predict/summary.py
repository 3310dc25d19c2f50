"""Summary of a run: counts of accepted, abstained and unreadable pictures."""

from collections import Counter
from time import perf_counter

from app.commands.exit_codes import SOME_UNREADABLE, SUCCESS
from app.commands.predict.outcome import UNREADABLE, Outcome, rows


class Summary:
    """Counts of a run; of sheets, boxes are counted in place of pictures.

    ``counts`` are those of the rows that runs before have written, ``resumed`` of their files.
    """

    def __init__(self, *, sheets: bool, counts: Counter[str], resumed: int) -> None:
        self._sheets = sheets
        self._counts = counts - Counter({"": counts[""]})
        self.resumed, self._files = resumed, 0
        self._began = perf_counter()

    def count(self, outcome: Outcome) -> None:
        """Count a picture, or all boxes of a sheet."""
        self._files += 1
        for row in rows(outcome):
            one = row.prediction
            self._counts[UNREADABLE if one is None else one["reason"] or one["decision"]] += 1

    @property
    def exit_code(self) -> int:
        """Return the exit code of the run."""
        return SOME_UNREADABLE if self._counts[UNREADABLE] else SUCCESS

    def text(self) -> str:
        """Return the summary in one line."""
        others = {"accept": self._counts["accept"], UNREADABLE: self._counts[UNREADABLE]}
        abstained = self._counts - Counter(others)
        reasons = ", ".join(f"{count} {reason}" for reason, count in abstained.most_common())
        seconds = perf_counter() - self._began
        total = self._counts.total()
        what = _number(total, "box", "boxes") if self._sheets else _number(total, "picture")
        return (
            f"{what}{self._origin()}: {others['accept']} accepted, "
            f"{abstained.total()} abstained{f' ({reasons})' if reasons else ''}, "
            f"{others[UNREADABLE]} unreadable; "
            f"{seconds:.1f} s, {self._files / max(seconds, 1e-9):.0f} files/s"
        )

    def _origin(self) -> str:
        sheets = f" of {_number(self._files + self.resumed, 'sheet')}" if self._sheets else ""
        before = f" ({_number(self.resumed, 'file')} of them before)" if self.resumed else ""
        return sheets + before


def _number(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun, which has an s for several unless ``many`` is given."""
    return f"{count} {one if count == 1 else many or one + 's'}"
