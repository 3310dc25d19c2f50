"""Library call: the service's prediction for a picture, without a server.

``digitserve.predict("picture.png").digit`` is the digit; see docs/library.md.
"""

from app.errors import AppError
from app.inference.registry.errors import RegistryError
from app.version import VERSION
from digitserve.model import Model, load, predict
from digitserve.pictures import Picture
from digitserve.prediction import Prediction

__version__: str = VERSION

__all__ = [
    "VERSION",
    "AppError",
    "Model",
    "Picture",
    "Prediction",
    "RegistryError",
    "load",
    "predict",
]
