"""The exceptions of model_core, as a tree.

ModelCoreError
├── ShapeError                    an array of the wrong shape
├── BackwardError                 backward() without forward(training=True) before it
├── GeneratorError                training a random layer without use_generator() before it
├── UnknownArchitectureError      an architecture name that is not registered
├── AbstentionError               a temperature or a threshold out of range
├── SelfTestError                 a loaded model that gives other answers than when it was saved
└── WeightsFileError              an invalid weights file; the message names the file
    ├── MissingWeightsFileError   missing or unreadable file
    ├── CorruptWeightsFileError   truncated, or not a weights file
    ├── WeightsDigestError        content that does not match its SHA-256
    ├── FormatVersionError        unsupported version of the format
    ├── WeightsMetadataError      a field of the model card is missing or of the wrong type
    ├── WeightsArchitectureError  an architecture that is not registered
    ├── TensorNamesError          a missing or an unexpected tensor
    ├── TensorShapeError          a tensor of another shape than the architecture's
    ├── TensorDtypeError          a tensor that is not float32
    └── TensorValueError          a tensor with NaN or infinity
"""


class ModelCoreError(Exception):
    """Base class of all exceptions of model_core."""


class ShapeError(ModelCoreError):
    """An array has the wrong shape."""


class BackwardError(ModelCoreError):
    """backward() was called without forward(training=True) before it."""


class GeneratorError(ModelCoreError):
    """A layer that draws random numbers was trained without use_generator() before it."""


class UnknownArchitectureError(ModelCoreError):
    """The architecture name is not registered."""


class AbstentionError(ModelCoreError):
    """A temperature or a threshold is out of range."""


class SelfTestError(ModelCoreError):
    """A loaded model gives other answers than those saved with it."""


class WeightsFileError(ModelCoreError):
    """Base class for everything that makes a weights file invalid."""


class MissingWeightsFileError(WeightsFileError):
    """The weights file is missing or unreadable."""


class CorruptWeightsFileError(WeightsFileError):
    """The file is truncated, or is not a weights file."""


class WeightsDigestError(WeightsFileError):
    """The content does not match its SHA-256."""


class FormatVersionError(WeightsFileError):
    """The file's format version is not supported."""


class WeightsMetadataError(WeightsFileError):
    """A field of the model card is missing or has the wrong type."""


class WeightsArchitectureError(WeightsFileError):
    """The file names an architecture that is not registered."""


class TensorNamesError(WeightsFileError):
    """A tensor of the architecture is missing, or the file has an unexpected one."""


class TensorShapeError(WeightsFileError):
    """A tensor has another shape than the architecture's."""


class TensorDtypeError(WeightsFileError):
    """A tensor is not float32."""


class TensorValueError(WeightsFileError):
    """A tensor contains NaN or infinity."""
