"""Everything that model_core raises on purpose.

ModelCoreError
├── ShapeError                    an array whose shape does not fit
├── BackwardError                 backward() without forward(training=True) before it
├── UnknownArchitectureError      a name that architectures.py does not know
├── AbstentionError               a temperature or a threshold that makes no sense
├── SelfTestError                 a model that no longer gives the answers it was saved with
└── WeightsFileError              anything wrong with a weights file; the message names the file
    ├── MissingWeightsFileError   it is not there, or cannot be read
    ├── CorruptWeightsFileError   truncated, or no weights file at all
    ├── WeightsDigestError        complete in form, but a byte differs from what was saved
    ├── FormatVersionError        written in a version of the format that this code does not know
    ├── WeightsMetadataError      a field of the model card is missing or of another type
    ├── WeightsArchitectureError  an architecture that this code does not know
    ├── TensorNamesError          a tensor is missing or one too many
    ├── TensorShapeError          a tensor of another shape than the architecture has
    ├── TensorDtypeError          a tensor that is not float32
    └── TensorValueError          a tensor with NaN or infinity in it
"""


class ModelCoreError(Exception):
    """Base of every error that model_core raises on purpose."""


class ShapeError(ModelCoreError):
    """An array has a shape that does not fit."""


class BackwardError(ModelCoreError):
    """backward() was called without forward(training=True) before it."""


class UnknownArchitectureError(ModelCoreError):
    """No architecture has this name."""


class AbstentionError(ModelCoreError):
    """A temperature or a threshold makes no sense."""


class SelfTestError(ModelCoreError):
    """A loaded model does not give the answers that were saved with it."""


class WeightsFileError(ModelCoreError):
    """Something is wrong with a weights file."""


class MissingWeightsFileError(WeightsFileError):
    """The weights file is not there or cannot be read."""


class CorruptWeightsFileError(WeightsFileError):
    """The file is truncated, or is not a weights file."""


class WeightsDigestError(WeightsFileError):
    """The content differs from what was saved."""


class FormatVersionError(WeightsFileError):
    """The file has a format version that this code does not read."""


class WeightsMetadataError(WeightsFileError):
    """A field of the model card is missing or has another type than expected."""


class WeightsArchitectureError(WeightsFileError):
    """The file names an architecture that this code does not know."""


class TensorNamesError(WeightsFileError):
    """A tensor of the architecture is missing, or the file has one too many."""


class TensorShapeError(WeightsFileError):
    """A tensor has another shape than the architecture."""


class TensorDtypeError(WeightsFileError):
    """A tensor is not float32."""


class TensorValueError(WeightsFileError):
    """A tensor contains NaN or infinity."""
