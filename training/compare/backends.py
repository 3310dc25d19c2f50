"""What Keras runs on."""

import os
from importlib.util import find_spec

# From fast to slow for these networks on a CPU; torch takes ten times as long as jax.
BACKENDS = ("jax", "tensorflow", "torch")


def keras_backend() -> str | None:
    """Return KERAS_BACKEND, else the fastest backend that is installed; None if there is none."""
    installed = (name for name in BACKENDS if find_spec(name))
    return os.environ.get("KERAS_BACKEND") or next(installed, None)
