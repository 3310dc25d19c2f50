"""Summary of a run: counts of accepted, abstained and unreadable pictures."""

from collections import Counter
from time import perf_counter

from app.commands.exit_codes import SUCCESS, UNREADABLE
from app.commands.predict.outcome import Outcome, rows


class Summary:
    """Counts of a run; of sheets, boxes are counted in place of pictures.

    ``resumed`` is the number of files that a run before has done.
    """

    def __init__(self, *, sheets: bool, resumed: int) -> None:
        self._what = "boxes" if sheets else "pictures"
        self.resumed = resumed
        self._accepted = self._unreadable = self._files = 0
        self._abstained: Counter[str] = Counter()
        self._began = perf_counter()

    def count(self, outcome: Outcome) -> None:
        """Count a picture, or all boxes of a sheet."""
        self._files += 1
        for row in rows(outcome):
            if row.prediction is None:
                self._unreadable += 1
            elif row.prediction["decision"] == "accept":
                self._accepted += 1
            else:
                self._abstained[row.prediction["reason"]] += 1

    @property
    def exit_code(self) -> int:
        """Return the exit code of the run."""
        return UNREADABLE if self._unreadable else SUCCESS

    def text(self) -> str:
        """Return the summary in one line."""
        abstained = self._abstained.total()
        total = self._accepted + abstained + self._unreadable
        reasons = ", ".join(f"{count} {reason}" for reason, count in self._abstained.most_common())
        files = f" of {self._files} sheets" if self._what == "boxes" else ""
        before = f", {self.resumed} files before" if self.resumed else ""
        seconds = perf_counter() - self._began
        return (
            f"{total} {self._what}{files}: {self._accepted} accepted, {abstained} abstained"
            f"{f' ({reasons})' if reasons else ''}, {self._unreadable} unreadable{before}; "
            f"{seconds:.1f} s, {self._files / max(seconds, 1e-9):.0f} files/s"
        )
