"""Everything that training raises on purpose.

TrainingError
├── DataFileError    an MNIST file that is missing, cut off, or not what its name says
├── DownloadError    no mirror gave a file, or there is nowhere to put it
├── RecipeError      a hyper-parameter that makes no sense
├── ExportError      a model that the other format cannot express
├── CheckpointError  a checkpoint that is broken, in the way, or that of another run
├── NonFiniteLossError  training has diverged
└── OutputError      the result could not be written where it was wanted
"""


class TrainingError(Exception):
    """Base of every error that training raises on purpose."""


class DataFileError(TrainingError):
    """An MNIST file is missing, cut off, or not what its name says."""


class DownloadError(TrainingError):
    """No mirror gave a file, or there is nowhere to put it."""


class RecipeError(TrainingError):
    """A hyper-parameter makes no sense."""


class ExportError(TrainingError):
    """A model has a layer for which the other format has no twin here."""


class CheckpointError(TrainingError):
    """A checkpoint is broken, in the way, or that of another run."""


class NonFiniteLossError(TrainingError):
    """Training has diverged: the loss is no longer a number."""


class OutputError(TrainingError):
    """The result cannot be written where it is wanted."""
