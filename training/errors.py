"""The exceptions of training, as a tree.

TrainingError
├── DataFileError       a missing, truncated or invalid MNIST file
├── DownloadError       no mirror has the file, or it cannot be stored
├── CorrectionsError    pictures of people's own, or a database of them, that cannot be used
├── StartError          weights to start from, or to compare with, that do not fit the run
├── RecipeError         a hyper-parameter out of bounds
├── ExportError         a layer without an operator in the other format
├── CheckpointError     a corrupt checkpoint, or one of another run
├── NonFiniteLossError  diverged training: the loss is NaN or infinite
├── NotAcceptedError    a version without proof that it is better than the old one
└── OutputError         a result that cannot be written
"""


class TrainingError(Exception):
    """Base class of all exceptions of training."""


class DataFileError(TrainingError):
    """An MNIST file is missing, truncated or invalid."""


class DownloadError(TrainingError):
    """No mirror has the file, or it cannot be stored."""


class CorrectionsError(TrainingError):
    """Labelled pictures cannot be used: unreadable, unknown labels, no pictures, no database."""


class StartError(TrainingError):
    """The weights to start from, or to compare with, do not fit the run."""


class RecipeError(TrainingError):
    """A hyper-parameter is out of bounds."""


class ExportError(TrainingError):
    """A model has a layer without an operator in the other format."""


class CheckpointError(TrainingError):
    """A checkpoint is corrupt, cannot be written, or belongs to another run."""


class NonFiniteLossError(TrainingError):
    """Training has diverged: the loss is NaN or infinite."""


class NotAcceptedError(TrainingError):
    """A trained version was not proved to be better than the old one."""


class OutputError(TrainingError):
    """A result cannot be written."""
