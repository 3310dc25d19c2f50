"""Choice of the Keras backend."""

import os
from importlib.util import find_spec

# From fast to slow for these networks on a CPU; torch takes ten times longer than jax.
BACKENDS = ("jax", "tensorflow", "torch")


def keras_backend() -> str | None:
    """Return the Keras backend: KERAS_BACKEND, else the fastest; None if it is not installed."""
    named = os.environ.get("KERAS_BACKEND")
    return next((name for name in ((named,) if named else BACKENDS) if find_spec(name)), None)
