"""Labels of models in the metrics, with spare ones for models that come later.

The counters are created before the processes are forked, so they cannot get a new name later.
"""

from collections.abc import Iterable

from app.inference.registry.shared_plan import SharedPlan

# Models that may come after the start and are counted under their own names.
SPARE = 16

# The label of further ones.
OTHER_MODEL = "other"


class ModelLabels:
    """Labels of models: the names at the start, spare labels, and ``other``.

    The shared plan has the names of all models in the order in which they came; the place of a name
    decides its label, in all processes.
    """

    def __init__(self, names: Iterable[str], plan: SharedPlan) -> None:
        self._plan = plan
        self._labels = [*names, *(f"spare {number}" for number in range(SPARE))]
        self._by_name = {name: name for name in names}

    @property
    def all(self) -> list[str]:
        """Return all labels."""
        return [*self._labels, OTHER_MODEL]

    def label(self, name: str) -> str:
        """Return the label of a model; one that is new takes the next spare label."""
        return self._by_name.get(name) or self._find(name)

    def names(self) -> dict[str, str]:
        """Return the name of the model of each label that is in use."""
        known = self._plan.read()[1].known
        return dict(zip(self._labels, known, strict=False)) | {OTHER_MODEL: OTHER_MODEL}

    def _find(self, name: str) -> str:
        for label, known in self.names().items():
            if known == name:
                self._by_name[name] = label
                return label
        return OTHER_MODEL
